"""The calls that describe predictors: `nl.normal(0, 3, level="Cluster")` and its like."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from numpy.typing import ArrayLike

from nestling.errors import ArgumentTypeError
from nestling.simulate.clustered import Clustered, clustered
from nestling.simulate.given import Values
from nestling.simulate.predictors import (
    Bernoulli,
    Categorical,
    Constant,
    Given,
    Normal,
    Uniform,
)

Icc: TypeAlias = float | Mapping[str, float] | None


def normal(
    mean: float, sd: float, level: str | None = None, *, icc: Icc = None, parts: bool = False
) -> Normal | Clustered:
    """Describe normal values by mean and standard deviation.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation (not the variance).
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
    >>> print(nl.normal(0, 3, level="Cluster"))
    nl.normal(0, 3, level='Cluster')
    """
    return clustered(Normal(mean, sd, level), icc, parts)


def uniform(
    low: float, high: float, level: str | None = None, *, icc: Icc = None, parts: bool = False
) -> Uniform | Clustered:
    """Describe uniform values from low to high.

    `level`, `icc` and `parts` as in `nl.normal`.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.uniform(0, 10))
    nl.uniform(0, 10)
    """
    return clustered(Uniform(low, high, level), icc, parts)


def bernoulli(
    p: float, level: str | None = None, *, icc: Icc = None, parts: bool = False
) -> Bernoulli | Clustered:
    """Describe numbers 0 and 1; 1 with probability p.

    `level`, `icc` and `parts` as in `nl.normal`.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.bernoulli(0.5, level="school"))
    nl.bernoulli(0.5, level='school')
    """
    return clustered(Bernoulli(p, level), icc, parts)


def categorical(
    probabilities: Mapping[str, float] | Iterable[str],
    level: str | None = None,
    *,
    ordered: bool = False,
) -> Categorical:
    """Describe categories with their probabilities; the first is the reference level.

    Parameters
    ----------
    probabilities : mapping of str to float, or list of str
        Probability of each category; a list makes them equally likely.
    level : str, optional
        Unit of the design with one value each; None draws one per row.
    ordered : bool
        Whether the factor is ordered (polynomial contrasts by default, as in R).

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.categorical({"control": 0.5, "treated": 0.5}, level="school"))
    nl.categorical({'control': 0.5, 'treated': 0.5}, level='school')
    """
    if isinstance(probabilities, str) or not isinstance(probabilities, Iterable):
        raise ArgumentTypeError(
            f"nl.categorical({probabilities!r}): expected categories with probabilities such as "
            "{'a': 0.5, 'b': 0.5}, or a list of categories."
        )
    labels = tuple(probabilities)
    for label in labels:
        if not isinstance(label, str):
            raise ArgumentTypeError(
                f"nl.categorical(): the category {label!r} is not text; write {str(label)!r}."
            )
    if isinstance(probabilities, Mapping):
        shares = tuple(probabilities[label] for label in labels)
    else:
        shares = (1 / max(len(labels), 1),) * len(labels)
    return Categorical(labels, shares, level, ordered)


def constant(value: float) -> Constant:
    """Describe a predictor that is the same number in every row.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.constant(1))
    nl.constant(1)
    """
    return Constant(value)


def values(values: ArrayLike, level: str | None = None) -> Given:
    """Describe a predictor by its values, in the order of the units of their level.

    Parameters
    ----------
    values : array-like, one dimension
        Numbers, truth values or text; text becomes a factor with sorted levels, a pandas
        Categorical keeps its own order.
    level : str, optional
        Unit of the design the values belong to; None gives one per row.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.values([0, 1, 2, 3], level="time"))
    nl.values([0, 1, 2, 3], level='time')
    """
    return Given(Values.read(values), level)
