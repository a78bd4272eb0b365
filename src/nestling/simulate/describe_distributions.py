"""The calls that describe predictors of further shapes: gamma, beta, counts, values of data."""

from numpy.typing import ArrayLike

from nestling.errors import ArgumentError, PopulationError
from nestling.model.spreads import number
from nestling.simulate.continuous import Beta, Gamma, Lognormal, StudentT
from nestling.simulate.counts import Binomial, Empirical, Poisson
from nestling.simulate.given import Values


def lognormal(
    mean: float | None = None,
    sd: float | None = None,
    level: str | None = None,
    *,
    meanlog: float | None = None,
    sdlog: float | None = None,
) -> Lognormal:
    """Describe log-normal values, by mean and SD of the values or of their logarithm.

    Parameters
    ----------
    mean, sd : float
        Of the values themselves; then sdlog² = log(1 + sd²/mean²), meanlog = log(mean) - sdlog²/2.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    meanlog, sdlog : float
        Mean and SD of the logarithm instead, as R's rlnorm takes them.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.lognormal(meanlog=0, sdlog=0.5))
    nl.lognormal(meanlog=0, sdlog=0.5)
    """
    from math import log, log1p, sqrt

    if _either(
        "nl.lognormal()", ("mean", mean), ("sd", sd), ("meanlog", meanlog), ("sdlog", sdlog)
    ):
        centre, spread = _mean_and_sd("nl.lognormal()", mean, sd)
        variance = log1p((spread / centre) ** 2)
        return Lognormal(log(centre) - variance / 2, sqrt(variance), level)
    return Lognormal(number(meanlog, "meanlog"), number(sdlog, "sdlog"), level)


def gamma(
    mean: float | None = None,
    sd: float | None = None,
    level: str | None = None,
    *,
    shape: float | None = None,
    scale: float | None = None,
) -> Gamma:
    """Describe values of a gamma distribution, by mean and SD or by shape and scale.

    Parameters
    ----------
    mean, sd : float
        Of the values: shape = mean²/sd², scale = sd²/mean.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    shape, scale : float
        The distribution's own parameters instead; mean = shape * scale.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.gamma(4, 2))
    nl.gamma(shape=4, scale=1)
    """
    if _either("nl.gamma()", ("mean", mean), ("sd", sd), ("shape", shape), ("scale", scale)):
        centre, spread = _mean_and_sd("nl.gamma()", mean, sd)
        return Gamma((centre / spread) ** 2, spread**2 / centre, level)
    return Gamma(number(shape, "shape"), number(scale, "scale"), level)


def beta(
    mean: float | None = None,
    sd: float | None = None,
    level: str | None = None,
    *,
    a: float | None = None,
    b: float | None = None,
) -> Beta:
    """Describe values between 0 and 1 of a beta distribution, by mean and SD or by a and b.

    Parameters
    ----------
    mean, sd : float
        Of the values; a + b = mean (1 - mean)/sd² - 1, a = mean (a + b).
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    a, b : float
        The distribution's own parameters instead; mean = a / (a + b).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.beta(0.5, 0.25))
    nl.beta(a=1.5, b=1.5)
    """
    if not _either("nl.beta()", ("mean", mean), ("sd", sd), ("a", a), ("b", b)):
        return Beta(number(a, "a"), number(b, "b"), level)
    centre, spread = _mean_and_sd("nl.beta()", mean, sd)
    most = centre * (1 - centre)
    if centre >= 1 or spread**2 >= most:
        raise PopulationError(
            f"nl.beta({centre:g}, {spread:g}): the variance {spread:g}^2 = {spread**2:g} must be "
            f"below mean * (1 - mean) = {centre:g} * {1 - centre:g} = {most:g}, which values "
            "between 0 and 1 cannot exceed."
        )
    total = most / spread**2 - 1
    return Beta(centre * total, (1 - centre) * total, level)


def t(df: float, mean: float = 0, sd: float = 1, level: str | None = None) -> StudentT:
    """Describe values of Student's t distribution, shifted and scaled to a mean and an SD.

    Parameters
    ----------
    df : float
        Degrees of freedom, above 2.
    mean, sd : float
        Of the values, not of the standard t.
    level : str, optional
        Unit of the design with one value each; None draws one per row.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.t(5, 0, 2))
    nl.t(5, 0, 2)
    """
    return StudentT(df, mean, sd, level)


def binomial(n: int, p: float, level: str | None = None) -> Binomial:
    """Describe counts of successes in n trials with probability p.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.binomial(10, 0.3, level="school"))
    nl.binomial(10, 0.3, level='school')
    """
    return Binomial(n, p, level)


def poisson(mean: float, level: str | None = None) -> Poisson:
    """Describe Poisson counts by their mean, which is also their variance.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.poisson(2.5))
    nl.poisson(2.5)
    """
    return Poisson(mean, level)


def empirical(values: ArrayLike, level: str | None = None) -> Empirical:
    """Describe a predictor by data: every unit draws one of the values, with replacement.

    `nl.values` keeps the values in their order instead.

    Parameters
    ----------
    values : array-like, one dimension
        Numbers, truth values or text; a column of a data frame.
    level : str, optional
        Unit of the design with one value each; None draws one per row.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.empirical([1, 2, 2, 7], level="school"))
    nl.empirical([1, 2, 2, 7], level='school')
    """
    return Empirical(Values.read(values, "nl.empirical()"), level)


def _either(what: str, *named: tuple[str, float | None]) -> bool:
    """Whether the first pair of arguments is given rather than the second."""
    first, second = named[:2], named[2:]
    given = {name for name, value in named if value is not None}
    for pair in (first, second):
        if given == {name for name, _ in pair}:
            return pair is first
    pairs = " or ".join(" and ".join(name for name, _ in pair) for pair in (first, second))
    raise ArgumentError(
        f"{what} was given {', '.join(sorted(given)) or 'nothing'}; give {pairs}, one pair of them."
    )


def _mean_and_sd(what: str, mean: object, sd: object) -> tuple[float, float]:
    centre, spread = number(mean, f"{what}: the mean"), number(sd, f"{what}: the SD")
    for value, name in ((centre, "mean"), (spread, "SD")):
        if value <= 0:
            raise PopulationError(f"{what}: the {name} is {value:g}; expected a number above 0.")
    return centre, spread
