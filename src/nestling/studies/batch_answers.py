"""The questions about fixed effects answered for many responses to one design together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.batch import BatchSensitivity, ResponseBlocks
from nestling.fit.batch_designs import DesignBatch
from nestling.fit.batch_kenward_roger import BatchKenwardRoger
from nestling.fit.batch_satterthwaite import degrees_of_freedom
from nestling.fit.batch_solve import BatchSolution, kernel_of, solve_batch, solve_together
from nestling.fit.solve import pose, solve
from nestling.results.constrained import Constraint, constraint
from nestling.results.kenward_roger import scaled_f
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


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What tests of fixed effects need beside estimates: None where no test asks for it.

    Attributes
    ----------
    sensitivity : BatchSensitivity or None
        For Satterthwaite's.
    adjusted : BatchKenwardRoger or None
        For Kenward and Roger's.
    """

    sensitivity: BatchSensitivity | None
    adjusted: BatchKenwardRoger | None


def hypothesis_answers(
    fit: LmerFit, asked: Asked, found: BatchSolution, table: Refits, known: Known
) -> Answers:
    """Test contrasts by t and joint hypotheses by F."""
    answers: Answers = {}
    for each in asked.hypotheses:
        rows = each.L @ fit.basis.transform[:-1, :-1]
        estimate = table.beta @ each.L.T
        for test in asked.tests:
            moments = _Moments(rows, estimate, table.sigma**2)
            if test == "kenward-roger" and known.adjusted is not None:
                answers |= _adjusted(each, asked, moments, known.adjusted)
                continue
            covariance = np.einsum("ap,pqr,bq->rab", rows, found.unscaled, rows)
            covariance *= moments.sigma2[:, None, None]
            moved = known.sensitivity if test == "satterthwaite" else None
            if each.joint:
                answers |= _joint(each, asked, test, moments, covariance, moved)
                continue
            answers[key("se", each.name, test)] = np.sqrt(covariance[:, 0, 0])
            df = np.full(len(estimate), np.inf)
            if moved is not None:
                df = degrees_of_freedom(moved, rows)[0]
            answers[key("df", each.name, test)] = df
        if not each.joint:
            answers[key("estimate", each.name)] = estimate[:, 0]
    return answers


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Rows (q, p) of a hypothesis in the basis, their estimates (R, q), sigma squared (R,)."""

    rows: FloatArray
    estimate: FloatArray
    sigma2: FloatArray


def _joint(
    each: Hypothesis,
    asked: Asked,
    test: str,
    moments: _Moments,
    covariance: FloatArray,
    moved: BatchSensitivity | None,
) -> Answers:
    """Average the squared t of uncorrelated combinations of the rows."""
    values, vectors = np.linalg.eigh(covariance)
    q, R = len(moments.rows), len(moments.estimate)
    df = np.full(R, np.inf)
    if moved is not None:
        turned = np.einsum("rqi,qp->ipr", vectors, moments.rows)
        df = joint_dfs(degrees_of_freedom(moved, turned))
    answers: Answers = {}
    for what, target in ((P, each.null), (P_NULL, each.truth(asked.beta))):
        distance = np.einsum("rqi,rq->ri", vectors, moments.estimate - target)
        F = (distance**2 / values).mean(axis=1)
        answers[key(what, each.name, test)] = _tail(F, q, df)
    return answers


def _adjusted(
    each: Hypothesis, asked: Asked, moments: _Moments, adjusted: BatchKenwardRoger
) -> Answers:
    """Test with Kenward and Roger's covariance matrix: by t, or by their scaled F."""
    test, rows = "kenward-roger", moments.rows
    if not each.joint:
        se = np.sqrt(moments.sigma2 * adjusted.variance(rows)[0])
        return {key("se", each.name, test): se, key("df", each.name, test): adjusted.df(rows)[0]}
    df, scaling = scaled_f(len(rows), *adjusted.spreads(rows))
    covariance = np.einsum("ap,pqr,bq->rab", rows, adjusted.vcov, rows)
    covariance *= moments.sigma2[:, None, None]
    answers: Answers = {}
    for what, target in ((P, each.null), (P_NULL, each.truth(asked.beta))):
        distance = moments.estimate - target
        solved = np.linalg.solve(covariance, distance[:, :, None])[:, :, 0]
        F = scaling * (distance * solved).sum(axis=1) / len(rows)
        answers[key(what, each.name, test)] = _tail(F, len(rows), df)
    return answers


def _tail(F: FloatArray, q: int, df: FloatArray) -> FloatArray:
    """Return the p values of F with q and df degrees of freedom; df may be infinite."""
    from scipy.special import chdtrc, fdtrc

    finite = np.isfinite(df)
    tail = fdtrc(q, np.where(finite, df, 1.0), F)
    return np.where(np.isnan(df), np.nan, np.where(finite, tail, chdtrc(q, q * F)))


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
