import warnings

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError, NestlingWarning
from reference_cases import fitted, names


def _verdicts(fit, **options):
    return fit.check(**options).table["verdict"].to_dict()


def _frame(seed, J=30, m=10):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(J), m)
    x = rng.normal(size=J * m)
    data = {"g": g, "x": x, "u": rng.normal(size=J)[g], "e": rng.normal(size=J * m)}
    data["y"] = 1 + x + data["u"] + data["e"]
    return data


def test_a_model_that_holds_is_fine():
    found = nl.lmer("y ~ x + (1 | g)", _frame(1)).check()
    expected = ["Convergence", "Singularity", "Equal spread by g", "Equal spread by fitted value"]
    expected += ["Normal residuals", "Normal (Intercept) by g", "Influence by g"]
    assert list(found.table.index) == expected
    assert (found.table["verdict"] == "fine").all()
    assert found.fine
    assert str(found).endswith("Nothing stands out.")
    assert found.influence[0].group == "g"


def _unequal(data):
    data["y"] = data["y"] + 3 * data["e"] * (data["g"] % 3 == 0)


def _growing(data):
    # clusters far apart: the fitted values differ, and the noise with them
    mean = 20 + 4 * data["u"]
    data["y"] = mean + 0.02 * mean**2 * data["e"]


def _heavy(data):
    data["y"] = data["y"] + np.where(np.arange(300) % 60 == 7, 8.0, 0.0)


def _odd_cluster(data):
    data["y"] = data["y"] + np.where(data["g"] == 4, 25.0, 0.0)


def _one_slope(data):
    data["y"] = data["y"] + np.where(data["g"] == 4, 6.0 * data["x"], 0.0)


def _twins(data):
    data["z"] = data["x"] + 0.1 * data["e"][::-1]


WRONG = [
    (_unequal, "y ~ x + (1 | g)", "Equal spread by g", "spread more in some levels"),
    (_growing, "y ~ x + (1 | g)", "Equal spread by fitted value", "more where fitted values are"),
    (_heavy, "y ~ x + (1 | g)", "Normal residuals", "Residuals are not normal"),
    (_odd_cluster, "y ~ x + (1 | g)", "Normal (Intercept) by g", "Effects are not normal"),
    (
        _one_slope,
        "y ~ x + (1 | g)",
        "Influence by g",
        "4 disagrees with the others about the fixed effects",
    ),
    (_twins, "y ~ x + z + (1 | g)", "Collinearity", "x, z: the variances of these"),
]


@pytest.mark.parametrize(("spoil", "formula", "topic", "words"), WRONG)
def test_what_is_wrong_is_found(spoil, formula, topic, words):
    data = _frame(2)
    spoil(data)
    found = nl.lmer(formula, data).check()
    row = found.table.loc[topic]
    assert row["verdict"] in {"look", "problem"}
    assert words in row["says"]
    assert not found.fine
    assert topic in str(found).split("\n\n")[-1].replace("\n", " ")


def test_singular_fits_are_said():
    found = fitted("Dyestuff2_reml").check()
    assert found.table.loc["Singularity", "verdict"] == "look"
    assert "the variance of (Intercept) by Batch is zero" in found.table.loc["Singularity", "says"]
    assert found.table.loc["Normal (Intercept) by Batch", "verdict"] == "not tested"
    assert found.table.loc["Equal spread by fitted value", "verdict"] == "not tested"
    found = fitted("contr_factor_slope").check(influence=False)
    assert "the correlation Atrt1.(Intercept) by g is -1" in found.table.loc["Singularity", "says"]


def test_dropped_columns_are_said():
    found = fitted("rankdef_x").check(influence=False)
    assert found.table.loc["Rank of X", "says"].startswith(
        "X has less than full rank: x_copy repeats what other columns say and was dropped."
    )


def test_two_clusters_are_said():
    rng = np.random.default_rng(1)
    g = np.repeat([0, 1], 10)
    fit = nl.lmer("y ~ 1 + (1 | g)", {"y": rng.normal(size=20) + 4 * g, "g": g})
    row = fit.check().table.loc["Influence by g"]
    assert row["verdict"] == "not tested"
    assert row["says"] == "Nothing can be left out: fewer than two levels of g are left."


def test_what_rests_on_one_cluster_is_a_problem():
    data = _frame(5)
    data["only"] = np.where(data["g"] == 5, data["x"], 0.0)
    row = nl.lmer("y ~ x + only + (1 | g)", data).check().table.loc["Influence by g"]
    assert row["verdict"] == "problem"
    assert "Without 5: nothing is left to estimate only from." in row["says"]


def test_many_levels_are_not_left_out_one_by_one():
    found = fitted("manylevels").check()
    assert found.table.loc["Influence by g", "verdict"] == "not tested"
    assert found.influence == ()


@pytest.mark.parametrize("name", names("lmer", "hatvalues"))
def test_every_model_can_be_checked(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        found = fitted(name).check(influence=False)
    assert set(found.table["verdict"]) <= {"fine", "look", "problem", "not tested"}
    assert max(map(len, str(found).splitlines())) <= 80 + len(found.formula)
    assert found._repr_html_().count("<tr>") == len(found.findings) + 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"influence": "g"}, ArgumentTypeError, "True or False"),
        ({"alpha": 5}, ArgumentError, "between 0 and 1"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        fitted("Dyestuff_reml").check(**arguments)
