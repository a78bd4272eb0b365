"""`RRandom`: R's own streams of random numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random.beta import standard_beta
from nestling.random.binomial import binomial
from nestling.random.gamma import standard_gamma
from nestling.random.mvrnorm import spectral_root
from nestling.random.poisson import poisson
from nestling.random.sampling import equal, unequal
from nestling.random.stream import Stream


class RRandom:
    """R's random numbers after `set.seed(seed)`.

    Mersenne-Twister, Inversion and Rejection: the defaults of R since 3.6. Every call continues
    the stream. Arguments of distributions are recycled to n as in R. What R would answer with
    NaN and a warning is refused.

    Parameters
    ----------
    seed : int
        A 32-bit integer; negative ones are allowed.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        For a seed or a parameter out of range.

    Examples
    --------
    >>> r = RRandom(707)
    >>> r.rnorm(2, 0, 5**0.5).round(6).tolist()
    [-2.866334, -1.381019]
    >>> RRandom(707).sample(5).tolist()
    [4, 2, 3, 1, 5]
    """

    __slots__ = ("_stream",)

    def __init__(self, seed: int) -> None:
        self._stream = Stream(seed)

    def set_seed(self, seed: int) -> None:
        """Start anew, as set.seed() does."""
        self._stream = Stream(seed)

    def runif(self, n: int, min: Any = 0.0, max: Any = 1.0) -> FloatArray:  # noqa: A002  R's names
        """Draw n uniform numbers between `min` and `max`."""
        low, high = _recycled("runif", n, min=min, max=max)
        if (high < low).any():
            raise ArgumentError(f"runif: max={max!r} is less than min={min!r}. Swap them.")
        values = np.array(low)
        drawn = low < high  # R draws nothing where both are equal
        values[drawn] += (high - low)[drawn] * self._stream.uniforms(int(drawn.sum()))
        return values

    def rnorm(self, n: int, mean: Any = 0.0, sd: Any = 1.0) -> FloatArray:
        """Draw n normal numbers; `sd` is a standard deviation."""
        centre, spread = _recycled("rnorm", n, mean=mean, sd=sd)
        _require(spread >= 0.0, "rnorm", "sd", sd, "not negative (it is a standard deviation)")
        drawn = spread != 0.0
        if drawn.all():
            return centre + spread * self._stream.normals(len(centre))
        values = np.array(centre)
        values[drawn] += spread[drawn] * self._stream.normals(int(drawn.sum()))
        return values

    def rexp(self, n: int, rate: Any = 1.0) -> FloatArray:
        """Draw n exponential numbers."""
        (rates,) = _recycled("rexp", n, rate=rate)
        _require(rates > 0.0, "rexp", "rate", rate, "positive")
        # R multiplies by the scale 1 / rate
        return np.array([1.0 / each * self._stream.exponential() for each in rates])

    def rgamma(self, n: int, shape: Any, rate: Any = None, scale: Any = None) -> FloatArray:
        """Draw n gamma numbers, by `rate` or its reciprocal `scale` (default 1)."""
        if rate is not None and scale is not None:
            raise ArgumentError("rgamma: give rate or scale, not both.")
        given = np.asarray(1.0 if scale is None else scale, dtype=float)
        if rate is not None:
            given = 1.0 / np.asarray(rate, dtype=float)
        shapes, scales = _recycled("rgamma", n, shape=shape, scale=given)
        _require(shapes >= 0.0, "rgamma", "shape", shape, "not negative")
        _require(scales > 0.0, "rgamma", "scale or rate", given, "positive")
        return _each(lambda a, s: s * standard_gamma(self._stream, a), shapes, scales)

    def rchisq(self, n: int, df: Any, ncp: Any = None) -> FloatArray:
        """Draw n chi-squared numbers with `df` degrees of freedom and non-centrality `ncp`."""
        if ncp is None:
            (dfs,) = _recycled("rchisq", n, df=df)
            _require(dfs >= 0.0, "rchisq", "df", df, "not negative")
            return _each(self._chi_square, dfs)
        dfs, shifts = _recycled("rchisq", n, df=df, ncp=ncp)
        _require((dfs >= 0.0) & (shifts >= 0.0), "rchisq", "df and ncp", (df, ncp), "not negative")
        return _each(self._shifted_chi_square, dfs, shifts)

    def _chi_square(self, df: float) -> float:
        return 2.0 * standard_gamma(self._stream, df / 2.0)

    def _shifted_chi_square(self, df: float, ncp: float) -> float:
        if ncp == 0.0:
            return self._chi_square(df) if df > 0.0 else 0.0
        count = poisson(self._stream, ncp / 2.0)
        total = self._chi_square(2.0 * count) if count else 0.0
        return total + (self._chi_square(df) if df > 0.0 else 0.0)

    def rt(self, n: int, df: Any, ncp: Any = None) -> FloatArray:
        """Draw n numbers of Student's t with `df` degrees of freedom and non-centrality `ncp`."""
        (dfs,) = _recycled("rt", n, df=df)
        _require(dfs > 0.0, "rt", "df", df, "positive")
        if ncp is not None:
            return self.rnorm(n, ncp) / np.sqrt(self.rchisq(n, df) / dfs)
        return _each(lambda d: self._stream.normal() / np.sqrt(self._chi_square(d) / d), dfs)

    def rbeta(self, n: int, shape1: Any, shape2: Any) -> FloatArray:
        """Draw n beta numbers."""
        first, second = _recycled("rbeta", n, shape1=shape1, shape2=shape2)
        positive = (first > 0.0) & (second > 0.0)
        _require(positive, "rbeta", "shape1 and shape2", (shape1, shape2), "positive")
        return _each(lambda a, b: standard_beta(self._stream, a, b), first, second)

    def rbinom(self, n: int, size: Any, prob: Any) -> IntArray:
        """Draw n binomial counts of `size` trials with probability `prob`."""
        sizes, p = _recycled("rbinom", n, size=size, prob=prob)
        whole = (sizes >= 0) & (sizes == np.floor(sizes)) & (sizes < 2**31)
        _require(whole, "rbinom", "size", size, "whole and not negative")
        _require((p >= 0.0) & (p <= 1.0), "rbinom", "prob", prob, "between 0 and 1")
        return _counts(lambda m, q: binomial(self._stream, int(m), q), sizes, p)

    def rpois(self, n: int, lambda_: Any) -> IntArray:
        """Draw n Poisson counts with mean `lambda_`."""
        (means,) = _recycled("rpois", n, lambda_=lambda_)
        _require(means >= 0.0, "rpois", "lambda", lambda_, "not negative")
        return _counts(lambda mean: poisson(self._stream, mean), means)

    def rmultinom(self, n: int, size: int, prob: Any) -> IntArray:
        """Draw n vectors of multinomial counts: (len(prob), n), as R arranges them."""
        count, trials = _count("n", n), _count("size", size)
        p = _probabilities("rmultinom", prob)
        result = np.zeros((len(p), count), dtype=np.intp)
        for column in result.T:
            left, mass = trials, 1.0
            for k in range(len(p) - 1):
                if p[k]:
                    share = p[k] / mass
                    column[k] = binomial(self._stream, left, share) if share < 1.0 else left
                    left -= int(column[k])
                if left <= 0:
                    break
                mass -= p[k]
            else:
                column[-1] = left
        return result

    def sample(
        self,
        x: Any,
        size: int | None = None,
        replace: bool = False,
        prob: Any = None,
    ) -> Any:
        """Draw from 1 .. x, or from the elements of a sequence x.

        Parameters
        ----------
        x : int or sequence
        size : int, optional
            Default all: a permutation.
        replace : bool
            With replacement; default without.
        prob : sequence, optional
            Weights of the elements; default equal.
        """
        if isinstance(x, int | np.integer) and not isinstance(x, bool):
            return self.sample_int(int(x), size, replace, prob)
        values = np.asarray(x)
        if values.ndim != 1:
            raise ArgumentError(f"sample: x has shape {values.shape}; give a whole number or list.")
        return values[self.sample_int(len(values), size, replace, prob) - 1]

    def sample_int(
        self,
        n: int,
        size: int | None = None,
        replace: bool = False,
        prob: Any = None,
    ) -> IntArray:
        """Draw whole numbers from 1 .. n, as R's sample.int()."""
        total = _count("n", n)
        count = total if size is None else _count("size", size)
        if count and not total:
            raise ArgumentError("sample: there is nothing to draw from; n is 0.")
        if not replace and count > total:
            raise ArgumentError(
                f"sample: size={count} is more than the {total} there are. Use replace=True."
            )
        if prob is None:
            return equal(self._stream, total, count, replace=replace) + 1
        p = _probabilities("sample", prob)
        if len(p) != total:
            raise ArgumentError(f"sample: prob has {len(p)} elements for n={total}.")
        if not replace and count > int((p > 0.0).sum()):
            raise ArgumentError(f"sample: fewer than size={count} elements have prob above 0.")
        return unequal(self._stream, p, count, replace=replace) + 1

    def mvrnorm(self, n: int, mu: Any, Sigma: Any) -> FloatArray:
        """Draw n rows of a multivariate normal with covariance matrix Sigma, as MASS does.

        The signs of the eigenvectors are LAPACK's, as in R.
        """
        size = _count("n", n)
        mean = np.atleast_1d(np.asarray(mu, dtype=float))
        covariance = np.atleast_2d(np.asarray(Sigma, dtype=float))
        if covariance.shape != (len(mean), len(mean)):
            raise ArgumentError(
                f"mvrnorm: mu has {len(mean)} elements and Sigma the shape {covariance.shape}; "
                "Sigma needs a row and a column for each element of mu."
            )
        root = spectral_root(covariance)
        standard = self._stream.normals(size * len(mean)).reshape(len(mean), size)
        return np.asarray(mean + (root @ standard).T)


def _each(draw: Callable[..., float], *arguments: FloatArray) -> FloatArray:
    return np.array([draw(*each) for each in zip(*(a.tolist() for a in arguments), strict=True)])


def _counts(draw: Callable[..., int], *arguments: FloatArray) -> IntArray:
    drawn = [draw(*each) for each in zip(*(a.tolist() for a in arguments), strict=True)]
    return np.array(drawn, dtype=np.intp)


def _count(name: str, n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, int | float | np.number) or n != int(n):
        raise ArgumentTypeError(f"{name}={n!r} is not a whole number.")
    if n < 0:
        raise ArgumentError(f"{name}={n} is negative; it is a number of draws.")
    return int(n)


def _recycled(function: str, n: int, **arguments: Any) -> list[FloatArray]:
    """Repeat arguments to length n, as R does."""
    size = _count("n", n)
    vectors = []
    for name, given in arguments.items():
        try:
            values = np.atleast_1d(np.asarray(given, dtype=float))
        except (TypeError, ValueError) as error:
            raise ArgumentTypeError(f"{function}: {name}={given!r} is not a number.") from error
        if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
            raise ArgumentError(f"{function}: {name}={given!r} must be finite numbers.")
        vectors.append(
            np.broadcast_to(values, size) if len(values) == 1 else np.resize(values, size)
        )
    return vectors


def _require(good: Any, function: str, name: str, given: Any, expected: str) -> None:
    if not np.all(good):
        raise ArgumentError(f"{function}: {name}={given!r} must be {expected}.")


def _probabilities(function: str, prob: Any) -> FloatArray:
    p = np.asarray(prob, dtype=float)
    if p.ndim != 1 or not len(p) or not np.isfinite(p).all() or (p < 0.0).any() or not p.any():
        raise ArgumentError(
            f"{function}: prob={prob!r} must be finite weights, none negative and not all zero."
        )
    return np.asarray(p / p.sum())
