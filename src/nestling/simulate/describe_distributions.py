"""The calls that describe predictors of further shapes: gamma, beta, counts, values of data."""

from collections.abc import Mapping
from typing import TypeAlias

from numpy.typing import ArrayLike

from nestling.errors import ArgumentError, PopulationError
from nestling.model.spreads import number
from nestling.simulate.clustered import Clustered, clustered
from nestling.simulate.continuous import Beta, Gamma, Lognormal, StudentT
from nestling.simulate.counts import Binomial, Empirical, Poisson
from nestling.simulate.given import Values

Icc: TypeAlias = float | Mapping[str, float] | None


def lognormal(
    mean: float | None = None,
    sd: float | None = None,
    level: str | None = None,
    *,
    meanlog: float | None = None,
    sdlog: float | None = None,
    icc: Icc = None,
    parts: bool = False,
) -> Lognormal | Clustered:
    """Describe log-normal values, by mean and SD of the values or of their logarithm.

    Parameters
    ----------
    mean, sd : float
        Of the values themselves; then sdlog² = log(1 + sd²/mean²), meanlog = log(mean) - sdlog²/2.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    meanlog, sdlog : float
        Mean and SD of the logarithm instead, as R's rlnorm takes them.
    icc : float or mapping of str to float, optional
        Share of the variance between the units just outside the level, or between the units
        named: `{"school": 0.2}`. None states no clusters.
    parts : bool
        Make the true parts columns too: X_within, X_between (they are, if the formula uses them).

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
        return clustered(Lognormal(log(centre) - variance / 2, sqrt(variance), level), icc, parts)
    return clustered(
        Lognormal(number(meanlog, "meanlog"), number(sdlog, "sdlog"), level), icc, parts
    )


def gamma(
    mean: float | None = None,
    sd: float | None = None,
    level: str | None = None,
    *,
    shape: float | None = None,
    scale: float | None = None,
    icc: Icc = None,
    parts: bool = False,
) -> Gamma | Clustered:
    """Describe values of a gamma distribution, by mean and SD or by shape and scale.

    Parameters
    ----------
    mean, sd : float
        Of the values: shape = mean²/sd², scale = sd²/mean.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    shape, scale : float
        The distribution's own parameters instead; mean = shape * scale.
    icc : float or mapping of str to float, optional
        Share of the variance between the units just outside the level, or between the units
        named: `{"school": 0.2}`. None states no clusters.
    parts : bool
        Make the true parts columns too: X_within, X_between (they are, if the formula uses them).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.gamma(4, 2))
    nl.gamma(shape=4, scale=1)
    """
    if _either("nl.gamma()", ("mean", mean), ("sd", sd), ("shape", shape), ("scale", scale)):
        centre, spread = _mean_and_sd("nl.gamma()", mean, sd)
        return clustered(Gamma((centre / spread) ** 2, spread**2 / centre, level), icc, parts)
    return clustered(Gamma(number(shape, "shape"), number(scale, "scale"), level), icc, parts)


def beta(
    mean: float | None = None,
    sd: float | None = None,
    level: str | None = None,
    *,
    a: float | None = None,
    b: float | None = None,
    icc: Icc = None,
    parts: bool = False,
) -> Beta | Clustered:
    """Describe values between 0 and 1 of a beta distribution, by mean and SD or by a and b.

    Parameters
    ----------
    mean, sd : float
        Of the values; a + b = mean (1 - mean)/sd² - 1, a = mean (a + b).
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    a, b : float
        The distribution's own parameters instead; mean = a / (a + b).
    icc : float or mapping of str to float, optional
        Share of the variance between the units just outside the level, or between the units
        named: `{"school": 0.2}`. None states no clusters.
    parts : bool
        Make the true parts columns too: X_within, X_between (they are, if the formula uses them).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.beta(0.5, 0.25))
    nl.beta(a=1.5, b=1.5)
    """
    if not _either("nl.beta()", ("mean", mean), ("sd", sd), ("a", a), ("b", b)):
        return clustered(Beta(number(a, "a"), number(b, "b"), level), icc, parts)
    centre, spread = _mean_and_sd("nl.beta()", mean, sd)
    most = centre * (1 - centre)
    if centre >= 1 or spread**2 >= most:
        raise PopulationError(
            f"nl.beta({centre:g}, {spread:g}): the variance {spread:g}^2 = {spread**2:g} must be "
            f"below mean * (1 - mean) = {centre:g} * {1 - centre:g} = {most:g}, which values "
            "between 0 and 1 cannot exceed."
        )
    total = most / spread**2 - 1
    return clustered(Beta(centre * total, (1 - centre) * total, level), icc, parts)


def t(
    df: float,
    mean: float = 0,
    sd: float = 1,
    level: str | None = None,
    *,
    icc: Icc = None,
    parts: bool = False,
) -> StudentT | Clustered:
    """Describe values of Student's t distribution, shifted and scaled to a mean and an SD.

    Parameters
    ----------
    df : float
        Degrees of freedom, above 2.
    mean, sd : float
        Of the values, not of the standard t.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    icc : float or mapping of str to float, optional
        Share of the variance between the units just outside the level, or between the units
        named: `{"school": 0.2}`. None states no clusters.
    parts : bool
        Make the true parts columns too: X_within, X_between (they are, if the formula uses them).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.t(5, 0, 2))
    nl.t(5, 0, 2)
    """
    return clustered(StudentT(df, mean, sd, level), icc, parts)


def binomial(
    n: int, p: float, level: str | None = None, *, icc: Icc = None, parts: bool = False
) -> Binomial | Clustered:
    """Describe counts of successes in n trials with probability p.

    `level`, `icc` and `parts` as in `nl.normal`.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.binomial(10, 0.3, level="school"))
    nl.binomial(10, 0.3, level='school')
    """
    return clustered(Binomial(n, p, level), icc, parts)


def poisson(
    mean: float, level: str | None = None, *, icc: Icc = None, parts: bool = False
) -> Poisson | Clustered:
    """Describe Poisson counts by their mean, which is also their variance.

    `level`, `icc` and `parts` as in `nl.normal`.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.poisson(2.5))
    nl.poisson(2.5)
    """
    return clustered(Poisson(mean, level), icc, parts)


def empirical(
    values: ArrayLike, level: str | None = None, *, icc: Icc = None, parts: bool = False
) -> Empirical | Clustered:
    """Describe a predictor by data: every unit draws one of the values, with replacement.

    `nl.values` keeps the values in their order instead.

    Parameters
    ----------
    values : array-like, one dimension
        Numbers, truth values or text; a column of a data frame.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    icc : float or mapping of str to float, optional
        Share of the variance between the units just outside the level, or between the units
        named: `{"school": 0.2}`. None states no clusters.
    parts : bool
        Make the true parts columns too: X_within, X_between (they are, if the formula uses them).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.empirical([1, 2, 2, 7], level="school"))
    nl.empirical([1, 2, 2, 7], level='school')
    """
    return clustered(Empirical(Values.read(values, "nl.empirical()"), level), icc, parts)


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
