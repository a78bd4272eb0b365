"""Contrast matrices with R's names."""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError, DataError, did_you_mean

SHORT = ("treatment", "sum", "helmert", "poly", "SAS")
"""The contrasts by their short names; R's have the prefix contr."""


def contrast_matrix(
    name: str,
    levels: tuple[str, ...],
    ordered: bool,
    given: Any = None,
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the coding of a factor, (levels, columns), and the columns' suffixes.

    Parameters
    ----------
    name : str
        The factor, for messages.
    levels : tuple of str
    ordered : bool
        Ordered factors default to polynomial contrasts, others to treatment contrasts.
    given : str or array, optional
        A contrast's name, R's or short, or a matrix (levels, columns).

    Raises
    ------
    ArgumentError
        For an unknown name or a matrix of the wrong shape.

    Examples
    --------
    >>> contrast_matrix("A", ("a", "b", "c"), False)[1]
    ('b', 'c')
    >>> contrast_matrix("A", ("a", "b", "c"), False, "contr.sum")[0].tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]
    """
    k = len(levels)
    if given is None:
        given = "poly" if ordered else "treatment"
    if not isinstance(given, str):
        return _custom(name, levels, given)
    kind = given.removeprefix("contr.")
    if kind not in SHORT:
        raise ArgumentError(
            f"contrasts={{{name!r}: {given!r}}}: unknown contrasts. {did_you_mean(kind, SHORT)}"
        )
    if k < 2:
        raise DataError(
            f"The factor {name!r} has only the level {levels[0]!r} in the rows used; contrasts "
            "need two. Leave the factor out of the formula."
        )
    if kind == "treatment":
        return np.eye(k)[:, 1:], levels[1:]
    if kind == "SAS":
        return np.eye(k)[:, :-1], levels[:-1]
    if kind == "sum":
        return np.vstack([np.eye(k - 1), -np.ones(k - 1)]), _numbers(k - 1)
    if kind == "helmert":
        matrix = np.triu(-np.ones((k, k - 1)))
        matrix[np.arange(1, k), np.arange(k - 1)] = np.arange(1, k)
        return matrix, _numbers(k - 1)
    return orthogonal_polynomials(np.arange(1.0, k + 1.0), k - 1), tuple(
        (".L", ".Q", ".C")[d - 1] if d <= 3 else f"^{d}" for d in range(1, k)
    )


def orthogonal_polynomials(x: FloatArray, degree: int) -> FloatArray:
    """Return orthonormal polynomials of x of degree 1 .. degree, (n, degree).

    By QR of the powers of the centred x; the sign makes the leading coefficient positive.
    """
    powers = np.vander(x - x.mean(), degree + 1, increasing=True)
    Q, R = np.linalg.qr(powers)
    return np.asarray((Q * np.sign(np.diag(R)))[:, 1:])


def _numbers(k: int) -> tuple[str, ...]:
    return tuple(str(j) for j in range(1, k + 1))


def _custom(name: str, levels: tuple[str, ...], given: Any) -> tuple[FloatArray, tuple[str, ...]]:
    labels = getattr(given, "columns", None)
    try:
        matrix = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"contrasts={{{name!r}: ...}} is neither a name nor a matrix of numbers. Use one of "
            f"{', '.join(SHORT)}, or a matrix with a row per level."
        ) from error
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    k = len(levels)
    if matrix.ndim != 2 or matrix.shape[0] != k or not 1 <= matrix.shape[1] < k:
        raise ArgumentError(
            f"contrasts={{{name!r}: ...}} has shape {matrix.shape}; the factor has {k} levels "
            f"({', '.join(levels[:6])}{', ...' if k > 6 else ''}), so {k} rows and at most "
            f"{k - 1} columns are expected."
        )
    if not np.isfinite(matrix).all():
        raise ArgumentError(
            f"contrasts={{{name!r}: ...}} holds a value that is not finite. Give a matrix of "
            "numbers with a row per level."
        )
    if np.linalg.matrix_rank(np.column_stack([np.ones(k), matrix])) <= matrix.shape[1]:
        raise ArgumentError(
            f"contrasts={{{name!r}: ...}} is singular: its columns and a column of ones are "
            "linearly dependent."
        )
    if labels is None or not all(isinstance(label, str) for label in labels):
        return matrix, _numbers(matrix.shape[1])
    return matrix, tuple(labels)
