"""Responses drawn without rows: the sufficient statistics of y = X beta + Z b + e, exactly.

Given the design, Z'y, X'y and y'y are functions of b, of [Z X]'e and of e'e. The second is
normal with covariance sigma^2 [Z X]'[Z X]; the third is the squared length of e's projection on
the columns of [Z X], which the same normals give, plus sigma^2 times an independent chi-square
on the remaining degrees of freedom. So a replicate costs as much as it has random effects,
however many rows stand behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.statistics.sufficient import PairBlocks, SufficientStatistics

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NULL = 1e-10
"""Directions of [Z X] below this share of their columns' squares are rounding."""

LARGEST = 20_000_000
"""Cells of the dense cross-products between the first factor and the other columns."""


@dataclass(frozen=True, slots=True)
class ErrorRoots:
    """A root of [Z X]'[Z X]: the first factor level by level, then the rest together.

    Attributes
    ----------
    first : (k, k, J) array
        Root of each level's Z'Z, zero in null directions.
    first_rank : (k, J) array
        One where a direction is not null.
    carry : (m, k J) array
        From the first factor's Z'e to the expectation of the rest's products with e.
    rest : (m, m) array
        Root of what the first factor leaves of the other factors' columns and X.
    rest_rank : (m,) array
    free : int
        Rows less the rank of [Z X].
    """

    first: FloatArray
    first_rank: FloatArray
    carry: FloatArray
    rest: FloatArray
    rest_rank: FloatArray
    free: int


def is_drawable(design: SufficientStatistics) -> bool:
    """Whether the dense part of the factorisation is small enough to hold."""
    size, leading = _rest_size(design), design.factors[0]
    return size * max(size, leading.width * leading.n_levels) <= LARGEST


def _rest_size(design: SufficientStatistics) -> int:
    """Columns of [Z X] beside the first factor's."""
    return design.n_fixed + sum(f.width * f.n_levels for f in design.factors[1:])


def error_roots(design: SufficientStatistics) -> ErrorRoots:
    """Factorise [Z X]'[Z X] once for all replicates.

    Raises
    ------
    ArgumentError
        When the design is not drawable.
    """
    if not is_drawable(design):
        raise ArgumentError(
            f"The design has {_rest_size(design)} columns beside its largest grouping factor, "
            "too many to draw responses without rows. Draw rows instead."
        )
    leading = design.factors[0]
    k, J = leading.width, leading.n_levels
    root, inverse, kept = _stacked_roots(leading.ZZ)
    cross, gram = _rest(design)
    # a level's columns are adjacent in the flattened axis: position a J + j
    blocks = cross.reshape(len(cross), k, J)
    carry = np.einsum("mbj,abj->maj", blocks, inverse).reshape(len(cross), k * J)
    left = gram - carry @ cross.T
    scale = np.sqrt(np.where(np.diag(gram) > 0.0, np.diag(gram), 1.0))
    values, vectors = np.linalg.eigh(left / np.outer(scale, scale))
    live = values > NULL
    rest = scale[:, None] * vectors * np.sqrt(np.where(live, values, 0.0))
    rank = int(kept.sum()) + int(live.sum())
    return ErrorRoots(root, kept, carry, rest, live.astype(float), max(design.n - rank, 0))


def draw_responses(
    design: SufficientStatistics,
    roots: Sequence[FloatArray],
    beta: FloatArray,
    sigma: float,
    streams: Sequence[np.random.Generator],
    *,
    errors: ErrorRoots | None = None,
    effects: Sequence[FloatArray] | None = None,
) -> tuple[tuple[FloatArray, ...], FloatArray, FloatArray]:
    """Draw the sufficient statistics of responses, one per stream.

    Parameters
    ----------
    design : SufficientStatistics
        Whose response is ignored.
    roots : sequence of (k, k) arrays
        Per grouping factor the T with sigma^2 T T' the covariance of its random effects.
    beta : (p,) array
        Fixed effects.
    sigma : float
        Residual standard deviation.
    streams : sequence of Generator
        One per replicate; each gives 2 q + p normals and a chi-square.
    errors : ErrorRoots, optional
        `error_roots(design)`, when more than one batch is drawn.
    effects : sequence of (k, J) arrays, optional
        Random effects to hold fixed in place of new ones.

    Returns
    -------
    Zy : tuple of (k, J, R) arrays
    Xy : (p, R) array
    yy : (R,) array

    Examples
    --------
    >>> import numpy as np
    >>> from nestling.statistics.sufficient import FactorBlocks
    >>> two = FactorBlocks(np.full((1, 1, 2), 5.0), np.full((1, 2, 2), 5.0))
    >>> design = SufficientStatistics(np.full((2, 2), 10.0), (two,), (), 10, 0.0)
    >>> Zy, Xy, yy = draw_responses(
    ...     design, (np.eye(1),), np.ones(1), 1.0, [np.random.default_rng(1)])
    >>> bool(np.isclose(Zy[0].sum(), Xy[0, 0]))
    True
    """
    known = error_roots(design) if errors is None else errors
    widths = [(f.width, f.n_levels) for f in design.factors]
    q, p, R = sum(k * J for k, J in widths), design.n_fixed, len(streams)
    normals, chi2 = np.empty((R, 2 * q + p)), np.zeros(R)
    for r, stream in enumerate(streams):
        stream.standard_normal(out=normals[r])
        chi2[r] = stream.chisquare(known.free) if known.free else 0.0
    draws = np.ascontiguousarray(normals.T)
    b, start = [], 0
    for position, (k, J) in enumerate(widths):
        u = draws[start : start + k * J].reshape(k, J, R)
        fixed = None if effects is None else np.asarray(effects[position])[:, :, None]
        b.append(
            sigma * np.einsum("ab,bjr->ajr", roots[position], u)
            if fixed is None
            else np.broadcast_to(fixed, (k, J, R))
        )
        start += k * J
    Ze, Xe, ee = _errors(known, design, draws[start:], sigma, chi2)
    X = slice(0, p)
    Zm = [f.ZW[:, X].transpose(0, 2, 1) @ beta for f in design.factors]
    mean = [
        m[:, :, None] + np.einsum("abj,bjr->ajr", f.ZZ, effect)
        for m, f, effect in zip(Zm, design.factors, b, strict=True)
    ]
    for pair in design.pairs:
        i, j = pair.first, pair.second
        meeting = _pair_matrix(design, pair)
        mean[i] += (meeting @ b[j].reshape(-1, R)).reshape(mean[i].shape)
        mean[j] += (meeting.T @ b[i].reshape(-1, R)).reshape(mean[j].shape)
    Xm = np.repeat((design.WW[X, X] @ beta)[:, None], R, axis=1)
    for f, effect in zip(design.factors, b, strict=True):
        Xm += np.einsum("kpj,kjr->pr", f.ZW[:, X], effect)
    # |X beta + Z b|^2 + 2 (X beta + Z b)'e + e'e
    yy = beta @ (Xm + 2.0 * Xe) + ee
    for effect, m, e in zip(b, mean, Ze, strict=True):
        yy += np.einsum("kjr,kjr->r", effect, m + 2.0 * e)
    return tuple(m + e for m, e in zip(mean, Ze, strict=True)), Xm + Xe, yy


def _pair_matrix(design: SufficientStatistics, pair: PairBlocks) -> csr_array:
    """Return Z_i'Z_j of two factors, effect by effect and level by level."""
    from scipy.sparse import csr_array

    first, second = design.factors[pair.first], design.factors[pair.second]
    k, m, _ = pair.ZZ.shape
    rows = np.arange(k)[:, None, None] * first.n_levels + pair.rows
    columns = np.arange(m)[:, None] * second.n_levels + pair.columns
    at = tuple(np.broadcast_to(each, pair.ZZ.shape).ravel() for each in (rows, columns))
    return csr_array((pair.ZZ.ravel(), at), (k * first.n_levels, m * second.n_levels))


def _errors(
    known: ErrorRoots,
    design: SufficientStatistics,
    draws: FloatArray,
    sigma: float,
    chi2: FloatArray,
) -> tuple[list[FloatArray], FloatArray, FloatArray]:
    """Return Z'e per factor, X'e and e'e from standard normals."""
    k, J = known.first_rank.shape
    R = draws.shape[1]
    z = draws[: k * J].reshape(k, J, R)
    w = draws[k * J :]
    leading = np.einsum("abj,bjr->ajr", known.first, z)
    rest = known.carry @ leading.reshape(k * J, R) + known.rest @ w
    square = np.einsum("kj,kjr->r", known.first_rank, z**2) + known.rest_rank @ w**2 + chi2
    products, start = [sigma * leading], 0
    for factor in design.factors[1:]:
        stop = start + factor.width * factor.n_levels
        products.append(sigma * rest[start:stop].reshape(factor.width, factor.n_levels, R))
        start = stop
    return products, sigma * rest[start:], sigma**2 * square


def _stacked_roots(gram: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a root, the generalised inverse and the live directions of each level's Z'Z."""
    stack = gram.transpose(2, 0, 1)
    diagonal = np.einsum("jkk->jk", stack)
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(stack / (scale[:, :, None] * scale[:, None, :]))
    live = values > NULL
    root = scale[:, :, None] * vectors * np.sqrt(np.where(live, values, 0.0))[:, None, :]
    half = vectors / scale[:, :, None]
    half = half * np.where(live, 1.0 / np.sqrt(np.where(live, values, 1.0)), 0.0)[:, None, :]
    inverse = half @ half.transpose(0, 2, 1)
    return root.transpose(1, 2, 0), inverse.transpose(1, 2, 0), live.T.astype(float)


def _rest(design: SufficientStatistics) -> tuple[FloatArray, FloatArray]:
    """Return [Z_2 .. X]'Z_1 and [Z_2 .. X]'[Z_2 .. X], dense."""
    factors, p = design.factors, design.n_fixed
    starts = np.cumsum([0, *(f.width * f.n_levels for f in factors[1:])])
    q, size = int(starts[-1]), _rest_size(design)
    leading = factors[0]
    cross = np.zeros((size, leading.width, leading.n_levels))
    gram = np.zeros((size, size))
    cross[q:] = leading.ZW[:, :p].transpose(1, 0, 2)
    gram[q:, q:] = design.WW[:p, :p]
    for start, f in zip(starts, factors[1:], strict=False):
        level = np.arange(f.n_levels)
        for a in range(f.width):
            place = start + a * f.n_levels + level
            gram[place, q:] = f.ZW[a, :p].T
            gram[q:, place] = f.ZW[a, :p]
            for b in range(f.width):
                gram[place, start + b * f.n_levels + level] = f.ZZ[a, b]
    for pair in design.pairs:
        second = factors[pair.second]
        for b in range(second.width):
            column = starts[pair.second - 1] + b * second.n_levels + pair.columns
            for a in range(factors[pair.first].width):
                if pair.first == 0:
                    cross[column, a, pair.rows] = pair.ZZ[a, b]
                    continue
                row = starts[pair.first - 1] + a * factors[pair.first].n_levels + pair.rows
                gram[row, column] = gram[column, row] = pair.ZZ[a, b]
    return cross.reshape(size, leading.width * leading.n_levels), gram
