"""Replicates the long way: rows are simulated and fitted like any data."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.errors import NestlingError, NestlingWarning
from nestling.results.bootstrap_values import values_of
from nestling.results.contrast_tests import contrast_tests
from nestling.results.lmer import lmer
from nestling.results.lmer_fit import LmerFit
from nestling.results.profile_parameters import parameter_names
from nestling.studies.plan import Plan, Test
from nestling.studies.replicates import Names, Replicates, failed, joined

AT_ONCE = 16
"""Replicates between two looks at the progress bar."""

METHOD = {"z": "asymptotic", "satterthwaite": "satterthwaite", "kenward-roger": "kenward-roger"}


@dataclass(frozen=True, slots=True, eq=False)
class ByRows:
    """Simulates and fits replicate by replicate: any design, any model, predictors redrawn.

    Attributes
    ----------
    plan : Plan
    names : Names
    """

    plan: Plan
    names: Names

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        return AT_ONCE

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        return joined([self._one(index) for index in indices])

    def _one(self, index: int) -> Replicates:
        plan, stage = self.plan, "simulate"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NestlingWarning)
            try:
                data = plan.truth.simulate(plan.design, plan.stream(index))
                stage = "fit"
                fit = fitted(plan, data)
                stage = "measure"
                return measured(index, fit, self.names, plan.tests)
            except (NestlingError, np.linalg.LinAlgError) as error:
                return failed(index, self.names, plan.tests, stage, str(error))


def fitted(plan: Plan, data: object) -> LmerFit:
    """Fit the plan's model to one data set."""
    truth = plan.truth
    return lmer(
        plan.formula.source,
        data,
        reml=plan.reml,
        weights=truth.weights,
        offset=truth.offset,
        contrasts=dict(truth.contrasts) or None,
    )


def names_of(fit: LmerFit) -> Names:
    """Return what is measured of a fit of this model."""
    spreads = tuple(each.name for each in parameter_names(fit) if each.kind != "coefficient")
    return Names(tuple(fit.matrices.names), spreads)


def measured(index: int, fit: LmerFit, names: Names, tests: Sequence[Test]) -> Replicates:
    """Measure one fit; coefficients that it had to drop are NaN."""
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
        answer = contrast_tests(fit, np.eye(len(place)), METHOD[test])
        se[test], df[test] = whole(answer.se), whole(answer.df)
    outcome = "singular" if fit.is_singular else "regular"
    if fit.convergence.status == "not converged":
        outcome = fit.convergence.status
    return Replicates(
        np.array([index]), fixed, spreads[:, : len(names.spreads)], se, df, (outcome,)
    )
