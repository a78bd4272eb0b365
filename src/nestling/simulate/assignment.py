"""Treatments assigned by chance: what every kind of assignment shares."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import DesignError, PopulationError, did_you_mean
from nestling.model.spreads import number
from nestling.simulate.amounts import shown
from nestling.simulate.drawing import Stream
from nestling.simulate.given import Labels

# Nearer to a whole number than this is a whole number.
ALMOST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where treatments are assigned: the design, and what is drawn already.

    Attributes
    ----------
    name : str
        The predictor.
    design : Design
    codes : mapping of str to array (n,)
        The unit of each row, from 0.
    unit : str or None
        The unit that is treated; None is the row.
    columns : mapping
        Ids and the predictors before this one.
    """

    name: str
    design: Design
    codes: Mapping[str, IntArray]
    unit: str | None
    columns: Mapping[str, AnyArray | Labels]

    @property
    def n(self) -> int:
        """How many are treated or not."""
        return self.design.n if self.unit is None else self.design.sizes[self.unit]

    def rows(self, unit: str) -> IntArray:
        """Return the unit of each row."""
        if unit not in self.codes:
            raise DesignError(
                f"The predictor {self.name!r} names the unit {unit!r}, which the design does not "
                f"have. {did_you_mean(unit, self.codes)}"
            )
        return self.codes[unit]

    def combined(self, units: Sequence[str]) -> IntArray:
        """Return the combination of units that each row is in, from 0."""
        found = np.zeros(self.design.n, dtype=np.intp)
        for unit in units:
            found = combination(found, self.rows(unit))
        return found

    def block(self, name: str) -> IntArray:
        """Return the block of each treated unit: a unit around it, or the value of a predictor."""
        if name in self.codes:
            values: AnyArray = self.codes[name]
        elif name in self.columns:
            column = self.columns[name]
            values = column.codes if isinstance(column, Labels) else np.asarray(column)
            values = np.unique(values, return_inverse=True)[1]
        else:
            raise DesignError(
                f"The predictor {self.name!r} is blocked by {name!r}, which is neither a unit of "
                f"the design nor a predictor listed before it. {did_you_mean(name, self.columns)}"
            )
        if self.unit is None:
            return np.asarray(values, dtype=np.intp)
        own = self.codes[self.unit]
        first = np.empty(self.n, dtype=np.intp)
        first[own] = values
        if not (first[own] == values).all():
            raise DesignError(
                f"The predictor {self.name!r} is assigned to units of {self.unit!r}, but {name!r} "
                "differs within them; block by something that contains them."
            )
        return first


class Assignment(ABC):
    """A predictor whose values are assigned. Records are frozen and print as their call."""

    __slots__ = ()
    level: str | None
    is_random: bool = True

    @property
    def shares(self) -> FloatArray | None:
        """Share of every value, in the order of `prototype`; None where the design decides."""
        return None

    @property
    @abstractmethod
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""

    @property
    @abstractmethod
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""

    @abstractmethod
    def draw(self, places: Places, stream: Stream | None) -> AnyArray | Labels:
        """Assign every unit of its level."""

    @abstractmethod
    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that stand for all, without chance."""


def combination(outer: IntArray, inner: IntArray) -> IntArray:
    """Return the number of each pair, from 0 for those that occur.

    Examples
    --------
    >>> combination(np.array([0, 0, 2]), np.array([1, 1, 0])).tolist()
    [0, 0, 1]
    """
    pairs = outer * (int(inner.max()) + 1) + inner
    found: IntArray = np.unique(pairs, return_inverse=True)[1]
    return found


def shuffled(stream: Stream, n: int) -> IntArray:
    """Return a random order of n."""
    if isinstance(stream, np.random.Generator):
        return stream.permutation(n)
    return np.asarray(stream.sample(n), dtype=np.intp) - 1


def allocated(
    stream: Stream, n: int, shares: FloatArray, block: IntArray | None = None
) -> IntArray:
    """Assign n units to arms in fixed numbers, as near to their shares as whole numbers can be.

    What is left after rounding down goes to different arms, by chance, each with exactly the
    probability that it lost: on average over draws every arm has its share of the units, however
    few they are.

    Parameters
    ----------
    stream : Stream
    n : int
    shares : array (arms,)
        Shares above 0 that sum to 1.
    block : array of int (n,), optional
        Block of each unit, from 0; arms are assigned in their shares within each.

    Examples
    --------
    >>> arms = allocated(np.random.default_rng(1), 9, np.array([1 / 3, 2 / 3]))
    >>> np.bincount(arms).tolist()
    [3, 6]
    """
    sizes = np.array([n]) if block is None else np.bincount(block)
    exact = sizes[:, None] * (shares / shares.sum())
    counts = np.floor(exact + ALMOST).astype(np.intp)
    lost = np.where(exact - counts > ALMOST, exact - counts, 0.0)
    some = np.flatnonzero(counts.sum(axis=1) < sizes)
    if some.size:
        counts[some] += _left_over(stream, lost[some])
    arms = np.repeat(np.tile(np.arange(len(shares)), sizes.size), counts.ravel())
    rank = shuffled(stream, n)
    if block is not None:
        # places of a random order, taken block by block
        order = np.lexsort((rank, block))
        rank = np.empty(n, dtype=np.intp)
        rank[order] = np.arange(n)
    return arms[rank]


def _left_over(stream: Stream, lost: FloatArray) -> IntArray:
    """Choose arms, in each row as many as `lost` sums to and each with the probability lost."""
    m, k = lost.shape
    order = np.tile(np.arange(k), (m, 1))
    if (lost.sum(axis=1) > 1.5).any():
        # where several are left, a fixed order would never choose some arms together
        order = np.argsort(uniform(stream, m * k).reshape(m, k), axis=1)
    chosen = np.empty((m, k), dtype=np.intp)
    starts = uniform(stream, m)
    np.put_along_axis(chosen, order, systematic(np.take_along_axis(lost, order, 1), starts), axis=1)
    return chosen


def systematic(probability: FloatArray, start: FloatArray) -> IntArray:
    """Choose by steps of 1 from a random start, along the cumulated probabilities of each row.

    An arm is chosen when a step falls on its stretch of the line. A start drawn uniformly from 0
    to 1 does so with the arm's probability, and every row has as many chosen as it sums to
    (Madow, 1949).

    Parameters
    ----------
    probability : array (rows, arms)
        Below 1, with a sum in each row that is a whole number above 0.
    start : array (rows,)

    Examples
    --------
    >>> systematic(np.array([[0.9, 0.7, 0.4]]), np.array([0.5])).tolist()
    [[1, 1, 0]]
    """
    ends = np.cumsum(probability, axis=1)
    # the last one is whole up to rounding, which must not lose a step
    ends *= np.round(ends[:, -1:]) / ends[:, -1:]
    steps = np.ceil(ends - start[:, None])
    return np.diff(steps, axis=1, prepend=0.0).astype(np.intp)


def uniform(stream: Stream, n: int) -> FloatArray:
    """Draw n numbers between 0 and 1."""
    return stream.random(n) if isinstance(stream, np.random.Generator) else stream.runif(n)


def read_arms(arms: Any, call: str) -> tuple[str, ...] | None:
    """Read `arms=`: None for 0 and 1, a number of arms, or their labels."""
    if arms is None:
        return None
    if isinstance(arms, int | np.integer) and not isinstance(arms, bool):
        if not 2 <= arms <= 26:
            raise PopulationError(f"{call}: arms={arms}; expected 2 to 26 arms, or their labels.")
        return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:arms])
    labels = tuple(arms) if isinstance(arms, list | tuple) else ()
    if len(labels) < 2 or not all(isinstance(each, str) for each in labels):
        raise PopulationError(
            f"{call}: arms={arms!r}; expected a list of at least two labels, such as "
            "['control', 'treatment'], their number, or None for 0 and 1."
        )
    doubled = [each for each in labels if labels.count(each) > 1]
    if doubled:
        raise PopulationError(f"{call}: the arm {doubled[0]!r} appears twice.")
    return tuple(map(str, labels))


def labels_text(arms: Sequence[str]) -> str:
    """Write labels as a list.

    Examples
    --------
    >>> labels_text(("usual", "new"))
    "['usual', 'new']"
    """
    return f"[{', '.join(map(repr, arms))}]"


def named(value: Any, call: str, argument: str) -> str:
    """Read the name of a unit."""
    if not isinstance(value, str) or not value:
        raise PopulationError(f"{call}: {argument}={value!r}; expected the name of a unit.")
    return str(value)


def different(first: str, second: str, call: str) -> None:
    """Refuse one unit in two places."""
    if first == second:
        raise PopulationError(f"{call}: {first!r} is named twice; expected two different units.")


def read_shares(prob: Any, k: int, call: str, what: str = "arms") -> tuple[float, ...] | None:
    """Read `prob=`: the share of each of k, or of the second of two; None where equal."""
    if prob is None:
        return None
    given = list(prob) if isinstance(prob, list | tuple | np.ndarray) else [prob]
    shares = [number(each, f"{call}: prob") for each in given]
    if len(shares) == 1 and k == 2:
        shares = [1.0 - shares[0], shares[0]]
    if len(shares) != k:
        raise PopulationError(f"{call}: prob= has {len(shares)} numbers for {k} {what}.")
    if min(shares) <= 0 or abs(sum(shares) - 1) > ALMOST:
        terms = " + ".join(map(shown, shares))
        raise PopulationError(
            f"{call}: the shares of the {what} are {terms} = {shown(sum(shares))}; expected shares "
            "above 0 that sum to 1."
        )
    return tuple(shares)
