"""Power without simulation: noncentral t and F from the expected information at the truth.

The covariance matrix of the estimates, (X'V^-1 X)^-1, and Satterthwaite's degrees of freedom, from
the expected information of the variances, are computed at the true values for drawn designs. This
takes estimates of variances as symmetric around the truth, which they are not with few clusters;
so it is a check of the simulated power, not a replacement.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from nestling.arrays import FloatArray
from nestling.design.design import Design
from nestling.errors import NestlingError, NestlingWarning
from nestling.fit.criterion import evaluate
from nestling.fit.solve import pose
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.model.parameters import TermParameters
from nestling.results.contrast_tests import independent_rows
from nestling.results.estimates import inner_theta
from nestling.results.kenward_roger import KenwardRoger, kenward_roger
from nestling.results.lmer_fit import LmerFit
from nestling.results.satterthwaite import joint_df
from nestling.studies.by_rows import fitted
from nestling.studies.plan import Plan
from nestling.studies.questions import LRT, Hypothesis
from nestling.studies.replicates import Names

DRAWS = 10
"""Designs over which the power is averaged when predictors are redrawn."""

ROWS = 20_000
"""Rows of all these designs together, about: one design at least."""

LARGE = 30.0
"""Distances in standard errors beyond which power is one."""


def approximate(
    plan: Plan, names: Names, alpha: float, rows: Sequence[tuple[str, str]]
) -> FloatArray:
    """Return the approximate power of each effect and test; NaN where there is none.

    There is none for variances, for effects without a true value, and for models that leave out
    what is in the truth.
    """
    known = expected(plan, names.fixed)
    if not known:
        return np.full(len(rows), np.nan)
    questions = {each.name: each for each in plan.questions.of(names.fixed)}
    eye = np.eye(len(names.fixed))
    for j, name in enumerate(names.fixed):
        questions[name] = Hypothesis(name, eye[[j]], np.zeros(1))
    beta = plan.true_beta(names.fixed)
    return np.array([
        np.mean([_power(given, questions[effect], beta, test, alpha) for given in known])
        if effect in questions else np.nan
        for effect, test in rows
    ])  # fmt: skip


@lru_cache(maxsize=16)
def expected(plan: Plan, names: tuple[str, ...]) -> tuple[KenwardRoger, ...]:
    """Return the expected information at the truth for some drawn designs."""
    if not (plan.truth.is_plain and plan.same_scale):
        return ()
    draws = 1 if plan.predictors == "fixed" else draws_of(plan.design)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        for index in range(draws):
            data = plan.truth.simulate(plan.design, plan.stream(index))
            try:
                given = at_truth(plan, fitted(plan, data), names)
            except (NestlingError, np.linalg.LinAlgError):
                continue
            if given is not None:
                found.append(given)
    return tuple(found)


def draws_of(design: Design) -> int:
    """Return how many designs with predictors of their own are averaged over."""
    n = design.draw(0).n
    return max(1, min(DRAWS, ROWS // n))


def at_truth(plan: Plan, fit: LmerFit, names: tuple[str, ...]) -> KenwardRoger | None:
    """Return what a fit knows of its estimates if its variances were the true ones.

    None where the fitted model lacks something that the truth has, or a column was dropped.
    """
    parameters = plan.truth.parameters
    same_response = plan.formula.response_name == plan.truth.formula.response_name
    covariances = _embedded(parameters.terms, fit)
    if covariances is None or not same_response or fit.coefficient_names != names:
        return None
    if not set(parameters.names) <= set(names):
        return None
    roots = tuple(lower_root(symmetric_root(each / parameters.residual)) for each in covariances)
    layout, basis = fit.solution.layout, fit.basis
    problem = pose(fit.statistics, basis, layout, reml=True)
    point = evaluate(problem, inner_theta(problem, layout, basis, roots))
    sigma = plan.truth.sigma / basis.response_scale
    there = replace(point, square=problem.nu * sigma**2)
    solution = replace(fit.solution, problem=problem, point=there)
    return kenward_roger(replace(fit, call=replace(fit.call, reml=True), solution=solution))


def _embedded(terms: Sequence[TermParameters], fit: LmerFit) -> list[FloatArray] | None:
    """Return the true covariance matrix of each term of a fit, zero for effects the truth lacks.

    None where the truth has an effect or a covariance that the fit does not.
    """
    mine = fit.matrices.random
    found = [np.zeros((len(term.names), len(term.names))) for term in mine]
    for each in terms:
        homes = [
            i
            for i, term in enumerate(mine)
            if term.group == each.group and set(each.names) <= set(term.names)
        ]
        if len(homes) != 1:
            return None
        place = [mine[homes[0]].names.index(name) for name in each.names]
        found[homes[0]][np.ix_(place, place)] += each.covariance
    return found


def _power(
    given: KenwardRoger, asked: Hypothesis, beta: FloatArray, test: str, alpha: float
) -> float:
    from scipy.special import chdtri, chndtr, fdtri, ncfdtr

    distance = asked.truth(beta) - asked.null
    if not np.isfinite(distance).all():
        return float("nan")
    V = asked.L @ given.unadjusted @ asked.L.T
    shift, q = float(distance @ np.linalg.solve(V, distance)), len(distance)
    if shift > LARGE**2:
        return 1.0
    if test in {"z", LRT}:
        return float(1.0 - chndtr(chdtri(q, alpha), q, shift))
    # the two-sided t test of one row is the F test of its square
    df = (
        given.joint(asked.L, asked.null)[1]
        if test == "kenward-roger" and q > 1
        else joint_df(given.df(independent_rows(asked.L, given.unadjusted, asked.null) @ asked.L))
    )
    return float(1.0 - ncfdtr(q, df, shift, float(fdtri(q, df, 1.0 - alpha))))
