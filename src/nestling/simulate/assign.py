"""Treatment assigned to units: simple, complete, blocked, cluster, blocked-cluster, factorial."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.errors import PopulationError, did_you_mean
from nestling.simulate.allocation import allocated, uniform
from nestling.simulate.amounts import listed
from nestling.simulate.arms import labels_text, named, read_arms, read_shares
from nestling.simulate.assignment import Assignment, Places, combination
from nestling.simulate.drawing import Stream, at_level, check_level
from nestling.simulate.given import Labels


@dataclass(frozen=True, slots=True)
class Assigned(Assignment):
    """Arms of a trial, assigned to the units of a level."""

    arms: tuple[str, ...] | None
    prob: tuple[float, ...] | None
    method: Literal["complete", "simple"]
    blocks: tuple[str, ...]
    level: str | None = None

    @property
    def shares(self) -> FloatArray:
        """Share of every arm."""
        k = 2 if self.arms is None else len(self.arms)
        return np.full(k, 1.0 / k) if self.prob is None else np.array(self.prob)

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return len(self.shares)

    @property
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""
        return self.blocks

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation, of 0 and 1."""
        p = float(self.shares[1])
        return p, sqrt(p * (1 - p))

    def draw(self, places: Places, stream: Stream | None) -> AnyArray | Labels:
        """Assign every unit of its level."""
        assert stream is not None  # every assignment by chance has a stream
        shares = self.shares
        if self.method == "simple":
            limits = np.cumsum(shares)[:-1]
            return self._made(np.searchsorted(limits, uniform(stream, places.n), side="right"))
        if not self.blocks:
            return self._made(allocated(stream, places.n, shares))
        block = np.zeros(places.n, dtype=np.intp)
        for name in self.blocks:
            block = combination(block, places.block(name))
        return self._made(allocated(stream, places.n, shares, block))

    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that stand for all, without chance."""
        return self._made(np.arange(n) % len(self.shares))

    def _made(self, arm: IntArray) -> AnyArray | Labels:
        if self.arms is None:
            return arm.astype(np.int64)
        return Labels(arm.astype(np.intp), self.arms)

    def __str__(self) -> str:
        said = [] if self.arms is None else [labels_text(self.arms)]
        if self.prob is not None:
            said.append(f"prob={listed(self.prob)}")
        if self.method == "simple":
            said.append("method='simple'")
        if self.blocks:
            said.append(f"blocks={labels_text(self.blocks)}")
        text = ", ".join(said) + at_level(self.level)
        return f"nl.assign({text.removeprefix(', ')})"


def assign(
    arms: Any = None,
    prob: Any = None,
    *,
    level: str | None = None,
    blocks: Any = None,
    method: Literal["complete", "simple"] = "complete",
) -> Assigned:
    """Describe a treatment that is assigned by chance.

    Parameters
    ----------
    arms : list of str, or int, optional
        Labels, the first one the reference; or how many arms. None gives the numbers 0 and 1.
    prob : float or list of float, optional
        Share of every arm, or of 1 when there are two; equal when absent.
    level : str, optional
        Unit of the design that is assigned as a whole: the cluster in a cluster trial. None
        assigns every row.
    blocks : str or list of str, optional
        Units around the level, or predictors listed before this one: within each block, or each
        combination of them, arms are assigned in their shares. A predictor needs few values: one
        of a continuum would make every unit a block of its own. With `level=` that is a blocked
        cluster trial; rows blocked by the person are a within-person treatment.
    method : {"complete", "simple"}
        'complete' gives each arm its share of the units, as nearly as whole numbers can; 'simple'
        throws a coin for every unit.

    Raises
    ------
    PopulationError
        For labels or probabilities that cannot be.

    Examples
    --------
    >>> import nestling as nl
    >>> trial = nl.Population(
    ...     "y ~ arm + (1 | clinic)", {"(Intercept)": 0, "armnew": 0.4}, {"clinic": 0.1}, 1,
    ...     {"arm": nl.assign(["usual", "new"], level="clinic", blocks="region")},
    ... )
    >>> data = trial.simulate(nl.nested(region=4, clinic=6, patient=10), seed=1)
    >>> data.drop_duplicates("clinic").groupby(["region", "arm"], observed=True).size().unique()
    array([3])
    """
    return _described("nl.assign()", arms, prob, level, blocks, method)


def factorial(
    factors: Any,
    *,
    level: str | None = None,
    blocks: Any = None,
    method: Literal["complete", "simple"] = "complete",
) -> dict[str, Assigned]:
    """Describe the factors of a factorial experiment: every cell equally often.

    Parameters
    ----------
    factors : mapping
        Name of each factor with its labels, or their number; None gives 0 and 1.
    level : str, optional
        Unit that has one cell; None assigns every row.
    blocks : str or list of str, optional
        Within each of these all cells occur equally often: the person, for factors that vary
        within persons.
    method : {"complete", "simple"}
        'complete' makes cells as equal in number as can be; 'simple' draws the cell of every unit
        for itself, each with the same chance.

    Returns
    -------
    dict
        To be used as `predictors=`, or among others: `{"X": ..., **nl.factorial(...)}`. With
        method='complete' each factor is assigned within the cells of those before it.

    Raises
    ------
    PopulationError
        For factors or blocks that cannot be.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.factorial({"A": ["a1", "a2"], "B": None}, level="person")["B"])
    nl.assign(blocks=['A'], level='person')
    """
    call = "nl.factorial()"
    if not isinstance(factors, Mapping) or len(factors) < 2:
        raise PopulationError(
            f"nl.factorial({factors!r}): expected at least two factors with their labels, such as "
            "{'A': ['a1', 'a2'], 'B': 3}."
        )
    if not all(isinstance(name, str) and name for name in factors):
        raise PopulationError(f"{call}: the factors {list(factors)!r} are not all named by text.")
    outer = _blocks(blocks, call)
    for name in outer:
        if name in factors:
            raise PopulationError(
                f"{call}: {name!r} is a factor and also in blocks=; leave it out of one of them."
            )
    made: dict[str, Assigned] = {}
    for name, arms in factors.items():
        within = [*outer, *made] if method == "complete" else blocks
        made[str(name)] = _described(f"{call}, {name!r}", arms, None, level, within, method)
    return made


def _described(
    call: str,
    arms: Any,
    prob: Any,
    level: str | None,
    blocks: Any,
    method: Literal["complete", "simple"],
) -> Assigned:
    """Read the arguments of `call`."""
    labels = read_arms(arms, call)
    shares = read_shares(prob, 2 if labels is None else len(labels), call)
    if method not in ("complete", "simple"):
        raise PopulationError(
            f"{call}: method={method!r}. {did_you_mean(str(method), ['complete', 'simple'])}"
        )
    within = _blocks(blocks, call)
    if within and method == "simple":
        raise PopulationError(
            f"{call}: method='simple' throws a coin for every unit, whatever its block. Leave "
            "blocks= out, or use method='complete'."
        )
    check_level(level, call)
    unit = None if level is None else named(level, call, "level")
    return Assigned(labels, shares, method, within, unit)


def _blocks(blocks: Any, call: str) -> tuple[str, ...]:
    given = [] if blocks is None else blocks if isinstance(blocks, list | tuple) else [blocks]
    if not all(isinstance(each, str) and each for each in given):
        raise PopulationError(
            f"{call}: blocks={blocks!r}; expected the name of a unit or a predictor, or several."
        )
    return tuple(map(str, given))
