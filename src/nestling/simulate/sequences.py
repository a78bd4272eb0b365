"""Treatments that follow a sequence of periods: stepped wedge and cross-over."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import DesignError, PopulationError
from nestling.simulate.allocation import allocated
from nestling.simulate.amounts import listed
from nestling.simulate.arms import different, labels_text, named, read_shares
from nestling.simulate.assignment import Assignment, Places
from nestling.simulate.drawing import Stream
from nestling.simulate.given import Labels
from nestling.simulate.occasions import occasions


@dataclass(frozen=True, slots=True)
class SteppedWedge(Assignment):
    """0 before and 1 from the period on in which a cluster's sequence starts treatment."""

    cluster: str
    period: str
    steps: tuple[int, ...] | None = None
    level: None = None

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return 2

    @property
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""
        return self.cluster, self.period

    def draw(self, places: Places, stream: Stream | None) -> AnyArray:
        """Assign every row."""
        assert stream is not None
        clusters, occasion = places.rows(self.cluster), occasions(places, self.cluster, self.period)
        n, periods = int(clusters.max()) + 1, int(occasion.max()) + 1
        steps = self.steps or tuple(range(2, periods + 1))
        if max(steps) > periods:
            raise DesignError(
                f"The predictor {places.name!r}: sequences start treatment in periods "
                f"{', '.join(map(str, steps))}, but there are {periods} periods of "
                f"{self.period!r}."
            )
        if n < len(steps):
            raise DesignError(
                f"The predictor {places.name!r} has {len(steps)} sequences for {n} clusters of "
                f"{self.cluster!r}; give fewer with steps=, or more clusters."
            )
        sequence = allocated(stream, n, np.full(len(steps), 1.0 / len(steps)))
        start = np.array(steps)[sequence] - 1
        return (occasion >= start[clusters]).astype(np.int64)

    def prototype(self, n: int) -> AnyArray:
        """Make n values that stand for all, without chance."""
        return np.arange(n, dtype=np.int64) % 2

    def __str__(self) -> str:
        steps = "" if self.steps is None else f", steps={list(self.steps)}"
        return f"nl.stepped_wedge({self.cluster!r}, {self.period!r}{steps})"


@dataclass(frozen=True, slots=True)
class CrossOver(Assignment):
    """The treatment of each period, by the sequence a unit was assigned to."""

    unit: str
    period: str
    sequences: tuple[tuple[str, ...], ...]
    prob: tuple[float, ...] | None = None
    level: None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Treatments in the order of the first sequence."""
        return tuple(dict.fromkeys(each for sequence in self.sequences for each in sequence))

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return len(self.labels)

    @property
    def shares(self) -> FloatArray:
        """Share of every treatment over all periods."""
        k, periods = len(self.sequences), len(self.sequences[0])
        weights = np.full(k, 1.0 / k) if self.prob is None else np.array(self.prob)
        return np.array(
            [
                sum(
                    weight * one.count(label) / periods
                    for weight, one in zip(weights, self.sequences, strict=True)
                )
                for label in self.labels
            ]
        )

    @property
    def units(self) -> tuple[str, ...]:
        """Names of units or predictors that it is about."""
        return self.unit, self.period

    def draw(self, places: Places, stream: Stream | None) -> Labels:
        """Assign every row."""
        assert stream is not None
        units, occasion = places.rows(self.unit), occasions(places, self.unit, self.period)
        n, periods, k = int(units.max()) + 1, int(occasion.max()) + 1, len(self.sequences)
        if periods != len(self.sequences[0]):
            raise DesignError(
                f"The predictor {places.name!r}: sequences have {len(self.sequences[0])} "
                f"treatments, but there are {periods} periods of {self.period!r}."
            )
        shares: FloatArray = np.full(k, 1.0 / k) if self.prob is None else np.array(self.prob)
        sequence = allocated(stream, n, shares)
        table = np.array([[self.labels.index(each) for each in one] for one in self.sequences])
        return Labels(table[sequence[units], occasion].astype(np.intp), self.labels)

    def prototype(self, n: int) -> Labels:
        """Make n values that stand for all, without chance."""
        return Labels(np.arange(n) % len(self.labels), self.labels)

    def __str__(self) -> str:
        sequences = ", ".join(map(labels_text, self.sequences))
        prob = f", prob={listed(self.prob)}" if self.prob else ""
        return f"nl.cross_over({self.unit!r}, {self.period!r}, [{sequences}]{prob})"


def stepped_wedge(cluster: str, period: str, steps: Any = None) -> SteppedWedge:
    """Describe the treatment of a stepped-wedge trial: 0, then 1 to the end.

    Parameters
    ----------
    cluster : str
        Unit whose sequences are randomised, in equal numbers.
    period : str
        Unit of the design that is crossed with the clusters or nested in them, in the order of
        time; or a predictor such as `nl.time()` listed before.
    steps : list of int, optional
        Periods, from 1, in which the sequences start treatment; by default one sequence starts in
        each period but the first.

    Raises
    ------
    PopulationError
        For names or steps that cannot be. A design whose clusters are in one period each is
        refused when it is drawn.

    Examples
    --------
    >>> import nestling as nl
    >>> wedge = nl.Population(
    ...     "y ~ trt + (1 | clinic)", {"(Intercept)": 0, "trt": 0.3}, {"clinic": 0.1}, 1,
    ...     {"trt": nl.stepped_wedge("clinic", "month")},
    ... )
    >>> data = wedge.simulate(nl.nested(nl.crossed(clinic=6, month=4), patient=5), seed=1)
    >>> data.groupby("month")["trt"].mean().round(2).tolist()
    [0.0, 0.33, 0.67, 1.0]
    """
    call = "nl.stepped_wedge()"
    given = None
    if steps is not None:
        whole = [
            isinstance(each, int | np.integer) and not isinstance(each, bool) and each >= 1
            for each in (steps if isinstance(steps, list | tuple) else [None])
        ]
        if not whole or not all(whole):
            raise PopulationError(
                f"{call}: steps={steps!r}; expected a list of periods counted from 1, such as "
                "[2, 3, 4]."
            )
        given = tuple(int(each) for each in steps)
    made = SteppedWedge(named(cluster, call, "cluster"), named(period, call, "period"), given)
    different(made.cluster, made.period, call)
    return made


def cross_over(unit: str, period: str, sequences: Any = None, prob: Any = None) -> CrossOver:
    """Describe the treatment of a cross-over trial.

    Parameters
    ----------
    unit : str
        Unit that goes through a sequence: a person, or a cluster.
    period : str
        Unit of the design that is crossed with it or nested in it, in the order of time; or a
        predictor such as `nl.time()` listed before.
    sequences : list of lists of str, optional
        Treatments of each period; [['A', 'B'], ['B', 'A']] by default.
    prob : list of float, optional
        Share of every sequence; equal when absent.

    Raises
    ------
    PopulationError
        For names, sequences or shares that cannot be. A design whose units are in one period each
        is refused when it is drawn.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.cross_over("person", "visit"))
    nl.cross_over('person', 'visit', [['A', 'B'], ['B', 'A']])
    """
    call = "nl.cross_over()"
    given = [["A", "B"], ["B", "A"]] if sequences is None else sequences
    if not isinstance(given, list | tuple):
        given = []
    read = [list(one) if isinstance(one, list | tuple) else [] for one in given]
    if len(read) < 2 or len({len(one) for one in read}) != 1 or len(read[0]) < 2:
        raise PopulationError(
            f"{call}: sequences={sequences!r}; expected at least two lists of treatments of the "
            "same length, one treatment for each period, such as [['A', 'B'], ['B', 'A']]."
        )
    if not all(isinstance(each, str) for one in read for each in one):
        raise PopulationError(f"{call}: sequences={sequences!r}; treatments are named by text.")
    if len({each for one in read for each in one}) < 2:
        raise PopulationError(
            f"{call}: sequences={sequences!r} have one treatment; expected at least two."
        )
    made = CrossOver(
        named(unit, call, "unit"),
        named(period, call, "period"),
        tuple(tuple(map(str, one)) for one in read),
        read_shares(prob, len(read), call, "sequences"),
    )
    different(made.unit, made.period, call)
    return made
