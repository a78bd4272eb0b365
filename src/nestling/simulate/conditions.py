"""Conditions that follow from where a row stands: counterbalanced lists, groups in one arm."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.errors import DesignError
from nestling.simulate.allocation import allocated
from nestling.simulate.arms import different, labels_text, named, read_arms
from nestling.simulate.assignment import Assignment, Places
from nestling.simulate.drawing import Stream
from nestling.simulate.given import Labels


@dataclass(frozen=True, slots=True)
class Counterbalanced(Assignment):
    """Conditions by a Latin square of subjects' lists and items' lists."""

    subject: str
    item: str
    arms: tuple[str, ...] | None = None
    level: None = None

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2 if self.arms is None else len(self.arms)

    @property
    def shares(self) -> FloatArray:
        """Share of every condition."""
        return np.full(self.distinct, 1.0 / self.distinct)

    @property
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""
        return self.subject, self.item

    def draw(self, places: Places, stream: Stream | None) -> AnyArray | Labels:
        """Assign every row."""
        assert stream is not None
        k = self.distinct
        subjects, items = places.rows(self.subject), places.rows(self.item)
        inside = places.design.inside
        for inner, outer in ((self.item, self.subject), (self.subject, self.item)):
            if outer in inside[inner]:
                raise DesignError(
                    f"The predictor {places.name!r}: {inner!r} is nested in {outer!r}, so no two "
                    f"units of {outer!r} share one of {inner!r}. Cross them, with nl.crossed()."
                )
        # schools that hold both, say: each has a Latin square of its own
        around = places.combined([u for u in inside[self.subject] if u in inside[self.item]])
        lists = self._parts(places, self.subject, subjects, around, stream)
        place = self._parts(places, self.item, items, around, stream)
        return self._made((lists[subjects] + place[items]) % k)

    def _parts(
        self, places: Places, unit: str, rows: IntArray, around: IntArray, stream: Stream
    ) -> IntArray:
        """Divide units into as many parts as there are conditions, of equal size."""
        n, k = int(rows.max()) + 1, self.distinct
        block = np.empty(n, dtype=np.intp)
        block[rows] = around
        fewest = int(np.bincount(block).min())
        if fewest < k:
            raise DesignError(
                f"The predictor {places.name!r} has {k} conditions for {fewest} units of "
                f"{unit!r}; a Latin square needs at least as many. Give fewer conditions, or more "
                f"units of {unit!r}."
            )
        return allocated(stream, n, np.full(k, 1.0 / k), block)

    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that stand for all, without chance."""
        return self._made(np.arange(n) % self.distinct)

    def _made(self, arm: AnyArray) -> AnyArray | Labels:
        if self.arms is None:
            return arm.astype(np.int64)
        return Labels(arm.astype(np.intp), self.arms)

    def __str__(self) -> str:
        arms = "" if self.arms is None else f", {labels_text(self.arms)}"
        return f"nl.counterbalanced({self.subject!r}, {self.item!r}{arms})"


@dataclass(frozen=True, slots=True)
class PartiallyNested(Assignment):
    """1 in groups of several, 0 for those who are a group of their own."""

    group: str
    level: None = None
    is_random = False

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    @property
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""
        return (self.group,)

    def draw(self, places: Places, stream: Stream | None) -> AnyArray:  # noqa: ARG002  no chance
        """Look at the group of every row."""
        groups = places.rows(self.group)
        inner = [name for name in places.design.names if self.group in places.design.inside[name]]
        # members are the units just inside the group; rows where there are none
        members = places.rows(inner[0]) if inner else np.arange(groups.size)
        first = np.unique(members, return_index=True)[1]
        several = np.bincount(groups[first]) > 1
        if several.all() or not several.any():
            who = "more than one member" if several.all() else "one member"
            raise DesignError(
                f"The predictor {places.name!r}: every unit of {self.group!r} has {who}, so it is "
                f"{int(several.all())} in all rows. Give the design groups of several and groups "
                f"of one, as in nl.nested({self.group}=10 + 80, person=[8] * 10 + [1] * 80)."
            )
        return several[groups].astype(np.int64)

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return np.arange(n, dtype=np.int64) % 2

    def __str__(self) -> str:
        return f"nl.partially_nested({self.group!r})"


def counterbalanced(subject: str, item: str, arms: Any = None) -> Counterbalanced:
    """Describe a condition counterbalanced over subjects and items, by a Latin square.

    Each subject sees each item in one condition; conditions are balanced within subjects and
    within items, as nearly as the numbers allow. Subjects are assigned to lists by chance, items
    to places of the square too. Units that hold both, such as laboratories, have a square each.

    Parameters
    ----------
    subject, item : str
        Units of the design that are crossed, each at least as many as there are conditions.
    arms : list of str, or int, optional
        Labels of the conditions, the first one the reference; None gives 0 and 1.

    Examples
    --------
    >>> import nestling as nl
    >>> words = nl.Population(
    ...     "rt ~ cond + (1 | s) + (1 | w)", {"(Intercept)": 600, "cond": 30},
    ...     {"s": 900, "w": 400}, 2500, {"cond": nl.counterbalanced("s", "w")},
    ... )
    >>> data = words.simulate(nl.crossed(s=8, w=10), seed=1)
    >>> data.groupby("s")["cond"].mean().unique(), data.groupby("w")["cond"].mean().unique()
    (array([0.5]), array([0.5]))
    """
    call = "nl.counterbalanced()"
    made = Counterbalanced(
        named(subject, call, "subject"), named(item, call, "item"), read_arms(arms, call)
    )
    different(made.subject, made.item, call)
    return made


def partially_nested(group: str) -> PartiallyNested:
    """Describe a trial in which one arm is treated in groups and the other person by person.

    Parameters
    ----------
    group : str
        Unit of the design; persons of the other arm are groups of one. There have to be both.

    Examples
    --------
    >>> import nestling as nl
    >>> therapy = nl.Population(
    ...     "y ~ trt + (0 + trt | group)", {"(Intercept)": 0, "trt": 0.5}, {"group": 0.1}, 1,
    ...     {"trt": nl.partially_nested("group")},
    ... )
    >>> design = nl.nested(group=10 + 80, person=[8] * 10 + [1] * 80)
    >>> therapy.simulate(design, seed=1)["trt"].value_counts().to_dict()
    {1: 80, 0: 80}
    """
    return PartiallyNested(named(group, "nl.partially_nested()", "group"))
