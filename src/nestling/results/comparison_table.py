"""The cells of a table of models side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.report.cells import Align
from nestling.report.numbers import format_decimals, format_numbers
from nestling.report.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nestling.arrays import FloatArray

SECTIONS = {
    "fixed": "Fixed effects",
    "variance": "Variances and covariances",
    "groups": "Levels of grouping factors",
    "model": "Model",
}

DECIMALS = {"rows": 0, "parameters": 0, "marginal R2": 3, "conditional R2": 3, "weight": 3}
"""Of the lines about the model; the others are likelihoods, with one decimal."""


def comparison_table(table: pd.DataFrame, notes: Sequence[str], digits: int) -> Table:
    """Format the numbers of a comparison of models."""
    models = [str(name) for name in table.columns]
    rows: list[tuple[str, ...]] = []
    for part, heading in SECTIONS.items():
        lines = _lines(table, part, digits)
        if lines:
            rows += [(heading, *([""] * len(models))), *((f"  {n}", *cells) for n, cells in lines)]
    right: list[Align] = ["right"] * len(models)
    return Table(("", *models), tuple(rows), ("left", *right), notes=tuple(notes))


def _lines(table: pd.DataFrame, part: str, digits: int) -> list[tuple[str, list[str]]]:
    numbers = dict(zip(table.index, table.to_numpy(dtype=float), strict=True))
    lines = []
    for (own, name), values in numbers.items():
        if own != part:
            continue
        if part == "fixed":
            cells = _with_errors(values, numbers["se", name], digits)
        elif part == "variance":
            cells = [cell.strip() for cell in format_numbers(values, digits + 1, missing="")]
        else:
            decimals = 0 if part == "groups" else DECIMALS.get(name, 1)
            cells = format_decimals(values, decimals, missing="")
        lines.append((str(name), cells))
    return lines


def _with_errors(values: FloatArray, errors: FloatArray, digits: int) -> list[str]:
    """Write estimates with their standard errors, the smallest of which shows its digits."""
    known = errors[np.isfinite(errors) & (errors > 0.0)]
    needed = digits - 1 - int(np.floor(np.log10(known.min()))) if known.size else digits
    decimals = min(max(needed, 0), 12)
    estimates = format_decimals(values, decimals, missing="")
    spreads = format_decimals(errors, decimals, missing="")
    return [f"{a} ({b})" if a else "" for a, b in zip(estimates, spreads, strict=True)]
