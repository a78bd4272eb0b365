"""Random effects that are not normal: heavy tails, skewness, classes, outlying clusters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.simulate.amounts import name_of
from nestling.simulate.departures import EffectDeparture, Known
from nestling.simulate.shapes import Contamination, HeavyTails, Shape
from nestling.simulate.skewed_shapes import Exponentiated, Mixture, Skew


@dataclass(frozen=True, slots=True)
class ShapedEffects(EffectDeparture):
    """The random effects of a grouping factor in another shape; variances stay as stated."""

    group: str
    shape: Shape

    def __post_init__(self) -> None:
        name_of(self.group, f"nl.{self.shape.name}_effects(): the grouping factor")

    @property
    def label(self) -> str:
        """Name of its stream: one shape for each grouping factor."""
        return f"effects of {self.group}"

    def check(self, known: Known) -> None:
        """Refuse a grouping factor without random effects."""
        known.check_group(self.group, f"nl.{self.shape.name}_effects()")

    def scores(self, stream: np.random.Generator, k: int, n_levels: int) -> FloatArray:
        """Draw uncorrelated scores (k, J) of mean 0 and variance 1."""
        return self.shape.scores(stream, k, n_levels)

    def __str__(self) -> str:
        return f"nl.{self.shape.name}_effects({self.group!r}, {self.shape.arguments})"

    __repr__ = __str__


def t_effects(group: str, df: float = 4) -> ShapedEffects:
    """Draw random effects from Student's t: heavy tails, the variance kept.

    Parameters
    ----------
    group : str
        Grouping factor, as in `random=`.
    df : float
        Degrees of freedom, above 2. The kurtosis is 3 + 6 / (df - 4), infinite up to 4.

    Notes
    -----
    Several effects of one term are multivariate t: a cluster that is far out is so in all of
    them (one chi-square number per cluster).

    Examples
    --------
    >>> import nestling as nl
    >>> nl.t_effects("Cluster", df=4)
    nl.t_effects('Cluster', df=4)
    """
    return ShapedEffects(group, HeavyTails(df))


def skewed_effects(group: str, skewness: float = 1) -> ShapedEffects:
    """Draw skewed random effects, mean zero and variance kept.

    Parameters
    ----------
    group : str
        Grouping factor, as in `random=`.
    skewness : float
        Third standardised moment, from -20 to 20; 0 is normal.

    Notes
    -----
    A gamma distribution, shifted and scaled (Pearson's type III), mirrored for negative skewness:
    any skewness can be had (a skew-normal ends at 0.995), with kurtosis 3 + 1.5 skewness².
    With several effects in a term, uncorrelated skewed scores pass through the triangular root
    of the covariance: the first effect has the skewness exactly, later ones a mixture of it when
    they are correlated with the first.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.skewed_effects("Cluster", skewness=-1.5)
    nl.skewed_effects('Cluster', skewness=-1.5)
    """
    return ShapedEffects(group, Skew(skewness))


def mixture_effects(
    group: str,
    shares: Sequence[float],
    means: Sequence[float],
    sds: Sequence[float] | None = None,
) -> ShapedEffects:
    """Draw random effects from classes of clusters, standardised to mean zero, variance kept.

    Parameters
    ----------
    group : str
        Grouping factor, as in `random=`.
    shares : sequence of float
        Share of each class; they add up to 1.
    means, sds : sequence of float
        Mean and SD of each class, on any scale: the whole is shifted and scaled. SDs are 1
        where none are given; 0 makes a class a single point.

    Notes
    -----
    With several effects in a term each uncorrelated score has classes of its own before the
    scores pass through the root of the covariance.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.mixture_effects("Cluster", shares=[0.7, 0.3], means=[0, 4])
    nl.mixture_effects('Cluster', shares=[0.7, 0.3], means=[0, 4])
    """
    return ShapedEffects(group, Mixture(shares, means, sds))  # type: ignore[arg-type]  # reads them


def lognormal_effects(group: str, sigma: float = 1) -> ShapedEffects:
    """Draw log-normal random effects, shifted to mean zero, variance kept.

    Parameters
    ----------
    group : str
        Grouping factor, as in `random=`.
    sigma : float
        SD of the logarithm, above 0 and at most 3. The skewness is
        (exp(sigma²) + 2) sqrt(exp(sigma²) - 1): 1.75 for 0.5, 6.2 for 1.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.lognormal_effects("Cluster", sigma=0.5)
    nl.lognormal_effects('Cluster', sigma=0.5)
    """
    return ShapedEffects(group, Exponentiated(sigma))


def contaminated_effects(group: str, share: float = 0.05, times: float = 3) -> ShapedEffects:
    """Make some clusters outlying: their effects have a larger SD; the variance of all is kept.

    Parameters
    ----------
    group : str
        Grouping factor, as in `random=`.
    share : float
        Chance of a cluster to be outlying, between 0 and 1.
    times : float
        SD of the effects of outlying clusters as a multiple of the others'.

    Notes
    -----
    An outlying cluster is so in all its effects of a term.

    Examples
    --------
    >>> import nestling as nl
    >>> nl.contaminated_effects("Cluster", share=0.1)
    nl.contaminated_effects('Cluster', share=0.1, times=3)
    """
    return ShapedEffects(group, Contamination(share, times))
