"""Marginal means and their contrasts as emmeans prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.report.numbers import format_numbers
from nestling.report.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nestling.results.marginal_means import MarginalMeans
    from nestling.results.mean_contrasts import MeanContrasts

DIGITS = 3
RATIO = ("t.ratio", "z.ratio")


def means_text(means: MarginalMeans) -> str:
    """Return the table of means as text."""
    return "\n".join([*_lines(means.table, means.by), "", *_means_notes(means)])


def means_html(means: MarginalMeans) -> str:
    """Return the table of means as HTML."""
    return _table(means.table, _means_notes(means)).to_html()


def contrasts_text(contrasts: MeanContrasts) -> str:
    """Return the table of contrasts as text."""
    lines = _lines(contrasts.table, contrasts.means.by)
    return "\n".join([*lines, "", *_contrast_notes(contrasts)])


def contrasts_html(contrasts: MeanContrasts) -> str:
    """Return the table of contrasts as HTML."""
    return _table(contrasts.table, _contrast_notes(contrasts)).to_html()


def _means_notes(means: MarginalMeans) -> list[str]:
    return [
        *means.notes,
        f"Degrees-of-freedom method: {means.tests.method}",
        f"Confidence level used: {means.level:g}",
    ]


def _contrast_notes(contrasts: MeanContrasts) -> list[str]:
    notes = [
        *contrasts.notes, f"Degrees-of-freedom method: {contrasts.tests.method}"
    ]  # fmt: skip
    known = ~np.isnan(contrasts.tests.statistic)
    tests = max((int(known[rows].sum()) for _, rows in contrasts.groups), default=0)
    if contrasts.adjust == "tukey" and contrasts.family > 2:
        notes.append(
            "P value adjustment: tukey method for comparing a family of "
            f"{contrasts.family} estimates"
        )
    elif contrasts.adjust not in {"none", "tukey"} and tests > 1:
        notes.append(f"P value adjustment: {contrasts.adjust} method for {tests} tests")
    return notes


def _cells(frame: pd.DataFrame) -> tuple[list[list[str]], list[bool]]:
    """Format every column; whether it is text."""
    columns, text = [], []
    for name in frame.columns:
        values = frame[name]
        text.append(not np.issubdtype(np.asarray(values).dtype, np.number))
        if text[-1]:
            columns.append([str(value) for value in values])
        elif name == "p.value":
            columns.append([_p_value(float(p)) for p in values])
        elif name in RATIO:
            columns.append(["NA" if np.isnan(t) else f"{t:.3f}" for t in values])
        elif name in {"SE", "df"}:
            columns.append(format_numbers(values, DIGITS, missing="NA"))
        else:
            shown = values.where(~frame["SE"].isna())
            columns.append(_estimates(shown.to_numpy(), frame["SE"].to_numpy()))
    return columns, text


def _estimates(values: np.ndarray, se: np.ndarray) -> list[str]:
    """Format estimates to the digits of their standard errors; 'nonEst' where missing."""
    largest = np.nanmax(np.abs(values), initial=0.0, where=~np.isnan(values))
    spread = np.nanmax(se, initial=0.0, where=~np.isnan(se))
    ratio = largest / spread if spread > 0.0 else 1.0
    digits = max(DIGITS, 1 + int(np.ceil(np.log10(ratio)))) if ratio > 0.0 else DIGITS
    return format_numbers(values, min(digits, 15), missing="nonEst")


def _p_value(p: float) -> str:
    if np.isnan(p):
        return "NA"
    return "<.0001" if p < 1e-4 else f"{p:.4f}"


def _lines(frame: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Lines of the table, a block for each group."""
    columns, text = _cells(frame)
    names = [str(name) for name in frame.columns]
    keep = [j for j, name in enumerate(names) if name not in by]
    widths = [max(map(len, [names[j], *columns[j]])) for j in keep]
    groups: dict[tuple[str, ...], list[int]] = {}
    for i in range(len(frame)):
        groups.setdefault(tuple(str(frame[name].iloc[i]) for name in by), []).append(i)

    def line(cells: Sequence[str]) -> str:
        parts = [
            cell.strip().ljust(width) if text[j] else cell.strip().rjust(width)
            for cell, width, j in zip(cells, widths, keep, strict=True)
        ]
        return (" " + " ".join(parts)).rstrip()

    lines: list[str] = []
    for labels, rows in groups.items():
        if lines:
            lines.append("")
        if by:
            parts = [f"{name} = {label}" for name, label in zip(by, labels, strict=True)]
            lines.append(", ".join(parts) + ":")
        lines.append(line([names[j] for j in keep]))
        lines += [line([columns[j][i] for j in keep]) for i in rows]
    return lines


def _table(frame: pd.DataFrame, notes: Sequence[str]) -> Table:
    columns, text = _cells(frame)
    return Table(
        tuple(str(name) for name in frame.columns),
        tuple(zip(*columns, strict=True)),
        tuple("left" if each else "right" for each in text),
        notes=tuple(notes),
    )
