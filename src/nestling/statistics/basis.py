"""The coordinates in which sufficient statistics are accumulated.

Cross-products square the condition number of the data. They stay accurate when the columns are
nearly orthonormal, so rows are transformed before they are multiplied: columns are centred when
the model has an intercept, X becomes Q of its QR factorisation, y the residual of its regression
on X, and the Z of each term is rotated to unit mean square. The model is invariant to all four;
the estimates are mapped back exactly.
"""

import math
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import DataError
from nestling.statistics.rows import Rows

RANK_TOLERANCE = 1e-7
"""R's qr() drops a column whose residual norm is below this share of its norm."""
SOUND = 0.03
"""One pass of Cholesky QR loses less than three digits when no column has a smaller share left."""
SQUARES = (1e-280, 1e280)
"""Sums of squares outside lose digits, or the squared standard errors made from them do."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A linear change of coordinates of the columns of X, y and Z.

    Attributes
    ----------
    kept, dropped : (p,), (d,) arrays
        Columns of the given X that are linearly independent, and the others.
    transform : (p + 1, p + 1) array
        Upper triangular G: rows of [X y] times G are rows of [Q r]. The last column turns y
        into its scaled residual.
    response_scale : float
        A power of two: the residual r is y minus its fit, divided by this.
    rotations : tuple of (k, k) arrays
        Per random term the G with Z G the rotated columns of Z.
    """

    kept: IntArray
    dropped: IntArray
    transform: FloatArray
    response_scale: float
    rotations: tuple[FloatArray, ...]

    @property
    def log_scale(self) -> float:
        """Log determinant of the map from X to Q; enters the REML criterion twice."""
        return float(-np.log(np.abs(np.diag(self.transform)[:-1])).sum())

    def fixed(self, coefficients: FloatArray) -> FloatArray:
        """Map coefficients of Q (p, ...) for the scaled residual to coefficients of X."""
        G = self.transform
        offset = G[:-1, -1].reshape((-1,) + (1,) * (coefficients.ndim - 1))
        return np.asarray((G[:-1, :-1] @ coefficients - offset) * self.response_scale)

    def covariance(self, unscaled: FloatArray) -> FloatArray:
        """Map the unscaled covariance (p, p) of Q's coefficients to that of X's."""
        G = self.transform[:-1, :-1]
        return np.asarray(G @ unscaled @ G.T)


def choose_basis(rows: Rows) -> Basis:
    """Find the basis for these rows.

    1. centre on the intercept, 2. decide the rank as R does, 3. orthonormalise by Cholesky QR,
    in a second pass too where the condition number cost the first some digits, 4. do the same
    for each term's Z.
    """
    raw = _within_range(rows)
    centre = _centring(raw, rows.intercept)
    gram = rows.fixed_gram(centre)
    kept, dropped = _rank(rows, gram, centre, np.diag(raw))
    columns = np.r_[kept, gram.shape[0] - 1]
    change, sound = _orthonormaliser(gram[columns[:, None], columns])
    transform = centre[:, columns] @ change
    if not sound:
        transform = transform @ _orthonormaliser(rows.fixed_gram(transform))[0]
    transform = transform[columns]
    scale = 2.0 ** -round(math.log2(transform[-1, -1]))
    transform[:, -1] /= transform[-1, -1] * scale
    return Basis(
        kept=kept,
        dropped=dropped,
        transform=transform,
        response_scale=scale,
        rotations=tuple(_rotation(rows, term) for term in range(len(rows.matrices.random))),
    )


def _within_range(rows: Rows) -> FloatArray:
    """Return the cross-products of [X y], refusing columns whose squares double precision loses.

    Such a column would silently become infinite, or vanish and be dropped.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        gram = rows.fixed_gram()
    smallest, largest = SQUARES
    squares = gram.diagonal()
    for j in np.flatnonzero(~((squares > smallest) & (squares < largest))):
        columns = (*rows.matrices.columns, rows.response)
        extent = float(np.abs(columns[j]).max())
        if extent > 0.0:
            name = (*rows.matrices.names, rows.matrices.response_name)[j]
            raise DataError(
                f"The values of {name!r} reach {extent:.3g}; expected magnitudes between 1e-140 "
                "and 1e140, whose squares double precision can hold. Change the unit of the "
                "column."
            )
    return gram


def _centring(gram: FloatArray, intercept: int | None) -> FloatArray:
    """Return the matrix that subtracts from every column its multiple of the intercept."""
    transform = np.eye(gram.shape[0])
    if intercept is not None:
        shift = gram[intercept] / gram[intercept, intercept]
        shift[intercept] = 0.0
        transform[intercept] -= shift
    return transform


def _orthonormaliser(gram: FloatArray) -> tuple[FloatArray, bool]:
    """Return the upper triangular G with G' gram G = I, and whether it lost no digits.

    A null last column (y) stays unit.
    """
    scale = np.sqrt(np.maximum(gram.diagonal(), np.finfo(float).tiny))
    scaled = gram / (scale[:, None] * scale)
    try:
        root = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        root = _cholesky_with_floor(scaled)
    sound = bool(root.diagonal().min() > SOUND)
    return np.linalg.inv(root).T / scale[:, None], sound


def _cholesky_with_floor(gram: FloatArray) -> FloatArray:
    """Cholesky of a numerically singular unit-diagonal Gram matrix, small pivots lifted."""
    k = gram.shape[0]
    lower = np.zeros_like(gram)
    for j in range(k):
        pivot = gram[j, j] - lower[j, :j] @ lower[j, :j]
        lower[j, j] = np.sqrt(max(pivot, 1e-16))
        lower[j + 1 :, j] = (gram[j + 1 :, j] - lower[j + 1 :, :j] @ lower[j, :j]) / lower[j, j]
    return lower


def _rank(
    rows: Rows, gram: FloatArray, centre: FloatArray, norms: FloatArray
) -> tuple[IntArray, IntArray]:
    """Split the columns of X into independent and dropped ones, first come first kept.

    `norms` are the squared norms of the columns as given, before centring.
    """
    p = gram.shape[0] - 1
    if _plainly_independent(gram[:p, :p], norms[:p]):
        return np.arange(p), np.arange(0)
    kept: list[int] = []
    dropped: list[int] = []
    lower = np.zeros((p, p))
    for j in range(p):
        m = len(kept)
        coefficients = _forward(lower[:m, :m], gram[kept, j])
        residual = gram[j, j] - coefficients @ coefficients
        # cancellation leaves about 1e-16 of the column's square: below 1e-9 look at the rows
        if residual < 1e-9 * max(gram[j, j], norms[j] * RANK_TOLERANCE):
            residual = _residual_square(rows, centre, lower[:m, :m], kept, j, coefficients)
        if residual <= norms[j] * RANK_TOLERANCE**2:
            dropped.append(j)
            continue
        lower[m, :m] = coefficients
        lower[m, m] = np.sqrt(residual)
        kept.append(j)
    return np.array(kept, dtype=np.intp), np.array(dropped, dtype=np.intp)


def _plainly_independent(gram: FloatArray, norms: FloatArray) -> bool:
    """Whether a Cholesky factorisation, without pivoting, leaves every column a good share."""
    squares = gram.diagonal()
    try:
        pivots = np.linalg.cholesky(gram).diagonal() ** 2
    except np.linalg.LinAlgError:
        return False
    return bool((pivots > 1e-6 * np.maximum(squares, norms * RANK_TOLERANCE)).all())


def _forward(lower: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(lower, right), dtype=float) if len(right) else right


def _residual_square(
    rows: Rows,
    centre: FloatArray,
    lower: FloatArray,
    kept: list[int],
    j: int,
    coefficients: FloatArray,
) -> float:
    """Square norm of column j after projecting twice on the kept columns, from the rows."""
    inverse = np.linalg.inv(lower).T if len(kept) else lower
    transform = np.column_stack([centre[:, kept] @ inverse, centre[:, j]])
    transform[:, -1] -= transform[:, :-1] @ coefficients
    gram = rows.fixed_gram(transform)
    return float(gram[-1, -1] - gram[-1, :-1] @ gram[-1, :-1])


def _rotation(rows: Rows, term: int) -> FloatArray:
    """Return G that gives a term's Z unit mean square and, if it can, orthogonal columns."""
    gram = rows.random_gram(term) / rows.n
    k = gram.shape[0]
    if k == 1:
        return np.array([[1.0 / np.sqrt(gram[0, 0] or 1.0)]])
    centre = _centring(gram, rows.random_intercept(term))
    centred = rows.random_gram(term, centre) / rows.n
    if not _plainly_independent(centred, gram.diagonal()):
        spread = np.sqrt(np.where(np.diag(centred) > 0, np.diag(centred), 1.0))
        if np.linalg.eigvalsh(centred / np.outer(spread, spread))[0] < RANK_TOLERANCE**2:
            size = np.where(np.diag(gram) > 0, np.diag(gram), 1.0)
            return np.asarray(np.diag(1.0 / np.sqrt(size)))
    change, sound = _orthonormaliser(centred)
    transform = centre @ change
    if not sound:
        transform = transform @ _orthonormaliser(rows.random_gram(term, transform) / rows.n)[0]
    return np.asarray(transform)
