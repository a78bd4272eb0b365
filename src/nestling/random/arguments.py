"""Arguments of R's functions: counts, numbers, and their recycling."""

from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError


def whole(function: str, name: str, given: Any, least: int = 0) -> int:
    """Read a whole number of at least `least`; 1e6 is one too.

    Examples
    --------
    >>> whole("rnorm", "n", 1e6)
    1000000
    """
    if isinstance(given, bool | np.bool_) or not isinstance(given, int | float | np.number):
        raise ArgumentTypeError(
            f"{function}: {name}={given!r} is of type {type(given).__name__}; "
            "expected a whole number."
        )
    if not np.isreal(given) or not np.isfinite(given) or given != np.floor(given):
        raise ArgumentError(f"{function}: {name}={given!r} is not a whole number.")
    if given < least:
        raise ArgumentError(f"{function}: {name}={given!r} must be at least {least}.")
    return int(given)


def numbers(function: str, name: str, given: Any, *, infinite: bool = False) -> FloatArray:
    """Read one number or several into an array of the given shape, without missing values.

    Examples
    --------
    >>> numbers("rnorm", "mean", [1, 2.5])
    array([1. , 2.5])
    """
    try:
        values: AnyArray = np.asarray(given)
    except ValueError as error:
        raise ArgumentTypeError(f"{function}: {name}={given!r} is ragged.") from error
    if values.dtype.kind not in "biuf" and values.size:
        raise ArgumentTypeError(f"{function}: {name}={given!r}; expected a number or numbers.")
    result: FloatArray = values.astype(float)
    bad = np.isnan(result) if infinite else ~np.isfinite(result)
    if bad.any():
        raise ArgumentError(
            f"{function}: {name} is {result[bad][0]}; expected "
            f"{'numbers' if infinite else 'finite numbers'}."
        )
    return result


def recycled(
    function: str, n: int, /, *, infinite: tuple[str, ...] = (), **arguments: Any
) -> list[FloatArray]:
    """Repeat each argument, a number or a vector, to length n as R does.

    Examples
    --------
    >>> [v.tolist() for v in recycled("rnorm", 4, mean=[1, 2, 3], sd=0.5)]
    [[1.0, 2.0, 3.0, 1.0], [0.5, 0.5, 0.5, 0.5]]
    """
    vectors = []
    for name, given in arguments.items():
        values = np.atleast_1d(numbers(function, name, given, infinite=name in infinite))
        if values.ndim != 1:
            raise ArgumentError(
                f"{function}: {name} has shape {values.shape}; expected a number or a vector."
            )
        if not len(values) and n:
            raise ArgumentError(f"{function}: {name} is empty; expected at least one number.")
        vectors.append(np.full(n, values[0]) if len(values) == 1 else np.resize(values, n))
    return vectors


def require(good: Any, function: str, name: str, values: FloatArray, expected: str) -> None:
    """Refuse the first value that is not good.

    Raises
    ------
    ArgumentError
        R would warn and return NaN here.

    Examples
    --------
    >>> require(np.array([True]), "rnorm", "sd", np.array([1.0]), "at least 0")
    """
    bad = np.flatnonzero(~np.atleast_1d(good))
    if len(bad):
        raise ArgumentError(
            f"{function}: {name}={np.atleast_1d(values)[bad[0]]:g} must be {expected}."
        )


def require_symmetric(function: str, Sigma: FloatArray) -> None:
    """Refuse a square matrix whose triangles differ by more than rounding.

    Examples
    --------
    >>> require_symmetric("mvrnorm", np.eye(2))
    """
    apart = np.abs(Sigma - Sigma.T)
    if apart.size and apart.max() > 1e-8 * np.abs(Sigma).max():
        i, j = np.unravel_index(apart.argmax(), apart.shape)
        raise ArgumentError(
            f"{function}: Sigma is not symmetric: Sigma[{i}, {j}]={Sigma[i, j]:g} but "
            f"Sigma[{j}, {i}]={Sigma[j, i]:g}. A covariance matrix equals its transpose."
        )


def weights(function: str, given: Any, *, distinct: int = 1) -> FloatArray:
    """Read weights and divide them by their sum.

    Parameters
    ----------
    function : str
    given : sequence
        The argument `prob`.
    distinct : int
        How many of them must be positive.

    Examples
    --------
    >>> weights("sample", [1, 2, 1]).tolist()
    [0.25, 0.5, 0.25]
    """
    values = numbers(function, "prob", given)
    if values.ndim != 1 or not len(values):
        raise ArgumentError(f"{function}: prob has shape {values.shape}; expected a vector.")
    require(values >= 0.0, function, "prob", values, "at least 0")
    positive = np.count_nonzero(values)
    if positive < max(distinct, 1):
        raise ArgumentError(
            f"{function}: prob has {positive} positive elements; expected at least "
            f"{max(distinct, 1)}."
        )
    # summed from first to last, as R does; numpy's sum rounds otherwise
    return np.asarray(values / np.cumsum(values)[-1])
