"""Confidence intervals against lme4 and against exact root finding on its deviance."""

import numpy as np
import pandas as pd
import pytest
from tests.reference_cases import case, fitted, matrix, names

import nestling as nl
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.results.confint import percentages

NOT_REACHED = {"sd": (0.0, np.nan), "cor": (-1.0, 1.0)}
"""What stands where the deviance does not rise far enough; the cases have no number there."""


def relative_to_width(found, expected):
    """Largest difference as a share of the interval's width."""
    width = found[:, 1] - found[:, 0]
    return float(np.nanmax(np.abs(found - expected) / width[:, None]))


@pytest.mark.parametrize("name", names("lmer", "confint_profile_exact"))
def test_exact_limits(name):
    expected = case(name)["confint_profile_exact"]["limits"]
    found = fitted(name).confint()
    assert list(found.index) == expected["rows"]
    assert list(found.columns) == ["2.5 %", "97.5 %"]
    limits = matrix(expected)
    for row, column in zip(*np.nonzero(np.isnan(limits)), strict=True):
        kind = expected["rows"][row].split("_")[0]
        limits[row, column] = NOT_REACHED[kind][column]
    assert relative_to_width(found.to_numpy(), limits) < 1e-6


# lme4's own limits miss the exact ones by more than 1e-3 here, where they meet zero steeply and
# its spline has few points; its deviance at ours is checked in test_profile_limits.py
LOOSE = {"threelevel_interceptonly": 3e-3, "unbal_plain": 2e-3}


@pytest.mark.parametrize("name", names("lmer", "confint_profile_lme4"))
def test_lme4s_limits(name):
    expected = case(name)["confint_profile_lme4"]
    found = fitted(name).confint()
    assert list(found.index) == expected["rows"]
    assert relative_to_width(found.to_numpy(), matrix(expected)) < LOOSE.get(name, 1e-3)


@pytest.mark.parametrize("name", names("lmer", "confint_wald"))
def test_wald(name):
    expected = case(name)["confint_wald"]
    found = fitted(name).confint(method="wald")
    limits = matrix(expected)
    assert np.array_equal(np.isnan(found.to_numpy()), np.isnan(limits))
    assert relative_to_width(found.to_numpy(), limits) < 1e-7


@pytest.mark.parametrize(
    ("parm", "expected"),
    [
        (None, ["sd_(Intercept)|Cluster", "cor_X.(Intercept)|Cluster", "sd_X|Cluster", "sigma",
                "(Intercept)", "X"]),
        ("theta_", ["sd_(Intercept)|Cluster", "cor_X.(Intercept)|Cluster", "sd_X|Cluster",
                    "sigma"]),
        ("beta_", ["(Intercept)", "X"]),
        ("X", ["X"]),
        (["X", "sigma"], ["sigma", "X"]),
        (["beta_", "cor_X.(Intercept)|Cluster"], ["cor_X.(Intercept)|Cluster", "(Intercept)", "X"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["profile", "wald"])
def test_parm(parm, expected, method):
    whole = fitted("seed_m2").confint(method=method)
    found = fitted("seed_m2").confint(parm, method=method)
    assert list(found.index) == expected
    pd.testing.assert_frame_equal(found, whole.loc[expected], rtol=1e-9)


def test_order_of_three_effects_is_lme4s():
    """By columns of the lower triangle, as lme4's profnames(signames = FALSE) prints them."""
    found = fitted("Machines_full").confint("theta_", method="wald")
    assert list(found.index) == [
        "sd_(Intercept)|Worker",
        "cor_MachineB.(Intercept)|Worker",
        "cor_MachineC.(Intercept)|Worker",
        "sd_MachineB|Worker",
        "cor_MachineC.MachineB|Worker",
        "sd_MachineC|Worker",
        "sigma",
    ]


@pytest.mark.parametrize(
    ("level", "expected"),
    [  # R: paste(format(100 * c(1 - level, 1 + level) / 2, digits = 3), "%")
        (0.95, ("2.5 %", "97.5 %")),
        (0.9, ("5 %", "95 %")),
        (0.99, ("0.5 %", "99.5 %")),
        (0.999, ("0.05 %", "99.95 %")),
        (0.5, ("25 %", "75 %")),
        (0.8, ("10 %", "90 %")),
        (0.9545, ("2.27 %", "97.72 %")),
        (0.9973, ("0.135 %", "99.865 %")),
    ],
)
def test_percentages(level, expected):
    assert percentages(level) == expected


def test_level():
    """A wider level gives wider intervals, named by it."""
    fit = fitted("sleepstudy_slope")
    narrow, wide = fit.confint(level=0.9), fit.confint(level=0.99)
    assert list(narrow.columns) == ["5 %", "95 %"]
    assert (wide["0.5 %"] < narrow["5 %"]).all()
    assert (wide["99.5 %"] > narrow["95 %"]).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"parm": "sigam"}, ArgumentError, "'sigam' is not a parameter.*Did you mean 'sigma'"),
        ({"parm": ["X", "sd_X|Clutser"]}, ArgumentError, "Did you mean 'sd_X|Cluster'"),
        ({"parm": [1]}, ArgumentTypeError, "parm holds 1"),
        ({"parm": 3}, ArgumentTypeError, "parm=3 is not a name"),
        ({"level": 95}, ArgumentError, "level=95 is not between 0 and 1"),
        ({"level": 1.0}, ArgumentError, "level=1.0"),
        ({"level": float("nan")}, ArgumentError, "level=nan"),
        ({"level": "0.95"}, ArgumentTypeError, "level is of type str"),
        ({"method": "profil"}, ArgumentError, "Did you mean 'profile'"),
        ({"method": None}, ArgumentError, "method=None"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        fitted("seed_m2").confint(**arguments)


def test_method_may_be_capitalised():
    fit = fitted("seed_m0")
    pd.testing.assert_frame_equal(fit.confint(method="Wald"), fit.confint(method="wald"))


def test_no_fixed_effects():
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(12), 6)
    y = rng.normal(size=12)[g] + rng.normal(size=72)
    found = nl.lmer("y ~ 0 + (1 | g)", {"y": y, "g": g}).confint()
    assert list(found.index) == ["sd_(Intercept)|g", "sigma"]
    assert found.notna().all().all()
