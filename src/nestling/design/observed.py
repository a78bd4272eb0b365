"""A design as it stands in data: the units of every row, and which are nested in which."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import IntArray
from nestling.data.door import Frame, read
from nestling.data.grouping import grouping, numbered
from nestling.errors import ArgumentTypeError, DataError, DesignError
from nestling.random.streams import generator


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Units by row, outermost first; `rows` are the rows of the frame they were read from."""

    names: tuple[str, ...]
    codes: tuple[IntArray, ...]
    rows: IntArray

    def __post_init__(self) -> None:
        for array in (*self.codes, self.rows):
            array.flags.writeable = False

    @property
    def inside(self) -> dict[str, tuple[str, ...]]:
        """For each unit, the units it is nested in, outermost first."""
        return {
            name: tuple(
                outer
                for j, outer in enumerate(self.names[:i])
                if is_inside(self.codes[i], self.codes[j])
            )
            for i, name in enumerate(self.names)
        }

    def sizes(self) -> dict[str, int]:
        """How many units of each name there are."""
        pairs = zip(self.names, self.codes, strict=True)
        return {name: int(codes.max()) + 1 for name, codes in pairs}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observed):
            return NotImplemented
        return self.names == other.names and all(
            np.array_equal(mine, theirs)
            for mine, theirs in zip(
                (*self.codes, self.rows), (*other.codes, other.rows), strict=True
            )
        )

    def __hash__(self) -> int:
        return hash((self.names, *(codes.tobytes() for codes in self.codes)))


def is_inside(inner: IntArray, outer: IntArray) -> bool:
    """Whether every inner unit occurs with one outer unit alone.

    Examples
    --------
    >>> is_inside(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1]))
    True
    """
    first = np.empty(int(inner.max()) + 1, dtype=np.intp)
    first[inner] = outer
    return bool((first[inner] == outer).all())


def observed(data: Any, units: Iterable[str]) -> Observed:
    """Read the units of a frame; 'school/pupil' numbers pupils anew in each school.

    Raises
    ------
    DataError, DesignError
        For columns that are not there, are no ids, or have missing values.

    Examples
    --------
    >>> observed({"school": [1, 1, 2], "pupil": [1, 2, 1]}, ["school/pupil"]).inside
    {'school': (), 'pupil': ('school',)}
    """
    frame = read(data)
    found: dict[str, IntArray] = {}
    for unit in units:
        if not isinstance(unit, str):
            raise ArgumentTypeError(
                f"Design.from_frame(): {unit!r} is no name of a column; write for example "
                "Design.from_frame(data, 'school/pupil', 'item')."
            )
        outer: IntArray | None = None
        for name in (part.strip() for part in unit.split("/")):
            codes = _codes(frame, name)
            if outer is not None:
                codes = numbered(outer * (int(codes.max()) + 1) + codes)[0]
            if name in found and not np.array_equal(found[name], codes):
                raise DesignError(
                    f"Design.from_frame(): {name!r} is named twice, in {unit!r} as nested and "
                    "elsewhere not, or in something else; name it once."
                )
            found[name] = outer = codes
    if not found:
        raise DesignError(
            "Design.from_frame() was called without units; name the columns that hold them, such "
            "as Design.from_frame(data, 'school', 'pupil')."
        )
    return _sorted(tuple(found), tuple(found.values()), np.arange(frame.n_rows, dtype=np.intp))


def extended(node: Observed, name: str, total: int, seed: int | None) -> Observed:
    """Add units up to a total: copies of those there are, with all their rows.

    Units inside the copied one are new, all others are those of the original's rows.
    """
    codes = dict(zip(node.names, node.codes, strict=True))
    chosen = codes[name]
    n = int(chosen.max()) + 1
    extra = total - n
    if not extra:
        return node
    source = np.arange(extra, dtype=np.intp) % n
    if seed is not None:
        source = generator(seed).integers(n, size=extra).astype(np.intp)
    by_unit = np.argsort(chosen, kind="stable")
    counts = np.bincount(chosen)
    starts = np.cumsum(counts) - counts
    held = counts[source]
    copy = np.repeat(np.arange(extra, dtype=np.intp), held)
    within = np.arange(copy.size, dtype=np.intp) - (np.cumsum(held) - held)[copy]
    rows = by_unit[starts[source][copy] + within]
    inside = node.inside
    made = []
    for other in node.names:
        old = codes[other]
        new = old[rows]
        if other == name:
            new = n + copy
        elif name in inside[other]:
            width = int(old.max()) + 1
            new = width + numbered(copy * width + new)[0]
        made.append(np.concatenate([old, new]).astype(np.intp))
    return Observed(node.names, tuple(made), np.concatenate([node.rows, node.rows[rows]]))


def _codes(frame: Frame, name: str) -> IntArray:
    codes = grouping(frame.column(name))[0]
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise DataError(
            f"The column {name!r} names no unit in {missing.size} of {codes.size} rows, row "
            f"{missing[0]} first. Every row of a design belongs to a unit: drop these rows."
        )
    return codes


def _sorted(names: tuple[str, ...], codes: tuple[IntArray, ...], rows: IntArray) -> Observed:
    """Put outer units before inner ones; units that are the same keep their order."""
    depth = [
        sum(is_inside(mine, other) and not is_inside(other, mine) for other in codes)
        for mine in codes
    ]
    order = sorted(range(len(names)), key=depth.__getitem__)
    return Observed(tuple(names[i] for i in order), tuple(codes[i] for i in order), rows)
