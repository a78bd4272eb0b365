"""Derived quantities: the delta method against its formula, the bootstrap against both."""

import numpy as np
import pytest
from tests.reference_cases import fitted

from nestling.errors import ArgumentError, ArgumentTypeError, FormulaError
from nestling.results.derived_expressions import value_and_gradient

TEXTS = [
    "a / b", "a * b - 2", "a^2 + b^a", "-a / (2 * b)", "exp(a) - log(b) + sqrt(a)", "abs(-a)",
    "sin(a) * cos(b)", "(Intercept) + a:b", "`I(x^2)` / 3", "I(x^2) / a", "2 ^ a",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_gradients_against_differences(text):
    at = {"(Intercept)": 0.7, "a": 1.3, "b": 2.1, "a:b": -0.4, "I(x^2)": 0.2}
    value, gradient = value_and_gradient(text, at)
    h = 1e-6
    for i, name in enumerate(at):
        high, low = (value_and_gradient(text, at | {name: at[name] + s * h})[0] for s in (1, -1))
        assert gradient[i] == pytest.approx((high - low) / (2 * h), abs=1e-7)
    assert np.isfinite(value)


def test_ratio_by_the_delta_method():
    fit = fitted("seed_m1")
    found = fit.delta("X / Z", "X").table
    b, V = fit.fixef, fit.vcov
    ratio = b["X"] / b["Z"]
    g = np.array([1 / b["Z"], -b["X"] / b["Z"] ** 2])
    se = np.sqrt(g @ V.loc[["X", "Z"], ["X", "Z"]].to_numpy() @ g)
    assert found["estimate"].tolist() == pytest.approx([ratio, b["X"]])
    assert found["se"].tolist() == pytest.approx([se, fit.se["X"]])
    assert found["upper"]["X"] == pytest.approx(b["X"] + 1.959963984540054 * fit.se["X"])


def test_turning_point_of_a_curve():
    fit = fitted("Oxboys_quad")
    found = fit.delta("-age / (2 * I(age^2))").table
    assert found["estimate"].iloc[0] == pytest.approx(-fit.fixef["age"] / 2 / fit.fixef["I(age^2)"])


def test_bootstrap_agrees_with_the_delta_method_for_coefficients():
    fit = fitted("seed_m1")
    found = fit.derive(lambda p: p.fixed()[["X", "Z"]], n_sims=500, seed=4)
    assert found.names == ("X", "Z")
    # an SD of 500 draws has a standard error of 3 %
    assert found.se == pytest.approx(fit.se[["X", "Z"]].to_numpy(), rel=0.13)
    assert found.table["bias"].abs().max() < 4 * found.se.max() / np.sqrt(500)
    assert (found.lower < found.estimate).all()
    again = fit.derive(lambda p: p.fixed()[["X", "Z"]], n_sims=500, seed=4)
    assert np.array_equal(found.draws, again.draws)


def test_functions_of_variances():
    fit = fitted("sleepstudy_intercept")

    def icc(p):
        tau2 = float(p.terms[0].covariance[0, 0])
        return tau2 / (tau2 + p.residual)

    found = fit.derive(icc, n_sims=300, seed=2, level=0.9)
    assert found.names == ("value",)
    assert found.lower[0] < icc(fit.parameters) < found.upper[0]
    assert "300 refits" in str(found)
    assert "<table" in found._repr_html_()
    assert "delta method" in repr(fit.delta("Days"))


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda f: f.delta("Y / X"), FormulaError, "'Y' is not a coefficient"),
        (lambda f: f.delta("X.__class__"), FormulaError, "not a coefficient"),
        (lambda f: f.delta("__import__('os')"), FormulaError, "no meaning"),
        (lambda f: f.delta("poly(X, 2)"), FormulaError, "cannot be part"),
        (lambda f: f.delta("X ~ Z"), FormulaError, "X ~ Z"),
        (lambda f: f.delta("X / 0"), ArgumentError, "not finite"),
        (lambda f: f.delta(), ArgumentError, "no expression"),
        (lambda f: f.delta(3), ArgumentError, "expected text"),
        (lambda f: f.delta("X", level=2), ArgumentError, "between 0 and 1"),
        (lambda f: f.derive("X"), ArgumentTypeError, "expected a function"),
        (lambda f: f.derive(lambda _: "a", n_sims=2), ArgumentTypeError, "expected a number"),
        (lambda f: f.derive(lambda _: 1.0, n_sims=1), ArgumentError, "at least 2"),
    ],
)
def test_bad_arguments(ask, error, message):
    with pytest.raises(error, match=message):
        ask(fitted("seed_m1"))
