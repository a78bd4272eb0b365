"""Scales on which a spread may be stated: variance, SD, ICC, covariance, SDs with correlations.

A plain number is a variance wherever a spread is asked for. The other scales say their name.
Each record checks itself when it is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nestling.arrays import FloatArray
from nestling.errors import ArgumentTypeError, PopulationError

# An eigenvalue this far below zero, relative to the largest, is rounding in the input.
ROUNDING = 1e-10


def number(value: object, what: str) -> float:
    """Read `value` as one finite number, or raise an error that begins with `what`.

    Examples
    --------
    >>> number(5, "the variance of Cluster")
    5.0
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise ArgumentTypeError(f"{_upper(what)} is {value!r}; expected one number.")
    try:
        found = float(value)
    except OverflowError:
        found = inf
    if not isfinite(found):
        raise PopulationError(f"{_upper(what)} is {value!r}; expected a finite number.")
    return found


def variance(value: object, what: str) -> float:
    """Read a plain number as a variance."""
    found = number(value, what)
    if found < 0:
        raise PopulationError(
            f"{_upper(what)} is {value!r}; a variance is never negative. "
            "A plain number is read as a variance, nl.sd(...) as a standard deviation."
        )
    return found


@dataclass(frozen=True, slots=True)
class Sd:
    """A standard deviation."""

    value: float

    def __post_init__(self) -> None:
        found = number(self.value, "nl.sd()")
        if found < 0:
            raise PopulationError(f"nl.sd({self.value!r}): a standard deviation is never negative.")
        object.__setattr__(self, "value", found)

    def __str__(self) -> str:
        return f"nl.sd({self.value:g})"


@dataclass(frozen=True, slots=True)
class Icc:
    """A share of the total variance: random intercept / (all random intercepts + residual)."""

    value: float

    def __post_init__(self) -> None:
        found = number(self.value, "nl.icc()")
        if not 0 <= found < 1:
            raise PopulationError(
                f"nl.icc({self.value!r}): an intraclass correlation is at least 0 and below 1."
            )
        object.__setattr__(self, "value", found)

    def __str__(self) -> str:
        return f"nl.icc({self.value:g})"


@dataclass(frozen=True, slots=True)
class Cov:
    """A covariance matrix, by rows."""

    matrix: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        found = _square(self.matrix, "nl.cov()")
        if (np.diag(found) < 0).any():
            raise PopulationError(
                f"nl.cov(): the variances on the diagonal are {np.diag(found).tolist()}; "
                "a variance is never negative."
            )
        _positive_semidefinite(found, "nl.cov()")
        object.__setattr__(self, "matrix", _tuples(found))

    @property
    def covariance(self) -> FloatArray:
        """The matrix as an array."""
        return np.array(self.matrix)

    def __str__(self) -> str:
        return f"nl.cov({[list(row) for row in self.matrix]})"


@dataclass(frozen=True, slots=True)
class Corr:
    """Standard deviations with the correlation matrix between them, by rows."""

    sd: tuple[float, ...]
    r: tuple[tuple[float, ...], ...]

    @property
    def covariance(self) -> FloatArray:
        """The covariance matrix these SDs and correlations make."""
        sd = np.array(self.sd)
        matrix: FloatArray = np.array(self.r) * np.outer(sd, sd)
        np.fill_diagonal(matrix, sd**2)
        return matrix

    def __str__(self) -> str:
        return f"nl.corr(sd={list(self.sd)}, r={[list(row) for row in self.r]})"


Spread: TypeAlias = float | Sd | Icc | Cov | Corr


def sd(value: float) -> Sd:
    """State a spread as a standard deviation.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.sd(2.5))
    nl.sd(2.5)
    """
    return Sd(value)


def icc(value: float) -> Icc:
    """State a random-intercept variance as its share of the total, in [0, 1).

    The total is the sum of all random-intercept variances and the residual variance. Several
    grouping factors given so are solved together. Where the response is not normal
    (`nl.family`) its own variance on the scale of the link takes the residual's place.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.icc(0.2))
    nl.icc(0.2)
    """
    return Icc(value)


def cov(matrix: ArrayLike) -> Cov:
    """State the covariance matrix of the random effects of one term, in the term's order.

    Raises
    ------
    PopulationError
        When the matrix is not square, symmetric and positive semi-definite.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.cov([[5, 1], [1, 3]]))
    nl.cov([[5.0, 1.0], [1.0, 3.0]])
    """
    return Cov(_tuples(_square(matrix, "nl.cov()")))


def corr(sd: Sequence[float], r: ArrayLike) -> Corr:
    """State the random effects of one term by standard deviations and correlations.

    Parameters
    ----------
    sd : sequence of float
        Standard deviations, in the term's order.
    r : float or matrix
        One correlation for every pair, or the correlation matrix.

    Raises
    ------
    PopulationError
        When the correlations are impossible: outside [-1, 1], or not possible together.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.corr(sd=[2, 1], r=0.5).covariance.tolist()
    [[4.0, 1.0], [1.0, 1.0]]
    """
    sds = tuple(Sd(value).value for value in _listed(sd))
    if np.ndim(r) == 0:
        matrix = np.full((len(sds), len(sds)), number(r, "nl.corr(r=)"))
        np.fill_diagonal(matrix, 1.0)
    else:
        matrix = _square(r, "nl.corr(r=)")
    if matrix.shape[0] != len(sds):
        raise PopulationError(
            f"nl.corr(): {len(sds)} standard deviations and a {matrix.shape[0]} x "
            f"{matrix.shape[0]} correlation matrix; both describe the same effects."
        )
    if not np.allclose(np.diag(matrix), 1.0, rtol=0, atol=ROUNDING):
        raise PopulationError(
            f"nl.corr(r=): the diagonal is {np.diag(matrix).tolist()}; "
            "correlations of an effect with itself are 1. For covariances use nl.cov()."
        )
    outside = matrix[np.abs(matrix) > 1 + ROUNDING]
    if outside.size:
        raise PopulationError(f"nl.corr(r=): {outside[0]:g} is outside [-1, 1].")
    _positive_semidefinite(matrix, "nl.corr(r=)")
    return Corr(sds, _tuples(matrix))


def _listed(values: Any) -> list[Any]:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return [float(value) for value in values]
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ArgumentTypeError(
            f"nl.corr(sd={values!r}): expected a list with one standard deviation per effect."
        )
    return list(values)


def _square(matrix: ArrayLike, what: str) -> FloatArray:
    """Read a finite, square, symmetric matrix."""
    try:
        found = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"{what}: expected a matrix of numbers; got {matrix!r}.") from None
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.size == 0:
        raise PopulationError(
            f"{what}: the matrix has shape {found.shape}; expected k x k for k random effects."
        )
    if not np.isfinite(found).all():
        raise PopulationError(f"{what}: the matrix holds a value that is not a finite number.")
    gap = np.abs(found - found.T)
    if gap.max() > ROUNDING * np.abs(found).max():
        i, j = (int(k) for k in np.unravel_index(int(gap.argmax()), gap.shape))
        raise PopulationError(
            f"{what}: the matrix is not symmetric: entry [{min(i, j)}, {max(i, j)}] is "
            f"{found[min(i, j), max(i, j)]:g}, entry [{max(i, j)}, {min(i, j)}] is "
            f"{found[max(i, j), min(i, j)]:g}."
        )
    return found


def _positive_semidefinite(matrix: FloatArray, what: str) -> None:
    smallest, *_ = values = np.linalg.eigvalsh(matrix)
    if smallest < -ROUNDING * max(values[-1], 0.0):
        raise PopulationError(
            f"{what}: the matrix is not positive semi-definite (smallest eigenvalue "
            f"{smallest:.4g}); no random effects vary like that. Make the covariances smaller, "
            "or state SDs and correlations with nl.corr()."
        )


def _tuples(matrix: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(entry) for entry in row) for row in matrix)


def _upper(text: str) -> str:
    # the name of an argument stays as it is typed
    return text if text.startswith(("nl.", "residual=")) else text[:1].upper() + text[1:]
