"""What a user described, as the call that makes it again: text for files, with every digit.

A record prints itself as its call, with numbers shortened for reading. Written to a file it has
to come back equal, so the same text is made of a copy whose numbers print in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from nestling.simulate.given import Values

# text in quotes, which stays as it is, or the prefix of a call
PREFIX = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|\bnl\.(?=\w+\()""")


class Whole(float):
    """A number that prints with all its digits, however few are asked for."""

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        text = float.__repr__(self)
        # 3.0 is written 3; a negative zero would lose its sign
        return text if text == "-0.0" else text.removesuffix(".0")

    __str__ = __repr__


class WholeInt(int):
    """A whole number of the same kind: 1234567 is not written 1.23457e+06."""

    def __format__(self, spec: str) -> str:
        return int.__repr__(self)


def call_text(record: Any) -> str:
    """Write a description as its call, exactly.

    Parameters
    ----------
    record : predictor, spread, effect, departure, ...
        A record whose text is the call that makes it.

    Examples
    --------
    >>> import nestling as nl
    >>> call_text(nl.normal(0, 1 / 3, level="school"))
    "normal(0, 0.3333333333333333, level='school')"
    >>> call_text(nl.values([0.5, 1, 2, 4, 8, 16]))
    'values([0.5, 1.0, 2.0, 4.0, 8.0, 16.0])'
    """
    return PREFIX.sub(lambda found: found.group(1) or "", str(_whole(record)))


def _whole(value: Any) -> Any:
    """Return a copy whose numbers print in full."""
    made = value
    if isinstance(value, Values):
        made = _values_text(value)
    elif is_dataclass(value) and not isinstance(value, type):
        made = object.__new__(type(value))
        for field in fields(value):
            object.__setattr__(made, field.name, _whole(getattr(value, field.name)))
    elif isinstance(value, float | np.floating):
        made = Whole(value)
    elif isinstance(value, int | np.integer) and not isinstance(value, bool):
        made = WholeInt(value)
    elif isinstance(value, tuple | list):
        made = type(value)(map(_whole, value))
    elif isinstance(value, Mapping):
        made = {_whole(key): _whole(each) for key, each in value.items()}
    return made


def _values_text(values: Values) -> str:
    """Write all values of a column; categories with their own order as `factor(...)`."""
    if values.labels is None:
        return repr(values.array.tolist())
    shown = [values.labels[code] for code in values.array]
    if not values.ordered and values.labels == tuple(sorted(set(shown))):
        return repr(shown)
    ordered = ", ordered=True" if values.ordered else ""
    return f"factor({shown!r}, levels={list(values.labels)!r}{ordered})"
