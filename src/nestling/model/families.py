"""`family`: the distribution of a response, by name and link."""

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any

from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.model.families_base import Family
from nestling.model.families_means import Binomial, Gaussian, Poisson
from nestling.model.families_ordinal import Ordinal
from nestling.model.families_shapes import Beta, Gamma, NegativeBinomial

FAMILIES: dict[str, type[Family]] = {
    kind.name: kind
    for kind in (Gaussian, Binomial, Poisson, NegativeBinomial, Gamma, Beta, Ordinal)
}

EXAMPLES = {
    "size": "size=2",
    "shape": "shape=3",
    "precision": "precision=10",
    "thresholds": "thresholds=[-1, 0, 1]",
}


def family(
    name: str,
    *,
    link: str | None = None,
    trials: int | str | None = None,
    size: float | None = None,
    shape: float | None = None,
    precision: float | None = None,
    thresholds: Sequence[float] | None = None,
) -> Family:
    """Describe the distribution of a response around its mean.

    Parameters
    ----------
    name : str
        'gaussian', 'binomial', 'poisson', 'negative binomial', 'gamma', 'beta' or 'ordinal'.
    link : str, optional
        From the mean to the scale of the effects; the first of these by default.
        gaussian: identity. binomial: logit, probit, cloglog. poisson and negative binomial: log,
        identity, sqrt. gamma: inverse, log, identity. beta: logit, probit, cloglog. ordinal:
        logit, probit.
    trials : int or str, optional
        Binomial: trials of every row, or the predictor that holds them; the response counts
        successes. One trial by default, a response of 0 and 1.
    size : float, optional
        Negative binomial: the variance is mean + mean^2 / size.
    shape : float, optional
        Gamma: the variance is mean^2 / shape.
    precision : float, optional
        Beta: the variance is mean (1 - mean) / (1 + precision).
    thresholds : list of float, optional
        Ordinal: rising, one fewer than the categories 1 .. K; the chance of category k or less is
        the inverse link of thresholds[k - 1] - eta. They take the place of the intercept.

    Raises
    ------
    ArgumentError, ArgumentTypeError, PopulationError
        For an unknown name or link, and for parameters that are missing, another family's or
        impossible.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.family("negative binomial", size=2))
    nl.family('negative binomial', size=2)
    >>> nl.family("binomial", link="probit").latent()
    1.0
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"nl.family({name!r}): expected a name, such as 'binomial' or 'poisson'."
        )
    kind = FAMILIES.get(name.lower())
    if kind is None:
        raise ArgumentError(
            f"nl.family({name!r}): no such family. {did_you_mean(name.lower(), FAMILIES)}"
        )
    every: dict[str, Any] = {
        "link": link,
        "trials": trials,
        "size": size,
        "shape": shape,
        "precision": precision,
        "thresholds": thresholds,
    }
    given = {argument: value for argument, value in every.items() if value is not None}
    own = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]  # all dataclasses
    for argument in given:
        if argument not in own:
            takes = ", ".join(f"{each}=" for each in own)
            raise ArgumentError(f"nl.family({kind.name!r}) has no {argument}=; it takes {takes}.")
    for argument, each in own.items():
        if each.default is MISSING and argument not in given:
            raise ArgumentError(
                f"nl.family({kind.name!r}) needs {argument}=, for instance "
                f"nl.family({kind.name!r}, {EXAMPLES[argument]})."
            )
    return kind(**given)


def read_family(given: object) -> Family:
    """Read `family=`: a record, a name, or None for the normal distribution.

    Examples
    --------
    >>> print(read_family(None), read_family("poisson"))
    nl.family('gaussian') nl.family('poisson')
    """
    if given is None:
        return Gaussian()
    if isinstance(given, Family):
        return given
    if isinstance(given, str):
        return family(given)
    raise ArgumentTypeError(
        f"family={given!r}; expected a name such as 'binomial', or nl.family(...)."
    )
