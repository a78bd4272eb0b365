"""Replicates the long way: rows are simulated and fitted like any data."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nestling.errors import NestlingError, NestlingWarning
from nestling.results.bootstrap_values import values_of
from nestling.results.contrast_tests import Uncertainty, t_tests, uncertainty
from nestling.results.lmer import lmer
from nestling.results.lmer_fit import LmerFit
from nestling.results.profile_parameters import parameter_names
from nestling.studies.asked import P_NULL, VARIANCE, Asked, P, asked_of, key
from nestling.studies.fit_answers import hypothesis_answers, likelihood_ratio_answers
from nestling.studies.plan import METHOD, Plan, Test
from nestling.studies.replicates import Names, Replicates, failed, joined
from nestling.studies.variance_tests import variance_test

AT_ONCE = 16
"""Replicates between two looks at the progress bar."""


@dataclass(frozen=True, slots=True, eq=False)
class ByRows:
    """Simulates and fits replicate by replicate: any design, any model, predictors redrawn.

    Attributes
    ----------
    plan : Plan
    names : Names
    data : callable, optional
        From the number of a replicate to its rows, where these are not simulated from its seed.
    """

    plan: Plan
    names: Names
    data: Callable[[int], Any] | None = None

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        return AT_ONCE

    @property
    def how(self) -> str:
        """See `Engine`."""
        return "rows, simulated and fitted one replicate at a time"

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        return joined([self._one(index) for index in indices])

    def _one(self, index: int) -> Replicates:
        plan, stage = self.plan, "simulate"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NestlingWarning)
            try:
                simulate = self.data or self._simulated
                data = simulate(index)
                stage = "fit"
                fit = fitted(plan, data)
                stage = "measure"
                known = {test: uncertainty(fit, METHOD[test]) for test in plan.tests}
                found = measured(index, fit, self.names, plan.tests, known)
                asked = self.names.asked
                if asked is None:
                    return found
                answers = hypothesis_answers(fit, asked, known)
                answers |= likelihood_ratio_answers(fit, asked)
                answers |= self._variances(index, fit, asked)
                row = [answers.get(name, np.nan) for name in self.names.extra]
                return replace(found, extra=np.array([row]))
            except (NestlingError, np.linalg.LinAlgError) as error:
                return failed(index, self.names, plan.tests, stage, str(error))

    def _simulated(self, index: int) -> Any:
        return self.plan.truth.simulate(self.plan.design, self.plan.stream(index))

    def _variances(self, index: int, fit: LmerFit, asked: Asked) -> dict[str, float]:
        """Test random effects, each also in the data that the same streams give without it."""
        plan, found = self.plan, {}
        for each in asked.reductions:
            found[key(P, each.name, VARIANCE)] = variance_test(fit, each)
            if each.truth(plan.truth) == 0.0:
                found[key(P_NULL, each.name, VARIANCE)] = found[key(P, each.name, VARIANCE)]
                continue
            data = each.null(plan.truth).simulate(plan.design, plan.stream(index))
            try:
                p_null = variance_test(fitted(plan, data), each)
            except (NestlingError, np.linalg.LinAlgError):
                continue  # not known in this replicate: fits without the effect may fail more often
            found[key(P_NULL, each.name, VARIANCE)] = p_null
        return found


def fitted(plan: Plan, data: object) -> LmerFit:
    """Fit the plan's model to one data set.

    An offset on the scale of a link is none on the scale of the response.
    """
    truth = plan.truth
    return lmer(
        plan.formula.source,
        data,
        reml=plan.reml,
        weights=truth.weights,
        offset=truth.offset if plan.same_scale else None,
        contrasts=plan.contrasts,
    )


def names_of(fit: LmerFit, plan: Plan | None = None) -> Names:
    """Return what is measured of a fit of this model, and what a plan asks beside."""
    spreads = tuple(each.name for each in parameter_names(fit) if each.kind != "coefficient")
    asked = None if plan is None or not plan.questions else asked_of(plan, fit)
    return Names(tuple(fit.matrices.names), spreads, asked)


def measured(
    index: int,
    fit: LmerFit,
    names: Names,
    tests: Sequence[Test],
    known: Mapping[Test, Uncertainty] | None = None,
) -> Replicates:
    """Measure one fit; coefficients that it had to drop are NaN.

    `known` is what the tests need, where it is there already.
    """
    given = {test: uncertainty(fit, METHOD[test]) for test in tests} if known is None else known
    place = [names.fixed.index(name) for name in fit.coefficient_names]
    p = len(names.fixed)

    def whole(values: np.ndarray) -> np.ndarray:
        row = np.full((1, p), np.nan)
        row[0, place] = values
        return row

    found = fit.estimates
    parameters = tuple(each for each in parameter_names(fit) if each.kind != "coefficient")
    roots = [T[None] for T in found.roots]
    spreads = values_of(parameters, found.beta[None], np.array([found.sigma]), roots)
    fixed, se, df = whole(found.beta), {}, {}
    for test in tests:
        answer = t_tests(given[test], np.eye(len(place)))
        se[test], df[test] = whole(answer.se), whole(answer.df)
    outcome = "singular" if fit.is_singular else "regular"
    if fit.convergence.status == "not converged":
        outcome = fit.convergence.status
    return Replicates(
        np.array([index]), fixed, spreads[:, : len(names.spreads)], se, df, (outcome,)
    )
