"""Location, scale and degeneracy change nothing but the units: judged in 70 digits."""

import numpy as np
import pytest

from builders import MODELS, fit_model, solve_model
from extended import Extended
from hard_data import HARD

CASES = HARD | {name: given for name, given in MODELS.items() if name != "repeated designs"}
CRITERIA = [(name, True) for name in CASES] + [(name, False) for name in HARD]

DROPPED = {"column given twice": [2], "column of sums": [3]}

# a variance of 1e10 times the residual's, in a direction the model cannot rotate away, leaves
# a criterion that is flat to 1e-8 about its optimum
FLAT = {"mean 1e5 and SD 1, ||": 1e-8}


@pytest.mark.parametrize(("name", "reml"), CRITERIA)
def test_optimum_in_seventy_digits(name, reml):
    given = CASES[name]
    fit = fit_model(given, reml=reml)
    assert fit.status.startswith("optimum")
    assert fit.posed.basis.dropped.tolist() == DROPPED.get(name, [])
    extended = Extended.of(given, fit.posed.basis.kept)
    truth = extended.at(fit.estimates.theta, reml=reml)
    assert fit.criterion == pytest.approx(float(truth.criterion), rel=1e-9)
    # rounding theta itself to the user's scale moves the criterion by up to 1e-10
    assert extended.decrement(fit.estimates.theta, reml=reml) < FLAT.get(name, 1e-9)
    se = np.sqrt(np.diag(truth.vcov))
    assert fit.estimates.beta / se == pytest.approx(truth.beta / se, rel=0.0, abs=1e-7)
    assert np.allclose(fit.estimates.vcov, truth.vcov, rtol=0.0, atol=1e-7 * np.outer(se, se))
    assert fit.estimates.sigma == pytest.approx(truth.sigma, rel=1e-8)


@pytest.mark.parametrize("name", list(HARD))
def test_no_other_start_ends_lower(name):
    fit = fit_model(HARD[name])
    rng = np.random.default_rng(31)
    for scale in (0.3, 1.0, 3.0):
        start = scale * rng.normal(size=len(fit.solution.point.theta))
        other = solve_model(fit.posed, start)
        assert other.criterion > fit.criterion - 1e-9 * abs(fit.criterion)
