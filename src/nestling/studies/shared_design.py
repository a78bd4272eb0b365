"""Replicates without rows: one design for all, responses drawn as sufficient statistics."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import NestlingWarning
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_kenward_roger import shared_kenward_roger
from nestling.fit.batch_satterthwaite import batch_sensitivity
from nestling.fit.batch_solve import solve_batch
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.random.counter_streams import CounterStreams
from nestling.results.estimates import inner_theta
from nestling.results.lmer_fit import LmerFit
from nestling.simulate.population import Population
from nestling.statistics.exact_draws import (
    ErrorRoots,
    draw_responses,
    error_roots,
    is_drawable,
)
from nestling.studies.asked import P_NULL, VARIANCE, P, key
from nestling.studies.batch_answers import (
    Answers,
    shared_deviances,
)
from nestling.studies.batch_variances import Reduced, SharedReduction, reduced_of
from nestling.studies.by_rows import fitted, names_of
from nestling.studies.plan import Plan
from nestling.studies.replicates import Names, Replicates, failed, joined
from nestling.studies.rowless import rowless
from nestling.studies.together import Asking, can_adjust, measured_together
from nestling.studies.variance_tests import Reduction

CELLS = 1 << 20
"""Random effects times replicates that are drawn together."""

LEAST = 1e-3
"""Where a true relative SD is smaller, the search starts here: at zero there is no slope."""

Relative: TypeAlias = dict[tuple[str, tuple[str, ...]], FloatArray]
"""Covariance matrices by grouping factor and effects."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedDesign:
    """Draws and fits many responses to one design together.

    Attributes
    ----------
    plan : Plan
    names : Names
    fit : LmerFit
        Of one study of this design; only what does not depend on its response is used.
    errors : ErrorRoots
    roots : tuple of (k, k) arrays
        The truth's relative covariance factors, in the basis of `fit`.
    start : array
        The truth's theta in that basis.
    reductions : tuple of SharedReduction
        Random effects that are tested.
    """

    plan: Plan
    names: Names
    fit: LmerFit
    errors: ErrorRoots
    roots: tuple[FloatArray, ...]
    start: FloatArray
    reductions: tuple[SharedReduction, ...] = ()

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        cells = sum(f.width * f.n_levels for f in self.fit.statistics.factors)
        return max(1, min(1024, CELLS // (2 * cells + 1)))

    @property
    def how(self) -> str:
        """See `Engine`."""
        return "responses to one design, drawn as sums and fitted together"

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        index = np.array(indices)
        try:
            return self._together(index)
        except np.linalg.LinAlgError as error:
            if len(index) == 1:
                return failed(int(index[0]), self.names, self.plan.tests, "fit", str(error))
            return joined([self.chunk(index[i : i + 1].tolist()) for i in range(len(index))])

    def _together(self, index: np.ndarray) -> Replicates:
        fit, problem = self.fit, self.fit.solution.problem
        blocks = self.drawn(index, self.roots)
        found = solve_batch(problem, fit.statistics, fit.solution.layout, blocks, self.start)
        asking = Asking(
            lambda: batch_sensitivity(problem, fit.statistics, blocks, found),
            lambda: shared_kenward_roger(problem, fit.statistics, blocks, found),
            shared_deviances(fit, blocks, self.start),
            lambda: self._variances(index, blocks, found.criterion),
        )
        return measured_together(self.plan, self.names, fit, index, found, asking)

    def drawn(self, index: np.ndarray, roots: tuple[FloatArray, ...]) -> ResponseBlocks:
        """Draw responses without X beta, which does not change tests and intervals."""
        plan, fit = self.plan, self.fit
        streams = CounterStreams(plan.seed, index)
        nothing = np.zeros(fit.statistics.n_fixed)
        sigma = plan.truth.sigma / fit.basis.response_scale
        return ResponseBlocks(
            *draw_responses(fit.statistics, roots, nothing, sigma, streams, errors=self.errors)
        )

    def _variances(
        self, index: np.ndarray, blocks: ResponseBlocks, criterion: FloatArray
    ) -> Answers:
        """Test random effects, each also in responses of the same streams without it."""
        fit = self.fit
        answers: Answers = {}
        for each in self.reductions:
            name = each.reduction.name
            p_value = each.p_values(fit, blocks, criterion)
            answers[key(P, name, VARIANCE)] = answers[key(P_NULL, name, VARIANCE)] = p_value
            if each.reduction.truth(self.plan.truth) > 0.0:
                null = self.drawn(index, each.null_roots)
                problem, layout = fit.solution.problem, fit.solution.layout
                found = solve_batch(problem, fit.statistics, layout, null, each.null_start)
                answers[key(P_NULL, name, VARIANCE)] = each.p_values(fit, null, found.criterion)
        return answers


def shared_design(plan: Plan) -> SharedDesign | None:
    """Prepare draws without rows; None where the plan needs rows.

    It does when predictors are redrawn, when the truth has departures, when the fitted model has
    other coefficients or random effects than the truth, when the response is transformed, when a
    column had to be dropped, when the design is too large to draw from, and for Kenward and
    Roger's test with more than one grouping factor.
    """
    if plan.predictors != "fixed" or not plan.truth.is_plain:
        return None
    data = plan.truth.simulate(plan.design, plan.design_seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        fit = fitted(plan, data)
    parameters = plan.truth.parameters
    true = {(term.group, term.names): term.covariance for term in parameters.terms}
    mine = [(term.group, term.names) for term in fit.matrices.random]
    same_model = (
        plan.formula.response_name == plan.truth.formula.response_name
        and fit.coefficient_names == parameters.names
        and len(mine) == len(parameters.terms)
        and set(mine) == set(true)
    )
    if not same_model or not is_drawable(fit.statistics) or not can_adjust(plan, fit):
        return None
    names = names_of(fit, plan)
    reductions: list[SharedReduction] = []
    for each in names.asked.reductions if names.asked is not None else ():
        found = reduced_of(fit, each)
        if found is None:
            return None
        reductions.append(_shared(plan, fit, each, found))
    roots, start = _at(fit, _true(plan.truth))
    return SharedDesign(
        plan, names, rowless(fit), error_roots(fit.statistics), roots, start, tuple(reductions)
    )


def _true(truth: Population) -> Relative:
    """Return the covariances of the random effects, relative to the residual variance."""
    parameters = truth.parameters
    return {
        (term.group, term.names): term.covariance / parameters.residual for term in parameters.terms
    }


def _at(fit: LmerFit, true: Relative) -> tuple[tuple[FloatArray, ...], FloatArray]:
    """Return the relative covariance factors in the basis of a fit, and a theta to start from."""
    problem, layout = fit.solution.problem, fit.solution.layout
    mine = [(term.group, term.names) for term in fit.matrices.random]
    roots = tuple(lower_root(symmetric_root(true[name])) for name in mine)
    lifted = tuple(lower_root(symmetric_root(true[name], LEAST**2)) for name in mine)
    theta = inner_theta(problem, layout, fit.basis, roots)
    return problem.parameters.roots(theta), inner_theta(problem, layout, fit.basis, lifted)


def _shared(plan: Plan, fit: LmerFit, each: Reduction, found: Reduced) -> SharedReduction:
    """Place the truth, and the truth without an effect, in the bases of both models."""
    true = _true(plan.truth)
    null_roots, null_start = _at(fit, _true(each.null(plan.truth)))
    start = np.empty(0)
    if found.fit is not None:
        mine = [(term.group, term.names) for term in fit.matrices.random]
        smaller = {
            (term.group, term.names): true[mine[place]][np.ix_(columns, columns)]
            for term, (place, columns) in zip(found.fit.matrices.random, found.kept, strict=True)
        }
        start = _at(found.fit, smaller)[1]
    smaller_fit = None if found.fit is None else rowless(found.fit)
    return SharedReduction(
        each, smaller_fit, found.kept, start, null_roots, null_start, found.mixture
    )
