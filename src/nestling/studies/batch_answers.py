"""The questions about fixed effects answered for many responses to one design together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.batch import BatchSensitivity, ResponseBlocks
from nestling.fit.batch_designs import DesignBatch
from nestling.fit.batch_satterthwaite import degrees_of_freedom
from nestling.fit.batch_solve import BatchSolution, kernel_of, solve_batch, solve_together
from nestling.fit.solve import pose, solve
from nestling.results.constrained import Constraint, constraint
from nestling.results.lmer_fit import LmerFit
from nestling.results.refits import Refits
from nestling.results.satterthwaite import joint_dfs
from nestling.statistics.many_designs import ManyDesigns
from nestling.statistics.sufficient import SufficientStatistics
from nestling.studies.asked import P_NULL, Asked, P, key
from nestling.studies.questions import LRT, Hypothesis

Deviances = Callable[[Constraint | None, FloatArray], FloatArray]
"""From a constraint and how far L beta is from its true value to ML deviances, (R,)."""

Answers = dict[str, FloatArray]
"""Numbers by name, (R,) each."""


def hypothesis_answers(
    fit: LmerFit,
    asked: Asked,
    found: BatchSolution,
    table: Refits,
    sensitivity: BatchSensitivity | None,
) -> Answers:
    """Test contrasts by t and joint hypotheses by F; `sensitivity` is for Satterthwaite's test."""
    answers: Answers = {}
    for each in asked.hypotheses:
        rows = each.L @ fit.basis.transform[:-1, :-1]
        covariance = np.einsum("ap,pqr,bq->rab", rows, found.unscaled, rows)
        covariance *= table.sigma[:, None, None] ** 2
        estimate = table.beta @ each.L.T
        for test in asked.tests:
            moved = sensitivity if test == "satterthwaite" else None
            if each.joint:
                answers |= _joint(each, asked, test, estimate, covariance, rows, moved)
                continue
            answers[key("se", each.name, test)] = np.sqrt(covariance[:, 0, 0])
            df = np.full(len(estimate), np.inf)
            if moved is not None:
                df = degrees_of_freedom(moved, rows)[0]
            answers[key("df", each.name, test)] = df
        if not each.joint:
            answers[key("estimate", each.name)] = estimate[:, 0]
    return answers


def _joint(
    each: Hypothesis,
    asked: Asked,
    test: str,
    estimate: FloatArray,
    covariance: FloatArray,
    rows: FloatArray,
    moved: BatchSensitivity | None,
) -> Answers:
    """Average the squared t of uncorrelated combinations of the rows."""
    from scipy.special import chdtrc, fdtrc

    values, vectors = np.linalg.eigh(covariance)
    q, R = len(rows), len(estimate)
    df = np.full(R, np.inf)
    if moved is not None:
        df = joint_dfs(degrees_of_freedom(moved, np.einsum("rqi,qp->ipr", vectors, rows)))
    answers: Answers = {}
    for what, target in ((P, each.null), (P_NULL, each.truth(asked.beta))):
        distance = np.einsum("rqi,rq->ri", vectors, estimate - target)
        F = (distance**2 / values).mean(axis=1)
        finite = np.isfinite(df)
        tail = fdtrc(q, np.where(finite, df, 1.0), F)
        answers[key(what, each.name, test)] = np.where(
            np.isnan(df), np.nan, np.where(finite, tail, chdtrc(q, q * F))
        )
    return answers


def likelihood_ratio_answers(fit: LmerFit, asked: Asked, deviances: Deviances) -> Answers:
    """Test coefficients and hypotheses by likelihood ratios, all by ML.

    The responses are without X beta, so a fit with L beta at its true value is one with
    L beta = 0, and one with another value is that of a shifted response.
    """
    from scipy.special import chdtrc

    if not asked.lrt:
        return {}
    full = deviances(None, np.empty(0))
    answers: Answers = {}
    for each in asked.lrt:
        given, truth = constraint(fit, each.L), each.truth(asked.beta)
        # a coefficient that the truth does not have is zero in these responses
        shift = each.null - each.truth(np.nan_to_num(asked.beta))
        at_truth = deviances(given, np.zeros(len(shift)))
        found = deviances(given, shift) if shift.any() else at_truth
        known = np.isfinite(truth).all()
        for what, deviance in ((P, found), (P_NULL, at_truth if known else np.nan * full)):
            ratio = np.maximum(deviance - full, 0.0)
            answers[key(what, each.name, LRT)] = chdtrc(len(each.L), ratio)
    return answers


def shared_deviances(fit: LmerFit, blocks: ResponseBlocks, start: FloatArray) -> Deviances:
    """Return the deviances of responses to one design."""
    crossed = kernel_of(fit.solution.problem, fit.statistics, blocks) is None

    def deviances(given: Constraint | None, shift: FloatArray) -> FloatArray:
        if given is None:
            return _deviances(fit, fit.statistics, blocks, start)
        reduced = _reduced(fit, blocks, given, shift)
        found = _deviances(fit, *reduced, start)
        if shift.any() and crossed:
            # what the effect explained is in crossed random effects now, and there may be several
            # optima: the start that single fits have is tried as well
            found = np.fmin(found, _from_scratch(fit, *reduced))
        return found

    return deviances


def stacked_deviances(fit: LmerFit, designs: ManyDesigns, start: FloatArray) -> Deviances:
    """Return the deviances of designs of which each has its own response."""
    layout, basis = fit.solution.layout, fit.basis

    def deviances(given: Constraint | None, shift: FloatArray) -> FloatArray:
        now = designs if given is None else _constrained(designs, given, shift)
        problem = pose(now.units, basis, layout, reml=False)
        with np.errstate(all="ignore"):
            kernel = DesignBatch.of(problem, now)
            return solve_together(problem, layout, kernel, len(now), now.one, start).criterion

    return deviances


def _constrained(designs: ManyDesigns, given: Constraint, shift: FloatArray) -> ManyDesigns:
    """Return designs with the columns that a constraint leaves, and their shifted responses."""
    fixed, p = given.back @ shift, len(designs.Xy)
    columns = np.zeros((p + 1, given.free.shape[1] + 1))
    columns[:p, :-1] = given.free
    columns[p, -1] = 1.0
    moved = np.einsum("abr,b->ar", designs.XX, fixed)
    shifted = replace(
        designs,
        units=designs.units.recombined(columns),
        Zy=tuple(
            own - np.einsum("kpjr,p->kjr", ZX, fixed)
            for own, ZX in zip(designs.Zy, designs.ZX, strict=True)
        ),
        Xy=designs.Xy - moved,
        yy=designs.yy - 2.0 * (fixed @ designs.Xy) + fixed @ moved,
    )
    return shifted.recombined(given.free)


def _deviances(
    fit: LmerFit, design: SufficientStatistics, blocks: ResponseBlocks, start: FloatArray
) -> FloatArray:
    layout = fit.solution.layout
    problem = pose(design, fit.basis, layout, reml=False)
    return solve_batch(problem, design, layout, blocks, start).criterion


def _from_scratch(fit: LmerFit, design: SufficientStatistics, blocks: ResponseBlocks) -> FloatArray:
    found = []
    for r in range(len(blocks)):
        own, layout = blocks.statistics(design, r), fit.solution.layout
        problem = pose(own, fit.basis, layout, reml=False)
        try:
            found.append(solve(problem, own, layout).point.criterion - problem.constant)
        except np.linalg.LinAlgError:
            found.append(np.nan)
    return np.array(found)


def _reduced(
    fit: LmerFit, blocks: ResponseBlocks, given: Constraint, shift: FloatArray
) -> tuple[SufficientStatistics, ResponseBlocks]:
    """Return design and responses of the model in which L beta is `shift` from its true value."""
    design, p = fit.statistics, fit.statistics.n_fixed
    fixed = given.back @ shift
    columns = np.zeros((p + 1, p - len(shift) + 1))
    columns[:p, :-1] = given.free
    columns[p, -1] = 1.0
    XX = design.WW[:p, :p]
    Xy = blocks.Xy - (XX @ fixed)[:, None]
    Zy = tuple(
        own - np.einsum("kpj,p->kj", factor.ZW[:, :p], fixed)[:, :, None]
        for own, factor in zip(blocks.Zy, design.factors, strict=True)
    )
    yy = blocks.yy - 2.0 * (fixed @ blocks.Xy) + fixed @ XX @ fixed
    return design.recombined(columns), ResponseBlocks(Zy, given.free.T @ Xy, yy)
