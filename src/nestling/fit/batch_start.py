"""Where many responses start: variances estimated without iteration, all at once.

With P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1 at one common theta, the quadratic forms y'P V_i P y
equal sum_l phi_l tr(P V_i P V_l) on average (MIVQUE, Rao 1971). The left-hand sides differ
between the responses, the matrix on the right does not. At the optimum of a fit to similar
responses this is close to each one's own; for balanced data it is the optimum.
"""

from dataclasses import replace

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.fit.batch import ResponseBlocks
from nestling.fit.choose import structure_of
from nestling.fit.criterion import Problem, profile
from nestling.fit.start import DROWNED, FLOOR
from nestling.fit.structure import Factorisation, Roots, Score
from nestling.fit.theta_map import ThetaMap
from nestling.linalg.stacked import cholesky
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import FactorBlocks, SufficientStatistics

TOGETHER = 64
"""Responses beside X in one factorisation."""


def moments_at(problem: Problem, theta: FloatArray) -> FloatArray:
    """Return tr(P V_i P V_l) for all pairs of variances, (m + 1, m + 1), the residual's last.

    The identity's share follows from P V P = P and V = I + Z Sigma Z'.
    """
    parameters = problem.parameters
    m = len(parameters)
    roots = parameters.roots(theta)
    units = parameters.units()
    if problem.structure.exact:
        products, traces = _exactly(problem, roots, units)
    else:
        products, traces = _by_differences(problem, roots, units)
    share = _elements(parameters, roots)
    moments = np.empty((m + 1, m + 1))
    moments[:m, :m] = products
    moments[m, :m] = moments[:m, m] = traces - products @ share
    moments[m, m] = problem.n - problem.p - 2.0 * traces @ share + share @ products @ share
    return moments


def _elements(parameters: ThetaMap, roots: Roots) -> FloatArray:
    """Return the elements of Sigma = T T' where theta has its own."""
    share = np.zeros(len(parameters))
    for each, T in zip(parameters.entries, roots, strict=True):
        share[each.position] = (T @ T.T)[each.row, each.column]
    return share


def _exactly(
    problem: Problem, roots: Roots, units: tuple[FloatArray, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return tr(P V_i P V_l) and tr(P V_i) for the elements of Sigma."""
    factorisation = problem.structure.factorise(roots)
    fixed = _fixed(problem, factorisation)
    silent = Score(
        tuple(np.zeros((X.shape[0], X.shape[2])) for X in fixed), fixed, 0.0, 1.0, reml=True
    )
    return -factorisation.curvature(units, silent), _traces(factorisation, fixed, units)


def _by_differences(
    problem: Problem, roots: Roots, units: tuple[FloatArray, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return the same by central differences: tr(P V_i P V_l) is minus d tr(P V_i) / d Sigma_l.

    A start needs few digits, and what it costs is shared by all responses. The differences are
    taken around a Sigma that is lifted off the boundary.
    """
    m = len(problem.parameters)

    def traces(T: Roots) -> FloatArray:
        factorisation = problem.structure.factorise(T)
        return _traces(factorisation, _fixed(problem, factorisation), units)

    lifted = [T @ T.T + 1e-3 * np.eye(len(T)) for T in roots]
    products = np.empty((m, m))
    for i in range(m):
        ends = []
        for move in (1e-4, -1e-4):
            moved = [S + move * unit[i] for S, unit in zip(lifted, units, strict=True)]
            ends.append(traces(tuple(np.linalg.cholesky(S) for S in moved)))
        products[i] = (ends[1] - ends[0]) / 2e-4
    return 0.5 * (products + products.T), traces(roots)


def _fixed(problem: Problem, factorisation: Factorisation) -> tuple[FloatArray, ...]:
    """Return Z'V^-1 X R with R R' = (X'V^-1 X)^-1 per factor."""
    p, root = problem.p, profile(problem, factorisation)[2]
    return tuple(np.einsum("kij,il->klj", H[:, :p], root) for H in factorisation.ZVW)


def _traces(
    factorisation: Factorisation, fixed: tuple[FloatArray, ...], units: tuple[FloatArray, ...]
) -> FloatArray:
    """Return tr(P V_i)."""
    traces = np.zeros(len(units[0]))
    for direction, trace, X in zip(units, factorisation.traces(), fixed, strict=True):
        own = trace - np.einsum("aij,bij->ab", X, X)
        traces += np.einsum("mab,ab->m", direction, own)
    return traces


def shared_forms(
    problem: Problem, design: SufficientStatistics, responses: ResponseBlocks, theta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return y'P Z E Z'P y, (m, R), and y'P y, (R,), from factorisations that responses share."""
    parameters, p = problem.parameters, problem.p
    roots, units = parameters.roots(theta), parameters.units()
    R = len(responses.yy)
    forms, square = np.zeros((len(parameters), R)), np.empty(R)
    for start in range(0, R, TOGETHER):
        part = slice(start, start + TOGETHER)
        together = _joint(design, responses, part)
        factorisation = structure_of(together).factorise(roots)
        S = factorisation.WVW
        beta = np.linalg.solve(S[:p, :p], S[:p, p:])
        square[part] = np.diag(S)[p:] - np.einsum("pr,pr->r", S[:p, p:], beta)
        for H, unit in zip(factorisation.ZVW, units, strict=True):
            e = H[:, p:] - np.einsum("kpj,pr->krj", H[:, :p], beta)
            forms[:, part] += np.einsum("mab,abr->mr", unit, np.einsum("arj,brj->abr", e, e))
    return forms, square


def _joint(
    design: SufficientStatistics, responses: ResponseBlocks, part: slice
) -> SufficientStatistics:
    """Return the statistics of X with several responses beside it.

    The products of two responses are not needed and stay zero.
    """
    p = design.n_fixed
    Xy, yy = responses.Xy[:, part], responses.yy[part]
    WW = np.zeros((p + len(yy), p + len(yy)))
    WW[:p, :p] = design.WW[:p, :p]
    WW[:p, p:], WW[p:, :p] = Xy, Xy.T
    WW[range(p, len(WW)), range(p, len(WW))] = yy
    factors = [
        FactorBlocks(f.ZZ, np.concatenate([f.ZW[:, :p], Zy[:, :, part].transpose(0, 2, 1)], axis=1))
        for f, Zy in zip(design.factors, responses.Zy, strict=True)
    ]
    return replace(design, WW=WW, factors=tuple(factors))


def guesses(
    moments: FloatArray,
    forms: FloatArray,
    square: FloatArray,
    theta: FloatArray,
    problem: Problem,
    layout: Layout,
) -> FloatArray:
    """Return a theta (m, R) per response, inside the parameter space.

    `forms` and `square` are y'P Z E Z'P y (m, R) and y'P y (R,) at `theta`.
    """
    parameters = problem.parameters
    m, R = forms.shape
    share = _elements(parameters, parameters.roots(theta))
    right = np.vstack([forms, square - share @ forms])
    scale = np.sqrt(np.maximum(np.diag(moments), np.finfo(float).tiny))
    scaled = np.linalg.pinv(moments / np.outer(scale, scale), rcond=1e-10, hermitian=True)
    solution = (scaled @ (right / scale[:, None])) / scale[:, None]
    least = DROWNED / max(1.0, float(np.abs(share).max())) ** 2
    total = np.maximum(solution[m], 0.0) + np.abs(solution[:m]).sum(axis=0)
    relative = solution[:m] / np.maximum(solution[m], least * total)
    start = np.empty((m, R))
    for place, entries in zip(layout.places, by_term(parameters, layout), strict=True):
        position, row, column = entries
        k = place.width
        if k == 1:
            start[position] = np.sqrt(np.maximum(relative[position], FLOOR))
            continue
        Sigma = np.empty((R, k, k))
        Sigma[:, row, column] = Sigma[:, column, row] = relative[position].T
        low = ~safely_above(Sigma, FLOOR, 1e-2)
        if low.any():
            values, vectors = np.linalg.eigh(Sigma[low])
            floor = np.maximum(FLOOR, 1e-2 * values[:, -1:])
            values = np.maximum(values, floor)
            Sigma[low] = np.einsum("rai,ri,rbi->rab", vectors, values, vectors, optimize=True)
        start[position] = cholesky(Sigma.transpose(1, 2, 0))[row, column]
    return start


def safely_above(Sigma: FloatArray, least: float, share: float) -> BoolArray:
    """Whether all eigenvalues of symmetric (R, k, k) matrices surely exceed two limits.

    The limits are `least` and a share of the trace; the smallest eigenvalue is no smaller than
    the determinant over the (k - 1)th power of the trace.
    """
    k = Sigma.shape[1]
    lower = cholesky(Sigma.transpose(1, 2, 0))
    determinant = np.prod(np.einsum("kkr->kr", lower) ** 2, axis=0)
    trace = np.einsum("rkk->r", Sigma)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(determinant / trace ** (k - 1) > np.maximum(least, share * trace))


def by_term(parameters: ThetaMap, layout: Layout) -> list[tuple[IntArray, IntArray, IntArray]]:
    """Return per term the positions of its elements in theta and their places in its own T."""
    found = []
    for place in layout.places:
        each = parameters.entries[place.factor]
        mine = (each.row >= place.start) & (each.row < place.start + place.width)
        found.append(
            (each.position[mine], each.row[mine] - place.start, each.column[mine] - place.start)
        )
    return found
