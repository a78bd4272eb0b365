"""Where Newton starts: variances estimated without iteration."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.criterion import Problem, profile
from nestling.fit.structure import Score
from nestling.fit.theta_map import ThetaMap
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import SufficientStatistics

FLOOR = 1e-2
"""Smallest relative variance of a start: at zero the criterion has no slope in theta."""


Cells = slice | IntArray

DROWNED = 1e-3
"""Smallest share of the residual variance in the total that an estimate at V = I can tell."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A starting point, and where the estimates lay.

    Attributes
    ----------
    theta : (n_theta,) array
    interior : bool
        Whether they lay well inside the parameter space.
    drowned : bool
        Whether the residual variance was lost in the error of the other variances.
    """

    theta: FloatArray
    interior: bool
    drowned: bool


def first_guess(statistics: SufficientStatistics, parameters: ThetaMap, layout: Layout) -> Guess:
    """Return theta from MIVQUE(0): quadratic unbiased estimates at V = I (Rao 1971).

    The quadratic forms y'M V_i M y equal sum_l phi_l tr(M V_i M V_l) on average, with M the
    residual maker of X and phi = (sigma^2 Sigma, sigma^2). Both sides come from the blocks, in
    time proportional to the occupied cells. For balanced data this is the REML estimate.
    """
    p = statistics.n_fixed
    contrasts = _contrasts(statistics.WW)
    units = parameters.units()
    m = len(parameters)
    forms = np.zeros(m + 1)
    forms[m] = contrasts[p] @ statistics.WW @ contrasts[p]
    fixed = []
    for direction, factor in zip(units, statistics.factors, strict=True):
        G = contrasts @ factor.ZW
        e = G[:, p]
        forms[:m] += _along(direction, e @ e.T)
        fixed.append(G[:, :p])
    moments = _moments(statistics, units, fixed)
    return _guess(moments, forms, parameters, layout, DROWNED)


def moments_at_identity(statistics: SufficientStatistics, parameters: ThetaMap) -> FloatArray:
    """Return tr(M V_i M V_l) for all pairs of variances, sigma^2 last: the design's part."""
    rows = _contrasts(statistics.WW)[:-1]
    fixed = [rows @ factor.ZW for factor in statistics.factors]
    return _moments(statistics, parameters.units(), fixed)


def _contrasts(S: FloatArray) -> FloatArray:
    """Return rows that turn [X y] into orthonormal columns and the least-squares residual."""
    p = len(S) - 1
    root = np.linalg.inv(np.linalg.cholesky(S[:p, :p]))
    contrasts = np.zeros((p + 1, p + 1))
    contrasts[:p, :p] = root
    contrasts[p, :p] = -(root.T @ (root @ S[:p, p]))
    contrasts[p, p] = 1.0
    return contrasts


def _along(directions: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return tr(E M) along each symmetric direction E (m, k, k)."""
    return np.asarray(directions.reshape(len(directions), matrix.size) @ matrix.ravel())


def _moments(
    statistics: SufficientStatistics, E: tuple[FloatArray, ...], fixed: list[FloatArray]
) -> FloatArray:
    m = len(E[0])
    moments = np.zeros((m + 1, m + 1))
    moments[m, m] = statistics.n - statistics.n_fixed
    for direction, factor, X in zip(E, statistics.factors, fixed, strict=True):
        flat = X.reshape(len(X), X[0].size)
        moments[:m, m] += _along(direction, factor.ZZ.sum(axis=2) - flat @ flat.T)
    moments[m, :m] = moments[:m, m]
    moments[:m, :m] = _trace_products(statistics, E, fixed)
    return moments


def second_guess(problem: Problem, layout: Layout, theta: FloatArray | None = None) -> Guess:
    """Return theta from MIVQUE at a theta, or at Sigma = I.

    For structures with exact second derivatives. With P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1 the
    equations need tr(P V_i P V_l) and y'P V_i P y. The identity's share follows from P V P = P
    and V = I + Z Sigma Z'. Better than V = I where the variances are large and the data
    unbalanced.
    """
    parameters, p = problem.parameters, problem.p
    m = len(parameters)
    if theta is None:
        roots = tuple(np.eye(k) for k in parameters.widths)
    else:
        roots = parameters.roots(theta)
    factorisation = problem.structure.factorise(roots)
    beta, square, root, _ = profile(problem, factorisation)
    contrast = np.append(-beta, 1.0)
    residuals = [np.einsum("kcj,c->kj", H, contrast) for H in factorisation.ZVW]
    fixed = tuple(np.einsum("kij,il->klj", H[:, :-1], root) for H in factorisation.ZVW)
    # one more direction: Sigma itself
    E = tuple(
        np.concatenate([direction, (T @ T.T)[None]])
        for direction, T in zip(parameters.units(), roots, strict=True)
    )
    silent = Score(tuple(np.zeros_like(e) for e in residuals), fixed, 0.0, 1.0, reml=True)
    products = -factorisation.curvature(E, silent)
    traces, forms = np.zeros(m + 1), np.zeros(m + 1)
    for direction, trace, e, X in zip(E, factorisation.traces(), residuals, fixed, strict=True):
        own = trace - np.einsum("aij,bij->ab", X, X)
        traces += np.einsum("mab,ab->m", direction, own)
        forms += np.einsum("mab,ab->m", direction, e @ e.T)
    moments = products.copy()
    moments[m, :m] = moments[:m, m] = traces[:m] - products[:m, m]
    moments[m, m] = problem.n - p - 2.0 * traces[m] + products[m, m]
    forms[m] = square - forms[m]
    # given variances of the right order, the residual variance hardly suffers from their error
    largest = max(1.0, *(float((T @ T.T).max()) for T in roots))
    return _guess(moments, forms, parameters, layout, DROWNED / largest**2)


def _guess(
    moments: FloatArray, forms: FloatArray, parameters: ThetaMap, layout: Layout, least: float
) -> Guess:
    """Solve the MIVQUE equations and bring the solution inside the parameter space.

    `least` is the smallest share of the residual variance in the total that is believed.
    """
    m = len(parameters)
    scale = np.sqrt(np.maximum(np.diag(moments), np.finfo(float).tiny))
    scaled = moments / (scale[:, None] * scale)
    solution = np.linalg.lstsq(scaled, forms / scale, rcond=1e-10)[0]
    solution /= scale
    total = float(solution[m]) + float(np.abs(solution[:m]).sum())
    drowned = bool(solution[m] <= least * total)
    interior = not drowned
    sigma2 = least * total if drowned else float(solution[m])
    roots = []
    for f, direction in enumerate(parameters.units()):
        Sigma = np.einsum("m,mab->ab", solution[:m], direction) / sigma2
        T = np.zeros_like(Sigma)
        for place in layout.places:
            if place.factor == f:
                part = slice(place.start, place.start + place.width)
                values = np.linalg.eigvalsh(Sigma[part, part])
                floor = max(FLOOR, 1e-2 * float(values[-1]))
                if values[0] >= floor:
                    T[part, part] = np.linalg.cholesky(Sigma[part, part])
                    continue
                interior = False
                T[part, part] = lower_root(symmetric_root(Sigma[part, part], floor))
        roots.append(T)
    return Guess(parameters.theta(tuple(roots)), interior, drowned)


def _trace_products(
    statistics: SufficientStatistics, E: tuple[FloatArray, ...], fixed: list[FloatArray]
) -> FloatArray:
    """Return tr(M Z E Z' M Z F Z') = tr(C E C F), C = Z'Z - Z'X (X'X)^-1 X'Z, block by block."""
    m = len(E[0])
    total = np.zeros((m, m))
    squares = []
    for X in fixed:
        flat = X.reshape(X.shape[0] * X.shape[1], X.shape[2])
        squares.append((flat @ flat.T).reshape(*X.shape[:2], *X.shape[:2]))
    blocks: list[tuple[int, int, Cells, Cells, FloatArray]] = [
        (f, f, slice(None), slice(None), factor.ZZ) for f, factor in enumerate(statistics.factors)
    ]
    blocks += [(q.first, q.second, q.rows, q.columns, q.ZZ) for q in statistics.pairs]
    for f, g, rows, columns, A in blocks:
        # moments[a, d, b, c] = sum over cells of C_jl[a, d] C_jl[b, c]
        k, r = A.shape[:2]
        XX = np.einsum("aij,dij->adj", fixed[f][..., rows], fixed[g][..., columns])
        flat, other = A.reshape(k * r, -1), XX.reshape(k * r, -1)
        moments = flat @ (flat - other).T - other @ flat.T
        pairs = moments.reshape(k, r, k, r).transpose(0, 2, 3, 1)
        pairs = pairs + np.einsum("aibl,dicl->abcd", squares[f], squares[g])
        part = E[f].reshape(m, -1) @ pairs.reshape(k * k, r * r) @ E[g].reshape(m, -1).T
        total += part if f == g else part + part.T
    return total
