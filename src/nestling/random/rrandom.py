"""`RRandom`: R's own streams of random numbers."""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import ArgumentError
from nestling.random.arguments import numbers, recycled, require, whole
from nestling.random.continuous import Continuous
from nestling.random.counts import Counts
from nestling.random.mvrnorm import mvrnorm
from nestling.random.samples import Samples
from nestling.random.stream import Stream
from nestling.random.wishart import upper_root, wishart


class RRandom(Continuous, Counts, Samples):
    """R's random numbers after `set.seed(seed)`.

    Mersenne-Twister, Inversion and Rejection: the defaults of R since 3.6. Methods and their
    arguments have R's names (`lambda_` for lambda, `sample_int` for sample.int) and R's order.
    Every call continues the stream. Arguments of distributions are recycled to n as in R. What R
    would answer with NaN and a warning is refused.

    Uniforms, normals and their transforms, equal-probability samples, weighted samples with
    replacement and `mvrnorm` are drawn in bulk. The other distributions reject candidates, so
    that each number decides where the next one starts: they are drawn in a Python loop, at about
    one to six microseconds a number.

    Parameters
    ----------
    seed : int
        From -2147483647 to 2147483647.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        For a seed or a parameter out of range, or of a type that cannot be read.

    Examples
    --------
    >>> r = RRandom(707)
    >>> r.rnorm(2, 0, 5**0.5).round(4).tolist()
    [-2.8663, -1.381]
    >>> r.runif(1).round(6).tolist()
    [0.757713]
    """

    __slots__ = ("_stream",)

    def __init__(self, seed: int) -> None:
        self._stream = Stream(seed)

    def set_seed(self, seed: int) -> None:
        """Start anew, as set.seed() does.

        Examples
        --------
        >>> r = RRandom(1)
        >>> r.set_seed(707)
        >>> r.runif(1).round(6).tolist()
        [0.099945]
        """
        self._stream = Stream(seed)

    @property
    def random_seed(self) -> IntArray:
        """R's `.Random.seed`: the kind of generator, the position, 624 words.

        Examples
        --------
        >>> RRandom(707).random_seed[:3].tolist()
        [10403, 624, -1713717105]
        """
        return self._stream.random_seed

    def mvrnorm(
        self, n: int, mu: Any, Sigma: Any, tol: float = 1e-6, empirical: bool = False
    ) -> FloatArray:
        """Draw n rows of a multivariate normal with covariance matrix Sigma, as MASS does.

        Parameters
        ----------
        n : int
        mu : number or vector (p,)
            Means.
        Sigma : number or matrix (p, p)
            Variances and covariances: symmetric and positive semi-definite.
        tol : float
            How far below zero an eigenvalue may be, relative to the largest.
        empirical : bool
            Whether mu and Sigma are to be the sample's own mean and covariance, exactly.

        Returns
        -------
        array (n, p); (p,) when n is 1

        Examples
        --------
        >>> RRandom(707).mvrnorm(2, [0, 0], [[5, 1], [1, 3]]).round(4).tolist()
        [[3.1858, 0.103], [2.0289, -1.1429]]
        """
        size = whole("mvrnorm", "n", n)
        mean = np.atleast_1d(numbers("mvrnorm", "mu", mu))
        covariance = np.atleast_2d(numbers("mvrnorm", "Sigma", Sigma))
        if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
            raise ArgumentError(
                f"mvrnorm: mu has shape {mean.shape} and Sigma {covariance.shape}; Sigma needs a "
                "row and a column for each element of mu."
            )
        return mvrnorm(
            self._stream,
            size,
            mean,
            covariance,
            tol=float(numbers("mvrnorm", "tol", tol)),
            empirical=empirical,
        )

    def rWishart(self, n: int, df: float, Sigma: Any) -> FloatArray:
        """Draw n Wishart matrices with `df` degrees of freedom and scale matrix Sigma.

        Returns
        -------
        array (p, p, n)

        Examples
        --------
        >>> RRandom(707).rWishart(1, 5, [[2, 0.3], [0.3, 1]])[:, :, 0].round(4).tolist()
        [[2.3919, 1.1472], [1.1472, 3.6063]]
        """
        size = whole("rWishart", "n", n)
        scale = np.atleast_2d(numbers("rWishart", "Sigma", Sigma))
        if scale.ndim != 2 or scale.shape[0] != scale.shape[1]:
            raise ArgumentError(f"rWishart: Sigma has shape {scale.shape}; expected a square.")
        (degrees,) = recycled("rWishart", 1, df=df)
        expected = f"at least {len(scale)}, the rows of Sigma"
        require(degrees >= len(scale), "rWishart", "df", degrees, expected)
        root = upper_root(scale)
        drawn = [wishart(self._stream, float(degrees[0]), root) for _ in range(size)]
        return np.array(drawn).reshape(size, *scale.shape).transpose(1, 2, 0)
