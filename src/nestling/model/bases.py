"""Functions that learn from the data they are fitted to: poly, ns, bs, scale and center.

Each has two steps, as R's makepredictcall has: learn parameters from the training column, then
compute columns from any column with those parameters.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import DataError, FormulaError


@dataclass(frozen=True, slots=True, eq=False)
class Polynomial:
    """Orthogonal polynomials by their three-term recursion (Kennedy and Gentle 1980).

    Attributes
    ----------
    mean : float
        Of the training column; the recursion is in x less this, to lose no digits.
    centres : (degree,) array
    norms : (degree + 1,) array
    """

    mean: float
    centres: FloatArray
    norms: FloatArray

    def columns(self, x: FloatArray) -> FloatArray:
        """Return the polynomials at x, (n, degree)."""
        degree = len(self.centres)
        centred = x - self.mean
        values = np.empty((degree + 1, len(x)))
        values[0] = 1.0
        values[1] = centred - self.centres[0]
        for d in range(1, degree):
            values[d + 1] = (centred - self.centres[d]) * values[d]
            values[d + 1] -= self.norms[d] / self.norms[d - 1] * values[d - 1]
        return np.asarray((values[1:] / np.sqrt(self.norms[1:, None])).T)


@dataclass(frozen=True, slots=True, eq=False)
class Powers:
    """Raw powers x, x^2, ..."""

    degree: int

    def columns(self, x: FloatArray) -> FloatArray:
        """Return the powers of x, (n, degree)."""
        return np.asarray(np.vander(x, self.degree + 1, increasing=True)[:, 1:])


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A column less its mean, divided by its standard deviation."""

    centre: float
    spread: float

    def columns(self, x: FloatArray) -> FloatArray:
        """Return the scaled column, (n, 1)."""
        return ((x - self.centre) / self.spread)[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Spline:
    """A B-spline basis on fixed knots; natural ones are straight beyond the boundary.

    Attributes
    ----------
    knots : (m,) array
        With the boundary knots repeated degree + 1 times.
    degree : int
    intercept : bool
    natural : (columns, d) array or None
        Maps B-splines to those whose second derivative is zero at the boundary.
    """

    knots: FloatArray
    degree: int
    intercept: bool
    natural: FloatArray | None

    def columns(self, x: FloatArray) -> FloatArray:
        """Return the basis at x, (n, d)."""
        low, high = self.knots[0], self.knots[-1]
        inside = np.clip(x, low, high)
        basis = self._design(inside, 0)
        outside = np.flatnonzero(x != inside)
        if len(outside):
            beyond = (x - inside)[outside]
            factor = np.ones(len(outside))
            top = 1 if self.natural is not None else self.degree
            for order in range(1, top + 1):
                factor = factor * beyond / order
                basis[outside] += factor[:, None] * self._design(inside[outside], order)
        return basis

    def _design(self, x: FloatArray, derivative: int) -> FloatArray:
        basis = _b_splines(self.knots, self.degree, x, derivative)
        if not self.intercept:
            basis = basis[:, 1:]
        return basis if self.natural is None else basis @ self.natural


Basis = Polynomial | Powers | Scaled | Spline


def learn(name: str, text: str, x: FloatArray, options: dict[str, Any]) -> Basis:
    """Learn the parameters of poly, ns, bs, scale or center from a column without missing values.

    Raises
    ------
    FormulaError, DataError
        When an option is out of range or the column has too few distinct values.
    """
    if name == "center":
        return Scaled(accurate_mean(x), 1.0)
    if name == "scale":
        centre = accurate_mean(x) if _flag(text, options, "center", default=True) else 0.0
        if not _flag(text, options, "scale", default=True):
            return Scaled(centre, 1.0)
        spread = float(np.sqrt(((x - centre) ** 2).sum() / (len(x) - 1)))
        if not spread > 0.0:
            raise DataError(f"{text}: the column does not vary, so it cannot be scaled.")
        return Scaled(centre, spread)
    if name == "poly":
        return _polynomial(text, x, options)
    return _spline(name, text, x, options)


def accurate_mean(x: FloatArray) -> float:
    """Return the mean, corrected by the mean of what is left, as R computes it.

    Examples
    --------
    >>> accurate_mean(np.array([1.0, 2.0, 6.0]))
    3.0
    """
    mean = x.mean()
    return float(mean + (x - mean).mean())


def _polynomial(text: str, x: FloatArray, options: dict[str, Any]) -> Basis:
    degree = _whole(text, options, "degree", 1)
    distinct = len(np.unique(x))
    if not 1 <= degree < distinct:
        raise FormulaError(
            f"{text}: the degree must be at least 1 and less than the number of distinct values, "
            f"{distinct}."
        )
    if _flag(text, options, "raw", default=False):
        return Powers(degree)
    # formulaic's poly follows R; it returns its recursion in _state
    from formulaic.transforms.poly import poly

    state: dict[str, Any] = {}
    mean = accurate_mean(x)
    poly(x - mean, degree=degree, _state=state)
    centres = np.array([state["alpha"][d] for d in range(degree)])
    norms = np.array([state["norms2"][d] for d in range(degree + 1)])
    return Polynomial(mean, centres, norms)


def _spline(name: str, text: str, x: FloatArray, options: dict[str, Any]) -> Basis:
    natural = name == "ns"
    degree = 3 if natural else _whole(text, options, "degree", 3)
    intercept = _flag(text, options, "intercept", default=False)
    boundary = _positions(text, options, "Boundary.knots", [x.min(), x.max()])
    if boundary.shape != (2,) or not boundary[0] < boundary[1]:
        raise FormulaError(f"{text}: Boundary.knots must be two numbers, the lower one first.")
    if "knots" in options:
        inner = np.sort(_positions(text, options, "knots", []))
    else:
        fewest = 1 if natural else degree
        df = _whole(text, options, "df", fewest + intercept)
        count = df - intercept - fewest
        if count < 0:
            raise FormulaError(f"{text}: df is {df}; at least {fewest + intercept} is needed.")
        within = x[(x >= boundary[0]) & (x <= boundary[1])]
        inner = np.quantile(within, np.linspace(0.0, 1.0, count + 2)[1:-1])
    if len(inner) and not (boundary[0] < inner[0] and inner[-1] < boundary[1]):
        raise FormulaError(f"{text}: all knots must lie between the boundary knots {boundary}.")
    knots = np.concatenate(
        [np.repeat(boundary[0], degree + 1), inner, np.repeat(boundary[1], degree + 1)]
    )
    if not natural:
        return Spline(knots, degree, intercept, None)
    bend = _b_splines(knots, 3, boundary, 2)[:, (0 if intercept else 1) :]
    # the null space of the two second derivatives; R takes it from the same Householder QR
    Q = np.linalg.qr(bend.T, mode="complete")[0]
    return Spline(knots, 3, intercept, Q[:, 2:])


def _b_splines(knots: FloatArray, degree: int, x: FloatArray, derivative: int) -> FloatArray:
    """Return all B-splines, or their derivatives, at x within the boundary knots, (n, m)."""
    from scipy.interpolate import BSpline

    count = len(knots) - degree - 1
    spline = BSpline(knots, np.eye(count), degree)
    if derivative > degree:
        return np.zeros((len(x), count))
    return np.asarray(spline(x, nu=derivative))


def _positions(text: str, options: dict[str, Any], key: str, default: list[float]) -> FloatArray:
    given = options.get(key, default)
    values = given if isinstance(given, list) else [given]
    if not all(isinstance(value, int | float) for value in values):
        raise FormulaError(f"{text}: {key} must be numbers, not {given!r}.")
    return np.array(values, dtype=float)


def _whole(text: str, options: dict[str, Any], key: str, default: int) -> int:
    value = options.get(key, default)
    if not isinstance(value, int | float) or value != round(value) or value > 1000:
        raise FormulaError(f"{text}: {key} must be a whole number, not {value!r}.")
    return int(value)


def _flag(text: str, options: dict[str, Any], key: str, *, default: bool) -> bool:
    value = options.get(key, default)
    if not isinstance(value, bool):
        raise FormulaError(f"{text}: {key} must be TRUE or FALSE, not {value!r}.")
    return value
