"""Information criteria: AICc, and the conditional AIC by finite differences."""

import numpy as np
import pytest
from tests.reference_cases import fitted, frame

import nestling as nl
from nestling.errors import ArgumentError
from nestling.results.information import hat_trace, variance_penalty


def test_aicc() -> None:
    fit = fitted("Dyestuff_reml")
    # Hurvich and Tsai: 2k(k+1)/(n-k-1) = 24/26
    assert fit.aicc - fit.aic == pytest.approx(24 / 26, rel=1e-12)


def test_aicc_is_infinite_without_rows_to_spare() -> None:
    data = {"y": [1.0, 2.0, 4.0, 3.5], "g": ["a", "a", "b", "b"]}
    assert nl.lmer("y ~ 1 + (1 | g)", data).aicc == np.inf


CASES = ["Dyestuff_reml", "Dyestuff_ml", "Machines_unbalanced", "unbal_weights_offset", "cake_temp"]


def trace(fit: nl.LmerFit, rows: np.ndarray, step: float) -> np.ndarray:
    """Return d fitted_i / d y_i by central differences of whole refits."""
    y = fit.matrices.response
    found = []
    for i in rows:
        ends = []
        for sign in (1, -1):
            moved = y.copy()
            moved[i] += sign * step
            ends.append(fit.refit(moved).fitted[i])
        found.append((ends[0] - ends[1]) / (2 * step))
    return np.array(found)


@pytest.mark.parametrize("name", ["Dyestuff_reml", "Dyestuff_ml", "Machines_unbalanced"])
def test_degrees_of_freedom_are_the_derivative_of_the_fitted_values(name: str) -> None:
    fit = fitted(name)
    found = trace(fit, np.arange(fit.nobs), 1e-3 * fit.sigma).sum()
    # central differences of optima: truncation 1e-6, convergence below it
    assert hat_trace(fit) + variance_penalty(fit) == pytest.approx(found, rel=2e-6)
    assert fit.caic().df == pytest.approx(found + 1, rel=2e-6)


@pytest.mark.parametrize("formula", ["y ~ x + (1 + x | g)", "y ~ x + (1 | g) + (1 | h)"])
@pytest.mark.parametrize("reml", [True, False])
def test_slopes_weights_and_crossed_factors(formula: str, reml: bool) -> None:
    rng = np.random.default_rng(3)
    g, h, x = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8), rng.normal(size=48)
    w = rng.uniform(0.5, 2, 48)
    y = x + rng.normal(size=8)[g] + 3 * rng.normal(size=8)[g] * x + rng.normal(size=6)[h]
    y += rng.normal(size=48) / np.sqrt(w)
    fit = nl.lmer(formula, {"y": y, "x": x, "g": g, "h": h, "w": w}, reml=reml, weights="w")
    found = trace(fit, np.arange(48), 1e-3).sum()
    assert hat_trace(fit) + variance_penalty(fit) == pytest.approx(found, rel=2e-6)


@pytest.mark.parametrize("name", CASES)
def test_hat_trace_is_the_sum_of_leverages(name: str) -> None:
    fit = fitted(name)
    assert hat_trace(fit) == pytest.approx(fit.hatvalues().sum(), rel=1e-9)


def test_published_sleepstudy() -> None:
    # cAIC4 (Saefken, Ruegamer, Kneib, Greven 2021, J Stat Softw 99(8)) prints -824.51 and 31.30;
    # the derivative of the fitted values, by refits, is 30.2535
    found = fitted("sleepstudy_slope").caic()
    assert str(found).splitlines() == [
        "Conditional log-likelihood: -824.51",
        "Degrees of freedom: 31.25",
        "Conditional Akaike information criterion: 1711.52",
    ]
    assert found.df == pytest.approx(31.30, abs=0.06)


def test_a_variance_at_zero_does_not_move() -> None:
    fit = fitted("Dyestuff2_reml")
    # the linear model: one mean and one variance
    assert fit.caic().df == pytest.approx(2.0, abs=1e-6)
    assert fit.caic().loglik == pytest.approx(
        -15 * np.log(2 * np.pi * fit.sigma**2) - 29 / 2, rel=1e-9
    )


def test_ignoring_that_variances_are_estimated_favours_random_effects() -> None:
    fit = fitted("Dyestuff_reml")
    plain = fit.caic(method="vaida-blanchard")
    assert plain.df == pytest.approx(fit.hatvalues().sum() + 1, rel=1e-9)
    assert plain.value < fit.caic().value


def test_unknown_methods_are_refused() -> None:
    with pytest.raises(ArgumentError, match="greven-kneib"):
        fitted("Dyestuff_reml").caic(method="greven")


def test_offsets_do_not_count() -> None:
    data = frame("unbal_offset")
    shifted = data.assign(o=0.0, y=data["y"] - data["o"])
    formula = "y ~ x + (1 | grp)"
    a = nl.lmer(formula, data, offset="o").caic()
    b = nl.lmer(formula, shifted).caic()
    assert a.value == pytest.approx(b.value, rel=1e-9)
