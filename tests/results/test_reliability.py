"""Reliability against its closed form, and caterpillar data against the modes."""

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentError
from reference_cases import fitted


def one_way(sizes, seed=1, tau=1.0):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(len(sizes)), sizes)
    y = tau * rng.normal(size=len(sizes))[g] + rng.normal(size=len(g))
    return nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})


@pytest.mark.parametrize("sizes", [[5] * 10, list(range(2, 14))])
def test_closed_form_of_random_intercepts(sizes):
    fit = one_way(sizes)
    tau2, sigma2 = fit.varcorr["vcov"]
    expected = tau2 / (tau2 + sigma2 / np.array(sizes))
    found = fit.reliability()
    np.testing.assert_allclose(found.clusters["reliability"], expected, rtol=1e-10)
    assert found.clusters["rows"].tolist() == sizes
    assert found.table["reliability"][0] == pytest.approx(expected.mean(), rel=1e-10)
    assert found.table["variance"][0] == pytest.approx(tau2, rel=1e-12)


def test_shrinkage_is_the_reliability():
    """The mode is the reliability times the mean residual of the cluster."""
    fit = one_way(list(range(2, 14)))
    means = [
        (fit.matrices.response[fit.matrices.random[0].codes == j] - fit.fixef.iloc[0]).mean()
        for j in range(12)
    ]
    np.testing.assert_allclose(
        fit.ranef()["g"].iloc[:, 0], fit.reliability().clusters["reliability"] * means, rtol=1e-9
    )


def test_zero_variance():
    fit = one_way([4] * 12, seed=4, tau=0.0)
    assert fit.is_singular
    assert fit.reliability().table["reliability"].tolist() == [0.0]


def test_every_factor_and_effect():
    found = fitted("sleepstudy_slope").reliability()
    assert found.table["effect"].tolist() == ["(Intercept)", "Days"]
    assert found.table["reliability"].between(0, 1).all()
    assert len(found.clusters) == 36
    crossed = fitted("Penicillin").reliability()
    assert crossed.table["group"].tolist() == ["plate", "sample"]
    assert str(crossed).splitlines()[0].split() == list(crossed.table)
    assert "<table" in crossed._repr_html_()


def test_caterpillar_data():
    fit = fitted("sleepstudy_slope")
    data = fit.caterpillar_data(level=0.9)
    modes = fit.ranef(cond_var=True)["Subject"]
    assert list(data) == ["group", "level", "effect", "mode", "sd", "lower", "upper", "ordered"]
    for k, effect in enumerate(modes.columns):
        part = data[data["effect"] == effect].set_index("level")
        assert part["mode"].is_monotonic_increasing
        assert part["ordered"].tolist() == list(range(1, 19))
        np.testing.assert_array_equal(part["mode"].reindex(modes.index), modes[effect])
        sd = np.sqrt(modes.attrs["cond_var"][:, k, k])
        np.testing.assert_allclose(part["sd"].reindex(modes.index), sd, rtol=1e-12)
        np.testing.assert_allclose(
            part["upper"] - part["lower"], 2 * 1.6448536269514722 * part["sd"]
        )
    assert set(fitted("Penicillin").caterpillar_data("plate")["group"]) == {"plate"}
    with pytest.raises(ArgumentError, match="Subject"):
        fit.caterpillar_data("Subjec")
