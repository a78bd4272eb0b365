"""Replicates without rows: one design for all, responses drawn as sufficient statistics."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import NestlingWarning
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_satterthwaite import batch_satterthwaite
from nestling.fit.batch_solve import solve_batch
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.random.counter_streams import CounterStreams
from nestling.results.bootstrap_values import values_of
from nestling.results.estimates import inner_theta
from nestling.results.likelihood import SINGULAR
from nestling.results.lmer_fit import LmerFit
from nestling.results.profile_parameters import parameter_names
from nestling.results.refits import tabulated
from nestling.statistics.exact_draws import (
    ErrorRoots,
    draw_responses,
    error_roots,
    is_drawable,
)
from nestling.studies.by_rows import fitted, names_of
from nestling.studies.plan import Plan, Test
from nestling.studies.replicates import Names, Replicates, failed, joined

CELLS = 1 << 20
"""Random effects times replicates that are drawn together."""

LEAST = 1e-3
"""Where a true relative SD is smaller, the search starts here: at zero there is no slope."""


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
    """

    plan: Plan
    names: Names
    fit: LmerFit
    errors: ErrorRoots
    roots: tuple[FloatArray, ...]
    start: FloatArray

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        cells = sum(f.width * f.n_levels for f in self.fit.statistics.factors)
        return max(1, min(1024, CELLS // (2 * cells + 1)))

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
        plan, fit = self.plan, self.fit
        basis, problem, layout = fit.basis, fit.solution.problem, fit.solution.layout
        streams = CounterStreams(plan.seed, index)
        # tests and intervals do not change when X beta is added: it is added to the estimates
        nothing = np.zeros(fit.statistics.n_fixed)
        sigma = plan.truth.sigma / basis.response_scale
        blocks = ResponseBlocks(
            *draw_responses(fit.statistics, self.roots, nothing, sigma, streams, errors=self.errors)
        )
        found = solve_batch(problem, fit.statistics, layout, blocks, self.start)
        truth = plan.true_beta(fit.coefficient_names)
        beta = (basis.transform[:-1, :-1] @ found.beta * basis.response_scale).T + truth
        table = tabulated(fit, found, beta)
        parameters = tuple(each for each in parameter_names(fit) if each.kind != "coefficient")
        spreads = values_of(parameters, table.beta, table.sigma, table.roots)
        singular = np.zeros(len(index), dtype=bool)
        for T in table.roots:
            singular |= (np.einsum("rkk->rk", T) < SINGULAR).any(axis=1)
        se: dict[Test, FloatArray] = {}
        df: dict[Test, FloatArray] = {}
        for test in plan.tests:
            se[test] = table.standard_errors
            df[test] = np.full_like(se[test], np.inf)
            if test == "satterthwaite":
                rows = basis.transform[:-1, :-1]
                df[test] = batch_satterthwaite(problem, fit.statistics, blocks, found, rows).T
        outcomes = tuple(
            status if status == "not converged" else "singular" if edge else "regular"
            for status, edge in zip(found.status, singular, strict=True)
        )
        return Replicates(index, beta, spreads[:, : len(self.names.spreads)], se, df, outcomes)


def shared_design(plan: Plan) -> SharedDesign | None:
    """Prepare draws without rows; None where the plan needs rows.

    It does when predictors are redrawn, when the truth has departures, when the fitted model has
    other coefficients or random effects than the truth, when the response is transformed, when a
    column had to be dropped, and when the design is too large to draw from.
    """
    if plan.predictors != "fixed" or "kenward-roger" in plan.tests or not plan.truth.is_plain:
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
    if not same_model or not is_drawable(fit.statistics):
        return None
    roots = tuple(lower_root(symmetric_root(true[name] / parameters.residual)) for name in mine)
    problem, layout = fit.solution.problem, fit.solution.layout
    theta = inner_theta(problem, layout, fit.basis, roots)
    lifted = tuple(
        lower_root(symmetric_root(true[name] / parameters.residual, LEAST**2)) for name in mine
    )
    return SharedDesign(
        plan,
        names_of(fit),
        fit,
        error_roots(fit.statistics),
        problem.parameters.roots(theta),
        inner_theta(problem, layout, fit.basis, lifted),
    )
