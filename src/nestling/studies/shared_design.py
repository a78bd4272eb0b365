"""Replicates without rows: one design for all, responses drawn as sufficient statistics."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

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
from nestling.studies.starts import start_at
from nestling.studies.together import Asking, can_adjust, measured_together
from nestling.studies.variance_tests import Reduction

CELLS = 1 << 20
"""Random effects times replicates that are drawn together."""


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
    roots, errors = _roots(plan.truth, fit), error_roots(fit.statistics)
    start = start_at(plan.truth, fit)
    return SharedDesign(plan, names, rowless(fit), errors, roots, start, tuple(reductions))


def _roots(truth: Population, fit: LmerFit) -> tuple[FloatArray, ...]:
    """Return the truth's relative covariance factors in the basis of a fit."""
    parameters, solution = truth.parameters, fit.solution
    true = {(term.group, term.names): term.covariance for term in parameters.terms}
    user = tuple(
        lower_root(symmetric_root(true[term.group, term.names] / parameters.residual))
        for term in fit.matrices.random
    )
    theta = inner_theta(solution.problem, solution.layout, fit.basis, user)
    return solution.problem.parameters.roots(theta)


def _shared(plan: Plan, fit: LmerFit, each: Reduction, found: Reduced) -> SharedReduction:
    """Place the truth, and the truth without an effect, in the bases of both models."""
    truth, null = plan.truth, each.null(plan.truth)
    start, smaller_fit = np.empty(0), None
    if found.fit is not None:
        start, smaller_fit = start_at(truth, found.fit), rowless(found.fit)
    return SharedReduction(
        each, smaller_fit, found.kept, start, _roots(null, fit), start_at(null, fit), found.mixture
    )
