"""Sizes that differ by chance: drawn once by a seed of their own, or anew for every study."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite, log, sqrt
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.errors import ArgumentTypeError, DesignError, did_you_mean
from nestling.random.streams import component_stream, seed_sequence

Distribution: TypeAlias = Literal["gamma", "lognormal", "normal", "poisson", "uniform"]
DISTRIBUTIONS = get_args(Distribution)
SPREAD_BY_CV = ("gamma", "lognormal", "normal")

RAREST = 1e-6
"""Limits that hold less of the distribution than this are a slip, and lose its last digits."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Sizes of one unit, one draw per parent; equal seeds give equal sizes.

    The size of a parent depends on the seed, the unit's name and the parent's number alone: a
    design with more parents keeps the sizes of those it had. Without a seed every study draws
    its own.
    """

    seed: int | None = None
    mean: float | None = None
    cv: float | None = None
    minimum: int = 1
    maximum: int | None = None
    distribution: Distribution | Literal["given"] = "gamma"
    given: tuple[int, ...] = ()

    def counts(self, name: str, parents: int) -> IntArray:
        """Draw one size per parent, by the seed."""
        return self.draw(component_stream(self.seed, f"sizes {name}"), parents)

    def draw(self, stream: np.random.Generator, parents: int) -> IntArray:
        """Draw one size per parent."""
        u = stream.random(parents)
        if self.distribution == "given":
            return np.asarray(self.given, dtype=np.intp)[(u * len(self.given)).astype(np.intp)]
        top = inf if self.maximum is None else self.maximum
        return np.clip(_quantiles(self, u), self.minimum, top).astype(np.intp)

    @property
    def call(self) -> str:
        """The call that makes these sizes again."""
        first = str(list(self.given)) if self.given else "" if self.mean is None else str(self.mean)
        said = [first] if first else []
        said += [] if self.cv is None else [f"cv={self.cv}"]
        said += [f"minimum={self.minimum}"] if self.minimum > 1 else []
        said += [] if self.maximum is None else [f"maximum={self.maximum}"]
        if self.distribution not in {"given", "gamma"}:
            said.append(f"distribution={self.distribution!r}")
        said += [] if self.seed is None else [f"seed={self.seed}"]
        return f"sizes({', '.join(said)})"

    def __str__(self) -> str:
        if self.distribution == "given":
            return f"drawn from {len(self.given)} sizes"
        said = [] if self.mean is None else [f"mean {self.mean:g}"]
        said += [] if self.cv is None else [f"CV {self.cv:g}"]
        said += [f"at least {self.minimum:,}"] if self.minimum > 1 else []
        said += [f"at most {self.maximum:,}"] if self.maximum is not None else []
        return f"{self.distribution}, {', '.join(said)}"


def sizes(
    mean: float | Iterable[int] | None = None,
    *,
    seed: int | None = None,
    cv: float | None = None,
    minimum: int = 1,
    maximum: int | None = None,
    distribution: Distribution = "gamma",
) -> Drawn:
    """Describe sizes that differ between parents by chance.

    With a `seed` sizes are part of the design: they are drawn once, and every study drawn from
    it has them; `design.replace` with more parents keeps the sizes of the first ones. Without
    one every study draws its own.

    Parameters
    ----------
    mean : float, or list of int
        Mean size; or sizes that were observed, from which each parent draws one at random.
    seed : int, optional
        One seed, one set of sizes.
    cv : float, optional
        Coefficient of variation, SD / mean, for 'gamma', 'lognormal' and 'normal'.
    minimum, maximum : int
        The distribution is truncated to these limits, not piled up at them. `mean` and `cv` are
        those before truncation and rounding.
    distribution : {"gamma", "lognormal", "normal", "poisson", "uniform"}
        'uniform' takes the limits alone, 'poisson' the mean alone; the rest are rounded.

    Raises
    ------
    DesignError
        For sizes that are not possible, and limits that leave next to nothing.

    Examples
    --------
    >>> import nestling as nl
    >>> design = nl.nested(school=6, pupil=nl.sizes(25, cv=0.4, minimum=5, seed=1))
    >>> print(design)
    Design of 99 rows
      school   6 units
      pupil   99 units, (gamma, mean 25, CV 0.4, at least 5) in each school
    >>> nl.nested(school=6, pupil=nl.sizes([18, 22, 31])).is_open
    True
    """
    seed = None if seed is None else _seed(seed, "nl.sizes()")
    low = _whole(minimum, "minimum")
    high = None if maximum is None else _whole(maximum, "maximum")
    if high is not None and high < low:
        raise DesignError(f"nl.sizes(): the maximum is {high}, below the minimum {low}.")
    if isinstance(mean, Iterable):
        return _observed(mean, seed, plain=cv is None and low == 1 and high is None)
    if distribution not in DISTRIBUTIONS:
        raise DesignError(
            f"nl.sizes(): distribution={distribution!r} is not known. "
            f"{did_you_mean(str(distribution), DISTRIBUTIONS)}"
        )
    _check_spread(mean, cv, high, distribution)
    made = Drawn(
        seed,
        None if mean is None else float(mean),
        None if cv is None else float(cv),
        low,
        high,
        distribution,
    )
    below, above = _limits(made)
    if above - below < RAREST:
        raise DesignError(
            f"nl.sizes(): sizes from {low} to {'any' if high is None else high} hardly ever occur "
            f"({made}). Move the mean between the limits, or raise the cv."
        )
    return made


def _observed(given: Iterable[Any], seed: int | None, *, plain: bool) -> Drawn:
    if not plain:
        raise DesignError(
            "nl.sizes() draws from the list of sizes as it is; it takes no cv, minimum or maximum "
            "with it. Leave sizes out of the list, or give the mean as one number."
        )
    if isinstance(given, str | bytes):
        raise ArgumentTypeError(f"nl.sizes({given!r}): expected a mean, or a list of sizes.")
    found = tuple(_whole(each, "list") for each in np.asarray(list(given)).tolist())
    if not found:
        raise DesignError("nl.sizes(): the list of sizes is empty.")
    return Drawn(seed, distribution="given", given=found)


def _check_spread(mean: Any, cv: Any, high: int | None, distribution: str) -> None:
    """Refuse what the distribution does not take, or lacks."""
    for name, value in (("mean", mean), ("cv", cv)):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ArgumentTypeError(f"nl.sizes(): {name}={value!r}; expected a number.")
        if not (isfinite(value) and value > 0):
            hint = " For equal sizes give the number itself." if name == "cv" else ""
            raise DesignError(f"nl.sizes(): the {name} is {value!r}; it is above 0.{hint}")
    takes = {
        "mean": distribution != "uniform",
        "cv": distribution in SPREAD_BY_CV,
    }
    for name, value in (("mean", mean), ("cv", cv)):
        if takes[name] != (value is not None):
            raise DesignError(
                f"nl.sizes(): {distribution!r} sizes {'need' if takes[name] else 'take no'} "
                f"{name}=."
            )
    if distribution == "uniform" and high is None:
        raise DesignError("nl.sizes(): 'uniform' sizes need maximum=.")


def _quantiles(drawn: Drawn, u: FloatArray) -> AnyArray:
    """Return the sizes at these shares of the truncated distribution."""
    from scipy import special, stats

    below, above = _limits(drawn)
    p = below + u * (above - below)
    if drawn.distribution == "uniform":
        assert drawn.maximum is not None  # sizes() asks for it
        return drawn.minimum + np.floor(u * (drawn.maximum - drawn.minimum + 1))
    mean = drawn.mean or 0.0
    if drawn.distribution == "poisson":
        return np.asarray(stats.poisson.ppf(p, mean))
    cv = drawn.cv or 0.0
    if drawn.distribution == "gamma":
        x = special.gammaincinv(1 / cv**2, p) * mean * cv**2
    elif drawn.distribution == "lognormal":
        x = np.exp(_log_mean(mean, cv) + sqrt(log(1 + cv**2)) * special.ndtri(p))
    else:
        x = mean + mean * cv * special.ndtri(p)
    return np.asarray(np.rint(x))


def _limits(drawn: Drawn) -> tuple[float, float]:
    """Return the shares of the distribution below the minimum and up to the maximum."""
    from scipy import special, stats

    if drawn.distribution == "uniform":
        return 0.0, 1.0
    low, high = float(drawn.minimum), inf if drawn.maximum is None else float(drawn.maximum)
    mean = drawn.mean or 0.0
    if drawn.distribution == "poisson":
        return float(stats.poisson.cdf(low - 1, mean)), float(stats.poisson.cdf(high, mean))
    cv = drawn.cv or 0.0

    def share(x: float) -> float:
        if x == inf:
            return 1.0
        if drawn.distribution == "gamma":
            return float(special.gammainc(1 / cv**2, x / (mean * cv**2)))
        if drawn.distribution == "lognormal":
            return float(special.ndtr((log(x) - _log_mean(mean, cv)) / sqrt(log(1 + cv**2))))
        return float(special.ndtr((x - mean) / (mean * cv)))

    # a size is every number that is rounded to it
    return share(low - 0.5), share(high + 0.5)


def _log_mean(mean: float, cv: float) -> float:
    return log(mean) - log(1 + cv**2) / 2


def _whole(value: Any, what: str) -> int:
    known = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not known or value % 1 != 0:
        raise DesignError(f"nl.sizes(): the {what} has {value!r}; sizes are whole numbers.")
    if value < 1:
        raise DesignError(f"nl.sizes(): the {what} has {value!r}; every parent holds at least 1.")
    return int(value)


def _seed(seed: object, call: str) -> int:
    if not isinstance(seed, int | np.integer):
        raise ArgumentTypeError(
            f"{call}: seed={seed!r}; expected a whole number, which fixes what is drawn."
        )
    seed_sequence(seed)
    return int(seed)
