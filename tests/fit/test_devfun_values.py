"""lme4's own deviance function, at points that are no optimum, by REML and ML."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, names

from nestling.fit.criterion import evaluate
from nestling.fit.solve import criterion_at, pose
from nestling.results.estimates import estimates, inner_theta, roots_of_theta


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", names("lmer", having="devfun_values"))
def test_deviance_function(name, reml):
    fit = fitted(name)
    layout = fit.solution.layout
    problem = pose(fit.statistics, fit.basis, layout, reml=reml)
    for given in case(name)["devfun_values"]:
        if given["REML"] is not reml:
            continue
        theta = np.atleast_1d(np.array(given["theta"], dtype=float))
        inner = inner_theta(problem, layout, fit.basis, roots_of_theta(layout, theta))
        # sums in another order: nine digits are what the reference holds on any machine
        assert criterion_at(problem, inner) == pytest.approx(given["value"], rel=1e-9)
        if "beta" in given:
            point = evaluate(problem, inner)
            found = estimates(problem, layout, fit.basis, point)
            se = np.sqrt(np.diag(found.vcov))
            assert found.beta / se == pytest.approx(np.array(given["beta"]) / se, abs=1e-7)
