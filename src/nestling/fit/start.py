"""Where Newton starts: variances estimated without iteration."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.parameters import Parameters
from nestling.linalg.factor import lower_root, symmetric_root
from nestling.statistics.layout import Layout
from nestling.statistics.sufficient import SufficientStatistics

FLOOR = 1e-2
"""Smallest relative variance of a start: at zero the criterion has no slope in theta."""
CEILING = 1e8
"""Largest relative variance of a start."""


def start(statistics: SufficientStatistics, parameters: Parameters, layout: Layout) -> FloatArray:
    """Return theta from MIVQUE(0): quadratic unbiased estimates at V = I (Rao 1971).

    The quadratic forms y'M V_i M y equal sum_l phi_l tr(M V_i M V_l) on average, with M the
    residual maker of X and phi = (sigma^2, sigma^2 Sigma). Both sides come from the blocks, in
    time proportional to the occupied cells.
    """
    p, n = statistics.n_fixed, statistics.n
    S = statistics.WW
    root = np.linalg.inv(np.linalg.cholesky(S[:p, :p])).T
    beta = root @ (root.T @ S[:p, p])
    contrast = np.append(-beta, 1.0)
    E = _basis(parameters)
    m = len(E[0])
    moments = np.zeros((m + 1, m + 1))
    forms = np.zeros(m + 1)
    moments[m, m] = n - p
    forms[m] = contrast @ S @ contrast
    fixed = [np.einsum("kij,il->klj", f.ZW[:, :-1], root) for f in statistics.factors]
    for direction, factor, X in zip(E, statistics.factors, fixed, strict=True):
        e = np.einsum("kcj,c->kj", factor.ZW, contrast)
        forms[:m] += np.einsum("mab,ab->m", direction, e @ e.T)
        own = factor.ZZ.sum(axis=2) - np.einsum("aij,bij->ab", X, X)
        moments[:m, m] += np.einsum("mab,ab->m", direction, own)
    moments[m, :m] = moments[:m, m]
    moments[:m, :m] = _trace_products(statistics, E, fixed)
    scale = np.sqrt(np.maximum(np.diag(moments), np.finfo(float).tiny))
    solution = np.linalg.lstsq(moments / np.outer(scale, scale), forms / scale, rcond=1e-10)[0]
    solution /= scale
    sigma2 = max(float(solution[m]), 1e-8 * float(forms[m]) / n)
    roots = []
    for f, direction in enumerate(E):
        Sigma = np.einsum("m,mab->ab", solution[:m], direction) / sigma2
        T = np.zeros_like(Sigma)
        for place in layout.places:
            if place.factor == f:
                part = slice(place.start, place.start + place.width)
                T[part, part] = _interior_root(Sigma[part, part])
        roots.append(T)
    return parameters.theta(tuple(roots))


def _interior_root(Sigma: FloatArray) -> FloatArray:
    """Lower root of the nearest matrix that is safely inside the cone."""
    values = np.linalg.eigvalsh(Sigma)
    floor = max(FLOOR, 1e-3 * float(values[-1]))
    return lower_root(np.minimum(symmetric_root(Sigma, min(floor, CEILING)), np.sqrt(CEILING)))


def _basis(parameters: Parameters) -> tuple[FloatArray, ...]:
    """Symmetric directions, one per element of theta: e_i e_j' + e_j e_i' or e_i e_i'."""
    directions = tuple(np.zeros((len(parameters), k, k)) for k in parameters.widths)
    for a, (f, i, j) in enumerate(
        zip(parameters.factor, parameters.row, parameters.column, strict=True)
    ):
        directions[f][a, i, j] = directions[f][a, j, i] = 1.0
    return directions


def _trace_products(
    statistics: SufficientStatistics, E: tuple[FloatArray, ...], fixed: list[FloatArray]
) -> FloatArray:
    """Return tr(M Z E Z' M Z F Z') = tr(C E C F), C = Z'Z - Z'X (X'X)^-1 X'Z, block by block."""
    m = len(E[0])
    total = np.zeros((m, m))
    squares = [np.einsum("aij,blj->abil", X, X) for X in fixed]
    blocks = [
        (f, f, slice(None), slice(None), factor.ZZ) for f, factor in enumerate(statistics.factors)
    ]
    blocks += [(q.first, q.second, q.rows, q.columns, q.ZZ) for q in statistics.pairs]
    for f, g, rows, columns, A in blocks:
        # moments[a, d, b, c] = sum over cells of C_jl[a, d] C_jl[b, c]
        XX = np.einsum("aij,dij->adj", fixed[f][..., rows], fixed[g][..., columns])
        moments = np.einsum("adj,bcj->adbc", A, A - XX)
        moments -= np.einsum("adj,bcj->adbc", XX, A)
        moments += np.einsum("abil,dcil->adbc", squares[f], squares[g])
        part = np.einsum("mab,adbc,ncd->mn", E[f], moments, E[g], optimize=True)
        total += part if f == g else part + part.T
    return total
