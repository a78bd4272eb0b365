"""Refitting to another response against lme4's tight refit."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, names

from nestling.errors import ArgumentError, ArgumentTypeError


@pytest.mark.parametrize("name", names("lmer", "refit"))
def test_refit(name):
    expected = case(name)["refit"]
    if not isinstance(expected.get("new_response"), list):
        pytest.fail("the case has no response to refit to")
    fit = fitted(name).refit(expected["new_response"])
    assert fit.criterion == pytest.approx(expected["criterion"], rel=1e-9, abs=1e-7)
    theirs = np.array(list(expected["fixef"].values()))
    se = np.array(list(expected["se"].values()))
    assert np.abs((fit.fixef.to_numpy() - theirs) / se).max() < 1e-7
    assert fit.sigma == pytest.approx(expected["sigma"], rel=1e-6)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([1.0, 2.0], ArgumentError, "1000 rows"),
        ([np.nan] * 1000, ArgumentError, "not finite at position 0"),
        (["a"] * 1000, ArgumentTypeError, "does not read as numbers"),
    ],
)
def test_bad_responses(y, error, message):
    with pytest.raises(error, match=message):
        fitted("seed_m2").refit(y)
