"""R's continuous distributions: the part of `RRandom` that draws real numbers."""

from collections.abc import Callable
from functools import partial
from math import log, pi, tan
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.random import libm
from nestling.random.arguments import recycled, require, whole
from nestling.random.beta import beta
from nestling.random.chi_square import chi_square, non_central_chi_square
from nestling.random.exponential import standard_exponential
from nestling.random.gamma import gamma
from nestling.random.normal import standard_normal, standard_normals
from nestling.random.stream import Stream

_NOT_NEGATIVE = "at least 0"
_POSITIVE = "above 0"


class Continuous:
    """Methods of `RRandom` that draw from continuous distributions."""

    __slots__ = ()
    _stream: Stream

    def runif(self, n: int, min: Any = 0.0, max: Any = 1.0) -> FloatArray:  # noqa: A002  R's names
        """Draw n uniform numbers between `min` and `max`.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).runif(3, 0, 10).round(4).tolist()
        [0.9995, 4.3803, 2.6842]
        """
        size = whole("runif", "n", n)
        low, high = recycled("runif", size, min=min, max=max)
        require(high >= low, "runif", "max", high, "no less than min")
        return _located(low, high - low, self._stream.uniforms)

    def rnorm(self, n: int, mean: Any = 0.0, sd: Any = 1.0) -> FloatArray:
        """Draw n normal numbers; `sd` is a standard deviation.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rnorm(3, mean=[1, 2, 3], sd=[0.1, 2]).round(4).tolist()
        [0.8718, 0.7648, 3.0699]
        """
        size = whole("rnorm", "n", n)
        centre, spread = recycled("rnorm", size, mean=mean, sd=sd)
        require(spread >= 0.0, "rnorm", "sd", spread, "at least 0; it is a standard deviation")
        return _located(centre, spread, lambda k: standard_normals(self._stream, k))

    def rlnorm(self, n: int, meanlog: Any = 0.0, sdlog: Any = 1.0) -> FloatArray:
        """Draw n log-normal numbers; `sdlog` is the standard deviation of the logarithm.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rlnorm(2, 0, 0.5).round(4).tolist()
        [0.5268, 0.7343]
        """
        size = whole("rlnorm", "n", n)
        centre, spread = recycled("rlnorm", size, meanlog=meanlog, sdlog=sdlog)
        require(spread >= 0.0, "rlnorm", "sdlog", spread, "at least 0; it is a standard deviation")
        return libm.exp(_located(centre, spread, lambda k: standard_normals(self._stream, k)))

    def rcauchy(self, n: int, location: Any = 0.0, scale: Any = 1.0) -> FloatArray:
        """Draw n Cauchy numbers.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rcauchy(2).round(4).tolist()
        [0.3247, 5.0718]
        """
        size = whole("rcauchy", "n", n)
        centre, spread = recycled("rcauchy", size, location=location, scale=scale)
        require(spread >= 0.0, "rcauchy", "scale", spread, _NOT_NEGATIVE)
        return _located(centre, spread, lambda k: libm.each(tan, pi * self._stream.uniforms(k)))

    def rlogis(self, n: int, location: Any = 0.0, scale: Any = 1.0) -> FloatArray:
        """Draw n logistic numbers.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rlogis(2, 1, 2).round(4).tolist()
        [-3.3957, 0.5017]
        """
        size = whole("rlogis", "n", n)
        centre, spread = recycled("rlogis", size, location=location, scale=scale)
        require(spread >= 0.0, "rlogis", "scale", spread, _NOT_NEGATIVE)

        def standard(k: int) -> FloatArray:
            u = self._stream.uniforms(k)
            return libm.log(u / (1.0 - u))

        return _located(centre, spread, standard)

    def rweibull(self, n: int, shape: Any, scale: Any = 1.0) -> FloatArray:
        """Draw n Weibull numbers.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rweibull(2, 2, 3).round(4).tolist()
        [4.5528, 2.7256]
        """
        size = whole("rweibull", "n", n)
        shapes, scales = recycled("rweibull", size, shape=shape, scale=scale)
        require(shapes > 0.0, "rweibull", "shape", shapes, _POSITIVE)
        require(scales > 0.0, "rweibull", "scale", scales, _POSITIVE)
        u = self._stream.uniforms(size)
        return _each(lambda a, b, v: b * (-log(v)) ** (1.0 / a), shapes, scales, u)

    def rexp(self, n: int, rate: Any = 1.0) -> FloatArray:
        """Draw n exponential numbers.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rexp(2, rate=[0.2, 7]).round(4).tolist()
        [13.3928, 0.1256]
        """
        size = whole("rexp", "n", n)
        (rates,) = recycled("rexp", size, rate=rate)
        require(rates > 0.0, "rexp", "rate", rates, _POSITIVE)
        return _each(lambda s: s * standard_exponential(self._stream), 1.0 / rates)

    def rgamma(self, n: int, shape: Any, rate: Any = None, scale: Any = None) -> FloatArray:
        """Draw n gamma numbers, by `rate` or by `scale` = 1 / rate; 1 when neither is given.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rgamma(2, shape=2.5, scale=3).round(4).tolist()
        [1.7939, 6.3458]
        """
        size = whole("rgamma", "n", n)
        if rate is not None and scale is not None:
            raise ArgumentError(
                f"rgamma: rate={rate!r} and scale={scale!r} are both given. Give one of them."
            )
        if rate is None:
            shapes, scales = recycled(
                "rgamma", size, shape=shape, scale=1.0 if scale is None else scale
            )
            require(scales >= 0.0, "rgamma", "scale", scales, _NOT_NEGATIVE)
        else:
            shapes, rates = recycled("rgamma", size, shape=shape, rate=rate)
            require(rates > 0.0, "rgamma", "rate", rates, _POSITIVE)
            scales = 1.0 / rates
        require(shapes >= 0.0, "rgamma", "shape", shapes, _NOT_NEGATIVE)
        return _each(partial(gamma, self._stream), shapes, scales)

    def rchisq(self, n: int, df: Any, ncp: Any = 0.0) -> FloatArray:
        """Draw n chi-squared numbers with `df` degrees of freedom and non-centrality `ncp`.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rchisq(2, df=4).round(4).tolist()
        [0.6817, 3.2001]
        """
        size = whole("rchisq", "n", n)
        dfs, shifts = recycled("rchisq", size, df=df, ncp=ncp)
        require(dfs >= 0.0, "rchisq", "df", dfs, _NOT_NEGATIVE)
        require(shifts >= 0.0, "rchisq", "ncp", shifts, _NOT_NEGATIVE)
        return _each(lambda d, c: non_central_chi_square(self._stream, d, c), dfs, shifts)

    def rt(self, n: int, df: Any, ncp: Any = None) -> FloatArray:
        """Draw n numbers of Student's t with `df` degrees of freedom, infinity included.

        With a non-centrality, all normals are drawn before all chi-squared numbers, as in R.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rt(2, df=3).round(4).tolist()
        [-2.2714, 3.0334]
        """
        size = whole("rt", "n", n)
        infinite = ("df",) if ncp is None else ()
        (dfs,) = recycled("rt", size, infinite=infinite, df=df)
        require(dfs > 0.0, "rt", "df", dfs, _POSITIVE)
        if ncp is not None:
            (shifts,) = recycled("rt", size, ncp=ncp)
            normals = self.rnorm(size, shifts)
            return _quotient("rt", normals, np.sqrt(self.rchisq(size, dfs) / dfs))
        pairs = [(standard_normal(self._stream), self._mean_square(d)) for d in dfs.tolist()]
        normals, squares = np.reshape(pairs, (size, 2)).T
        return _quotient("rt", normals, np.sqrt(squares))

    def rf(self, n: int, df1: Any, df2: Any, ncp: Any = None) -> FloatArray:
        """Draw n numbers of F with `df1` and `df2` degrees of freedom, infinity included.

        With a non-centrality, all numerators are drawn before all denominators, as in R.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rf(2, 3, 8).round(4).tolist()
        [0.5932, 2.5491]
        """
        size = whole("rf", "n", n)
        infinite = ("df1", "df2") if ncp is None else ()
        above, below = recycled("rf", size, infinite=infinite, df1=df1, df2=df2)
        require(above > 0.0, "rf", "df1", above, _POSITIVE)
        require(below > 0.0, "rf", "df2", below, _POSITIVE)
        if ncp is not None:
            top = self.rchisq(size, above, ncp) / above
            return _quotient("rf", top, self.rchisq(size, below) / below)
        both = zip(above.tolist(), below.tolist(), strict=True)
        pairs = [(self._mean_square(a), self._mean_square(b)) for a, b in both]
        top, bottom = np.reshape(pairs, (size, 2)).T
        return _quotient("rf", top, bottom)

    def _mean_square(self, df: float) -> float:
        return chi_square(self._stream, df) / df if df < np.inf else 1.0

    def rbeta(self, n: int, shape1: Any, shape2: Any, ncp: Any = None) -> FloatArray:
        """Draw n beta numbers.

        With a non-centrality they are made of chi-squared numbers, as in R.

        Examples
        --------
        >>> from nestling.random import RRandom
        >>> RRandom(707).rbeta(2, 2, 3).round(4).tolist()
        [0.1365, 0.257]
        """
        size = whole("rbeta", "n", n)
        first, second = recycled("rbeta", size, shape1=shape1, shape2=shape2)
        require(first >= 0.0, "rbeta", "shape1", first, _NOT_NEGATIVE)
        require(second >= 0.0, "rbeta", "shape2", second, _NOT_NEGATIVE)
        if ncp is not None:
            (shifts,) = recycled("rbeta", size, ncp=ncp)
            require(shifts >= 0.0, "rbeta", "ncp", shifts, _NOT_NEGATIVE)
            require(first + second > 0.0, "rbeta", "shape1", first, "above 0 when shape2 is 0")
            x = self.rchisq(size, 2.0 * first, shifts)
            return _quotient("rbeta", x, x + self.rchisq(size, 2.0 * second))
        return _each(lambda a, b: beta(self._stream, a, b), first, second)


def _located(
    location: FloatArray, scale: FloatArray, standard: Callable[[int], FloatArray]
) -> FloatArray:
    """Return location + scale * standard; where the scale is 0, R draws nothing."""
    if scale.all():
        return location + scale * standard(len(scale))
    values = np.array(location)
    drawn = np.flatnonzero(scale)
    values[drawn] += scale[drawn] * standard(len(drawn))
    return values


def _quotient(function: str, above: FloatArray, below: FloatArray) -> FloatArray:
    """Divide what was drawn; refuse 0 / 0, which degrees of freedom near zero can give."""
    if ((above == 0.0) & (below == 0.0)).any():
        raise ArgumentError(
            f"{function}: numerator and denominator were both drawn as 0; the degrees of freedom "
            "or shapes are too near zero."
        )
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(above / below)


def _each(draw: Callable[..., float], *arguments: FloatArray) -> FloatArray:
    drawn = map(draw, *(values.tolist() for values in arguments))
    return np.fromiter(drawn, dtype=float, count=len(arguments[0]))
