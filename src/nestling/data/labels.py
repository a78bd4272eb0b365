"""Labels of levels, written as R's as.character() writes them."""

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite, isnan
from typing import Any

import numpy as np

DIGITS = 15
"""Significant digits that R shows of a number it turns into text."""


def number_text(value: float) -> str:
    """Write a number as R does: 15 significant digits, fixed unless scientific is shorter.

    Examples
    --------
    >>> [number_text(x) for x in (2.0, 0.1, 1e5, 123456.0, 1e-5, 2 / 3)]
    ['2', '0.1', '1e+05', '123456', '1e-05', '0.666666666666667']
    """
    if not isfinite(value):
        return "NaN" if isnan(value) else ("Inf" if value > 0.0 else "-Inf")
    if value == 0.0:
        return "0"
    rounded = Decimal(f"{value:.{DIGITS - 1}e}").normalize()
    sign, digits, exponent = rounded.as_tuple()
    power = int(exponent) + len(digits) - 1
    figures = "".join(map(str, digits))
    point = f".{figures[1:]}" if len(figures) > 1 else ""
    scientific = f"{figures[0]}{point}e{'-' if power < 0 else '+'}{abs(power):02d}"
    fixed = f"{abs(rounded):f}"
    return ("-" if sign else "") + (fixed if len(fixed) <= len(scientific) else scientific)


def label(level: Any) -> str:
    """Write one level.

    Examples
    --------
    >>> label("a"), label(3), label(2.0), label(True)
    ('a', '3', '2', 'TRUE')
    """
    if isinstance(level, str):
        return str(level)
    if isinstance(level, bool | np.bool_):
        return "TRUE" if level else "FALSE"
    if isinstance(level, float | np.floating):
        return number_text(float(level))
    return str(level)


def labels(levels: Iterable[Any]) -> tuple[str, ...]:
    """Write all levels."""
    return tuple(map(label, levels))
