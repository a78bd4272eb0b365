"""Data on which location, scale or degeneracy defeats careless arithmetic, by name."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from builders import matrices, ones, term
from nestling.arrays import FloatArray, IntArray
from nestling.model.matrices import ModelMatrices


def _groups(rng: np.random.Generator, n: int, J: int) -> IntArray:
    return np.append(np.arange(J), rng.integers(0, J, n - J))


def growth(
    seed: int,
    x: Callable[[np.random.Generator, int], FloatArray],
    *,
    slope: float = 1.0,
    correlation: float = 0.3,
    intercept: float = 1.0,
    n: int = 100,
    J: int = 12,
) -> ModelMatrices:
    """(1 + x | g) with x from `x`; the spreads are those of a standardised x."""
    rng = np.random.default_rng(seed)
    g = _groups(rng, n, J)
    column = x(rng, n)
    z = (column - column.mean()) / column.std()
    u = rng.normal(size=(2, J))
    b0 = intercept * u[0]
    b1 = slope * (correlation * u[0] + np.sqrt(1.0 - correlation**2) * u[1])
    y = 2.0 + b0[g] + (0.5 + b1[g]) * z + rng.normal(size=n)
    return matrices(y, (ones(n), column), term("g", g, ones(n), column))


def normal(mean: float, sd: float) -> Callable[[np.random.Generator, int], FloatArray]:
    """A covariate."""
    return lambda rng, n: mean + sd * rng.normal(size=n)


def whole(low: int, high: int) -> Callable[[np.random.Generator, int], FloatArray]:
    """A covariate of whole numbers, such as years."""
    return lambda rng, n: rng.integers(low, high, n).astype(float)


def _shifted(given: ModelMatrices, shift: float, scale: float = 1.0) -> ModelMatrices:
    return replace(given, response=given.response * scale + shift)


def _fixed(given: ModelMatrices, *more: Callable[[FloatArray], FloatArray]) -> ModelMatrices:
    """Add functions of the second column of X."""
    columns = given.columns + tuple(each(given.columns[1]) for each in more)
    names = tuple(f"x{j}" for j in range(len(columns)))
    return replace(given, columns=columns, names=names, assign=tuple(range(len(columns))))


def _weighted(given: ModelMatrices, spread: float, level: float = 1.0) -> ModelMatrices:
    rng = np.random.default_rng(99)
    weights = level * np.exp(spread * rng.normal(size=len(given.response)))
    return replace(given, weights=weights)


def _without_slope_in_X(given: ModelMatrices) -> ModelMatrices:
    return replace(given, columns=given.columns[:1], names=("x0",), assign=(0,))


def _uncorrelated(given: ModelMatrices) -> ModelMatrices:
    (both,) = given.random
    parts = tuple(replace(both, names=both.names[i : i + 1], columns=both.columns[i : i + 1])
                  for i in range(len(both.columns)))  # fmt: skip
    return replace(given, random=parts)


def _wider(given: ModelMatrices, more: Callable[[FloatArray], FloatArray]) -> ModelMatrices:
    """Give the random term one more column, a function of its last."""
    (term_,) = given.random
    columns = (*term_.columns, more(term_.columns[-1]))
    return replace(given, random=(replace(term_, columns=columns, names=("a", "b", "c")),))


def _noise(size: float) -> Callable[[FloatArray], FloatArray]:
    return lambda x: x + size * np.random.default_rng(7).normal(size=len(x))


def _cells(given: ModelMatrices) -> ModelMatrices:
    """Replace the intercept by the indicators of a factor with two levels."""
    n = len(given.response)
    first = (np.arange(n) % 2).astype(float)
    columns = (first, 1.0 - first, *given.columns[1:])
    names = tuple(f"x{j}" for j in range(len(columns)))
    return replace(given, columns=columns, names=names, assign=(1, 1, 2))


def _crossed(x: Callable[[np.random.Generator, int], FloatArray]) -> ModelMatrices:
    rng = np.random.default_rng(21)
    n = 150
    s, i = _groups(rng, n, 15), _groups(rng, n, 8)
    column = x(rng, n)
    z = (column - column.mean()) / column.std()
    y = 1.0 + z * (0.5 + rng.normal(size=15)[s]) + rng.normal(size=15)[s]
    y += rng.normal(size=8)[i] + rng.normal(size=n)
    return matrices(y, (ones(n), column), term("s", s, ones(n), column), term("i", i, ones(n)))


def _nested(x: Callable[[np.random.Generator, int], FloatArray]) -> ModelMatrices:
    rng = np.random.default_rng(22)
    n = 160
    b = _groups(rng, n, 20)
    a = b // 4
    column = x(rng, n)
    z = (column - column.mean()) / column.std()
    y = 1.0 + z * (0.5 + rng.normal(size=20)[b]) + rng.normal(size=20)[b]
    y += rng.normal(size=5)[a] + rng.normal(size=n)
    return matrices(y, (ones(n), column), term("b", b, ones(n), column), term("a", a, ones(n)))


STANDARD = normal(0.0, 1.0)

HARD: dict[str, ModelMatrices] = {
    "slope in 1e-6 units": growth(1, normal(0.0, 1e-6)),
    "slope in 1e6 units": growth(2, normal(0.0, 1e6)),
    "slope in 1e6 units, ||": _uncorrelated(growth(2, normal(0.0, 1e6))),
    "calendar year": growth(3, whole(1990, 2021)),
    "calendar year in Z alone": _without_slope_in_X(growth(3, whole(1990, 2021))),
    "calendar year and its square": _fixed(growth(4, whole(1990, 2021)), np.square),
    "calendar year and its square in Z": _wider(
        _fixed(growth(4, whole(1990, 2021), n=200), np.square), np.square
    ),
    "days as timestamps": growth(5, lambda rng, n: 1.7e9 + 86400.0 * rng.integers(0, 60, n)),
    "minutes as timestamps": growth(6, lambda rng, n: 1.7e9 + 60.0 * rng.integers(0, 60, n)),
    "timestamps, ||": _uncorrelated(
        growth(5, lambda rng, n: 1.7e9 + 86400.0 * rng.integers(0, 60, n))
    ),
    "mean 1e5 and SD 1": growth(7, normal(1e5, 1.0)),
    "mean 1e5 and SD 1, ||": _uncorrelated(growth(7, normal(1e5, 1.0))),
    "mean 1e5 and SD 1, no intercept": _cells(growth(7, normal(1e5, 1.0))),
    "response shifted by 1e8": _shifted(growth(8, STANDARD), 1e8),
    "response in 1e-8 units": _shifted(growth(8, STANDARD), 0.0, 1e-8),
    "response in 1e8 units, shifted by 1e12": _shifted(growth(8, STANDARD), 1e12, 1e8),
    "response shifted by 1e8, no intercept": _shifted(_cells(growth(8, STANDARD)), 1e8),
    "theta near 1800": growth(9, STANDARD, intercept=1800.0, correlation=0.0),
    "theta near 1800, all of it": growth(9, STANDARD, intercept=1800.0, slope=1800.0),
    "theta near 1800, weak slope": growth(10, STANDARD, intercept=1800.0, slope=0.3, n=200),
    "theta near 1800, year": growth(9, whole(1990, 2021), intercept=1800.0, slope=1800.0),
    "fixed effects collinear to 1e-4": _fixed(growth(11, STANDARD), _noise(1e-4)),
    "fixed effects collinear to 1e-6": _fixed(growth(11, STANDARD), _noise(1e-6)),
    "random effects collinear to 1e-4": _wider(growth(12, STANDARD, n=200), _noise(1e-4)),
    "random effects collinear to 1e-6": _wider(growth(12, STANDARD, n=200), _noise(1e-6)),
    "column given twice": _fixed(growth(13, STANDARD), np.array),
    "column of sums": _fixed(growth(13, STANDARD), np.square, lambda x: x * x - 3.0 * x + 1.0),
    "weights over six decades": _weighted(growth(14, STANDARD), 2.0),
    "weights in 1e-8 units": _weighted(growth(14, STANDARD), 0.5, 1e-8),
    "weights, year": _weighted(growth(15, whole(1990, 2021)), 0.7),
    "zero variance": growth(16, STANDARD, slope=0.0, intercept=0.0),
    "zero variance of the slope": growth(17, STANDARD, slope=0.0),
    "zero variance of a year's slope": growth(17, whole(1990, 2021), slope=0.0),
    "correlation one": growth(18, STANDARD, correlation=1.0),
    "correlation one, year": growth(18, whole(1990, 2021), correlation=1.0),
    "residuals of 1e-6 about the regression": replace(
        growth(19, STANDARD),
        response=growth(19, STANDARD).response + 1e6 * growth(19, STANDARD).columns[1],
    ),
    "crossed, year": _crossed(whole(1990, 2021)),
    "crossed, mean 1e5": _crossed(normal(1e5, 1.0)),
    "crossed, shifted by 1e8": _shifted(_crossed(STANDARD), 1e8),
    "nested, timestamps": _nested(lambda rng, n: 1.7e9 + 86400.0 * rng.integers(0, 60, n)),
    "nested, shifted by 1e8": _shifted(_nested(STANDARD), 1e8),
}
