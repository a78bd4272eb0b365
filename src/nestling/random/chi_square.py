"""Chi-squared numbers from gamma numbers, non-central ones from a Poisson mixture."""

from nestling.random.gamma import standard_gamma
from nestling.random.poisson import poisson
from nestling.random.stream import Stream


def chi_square(stream: Stream, df: float) -> float:
    """Draw one chi-squared number.

    Examples
    --------
    >>> round(chi_square(Stream(707), 4.0), 6)
    0.681676
    """
    return 2.0 * standard_gamma(stream, df / 2.0)


def non_central_chi_square(stream: Stream, df: float, ncp: float) -> float:
    """Draw one chi-squared number with non-centrality `ncp`, which may be 0.

    A Poisson number of pairs of degrees of freedom is added to `df`.

    Examples
    --------
    >>> round(non_central_chi_square(Stream(707), 3.0, 2.0), 6)
    1.700251
    """
    pairs = poisson(stream, ncp / 2.0)
    return chi_square(stream, 2.0 * pairs) + chi_square(stream, df)
