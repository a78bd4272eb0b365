"""One thing that a check of a fit found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nestling.report.numbers import format_one
from nestling.report.p_values import format_p_values

Verdict = Literal["fine", "look", "problem", "not tested"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, the verdict, and what to make of it.

    Attributes
    ----------
    topic : str
    verdict : {"fine", "look", "problem", "not tested"}
    says : str
    test : str
        Which test or number stands behind it; empty if none.
    statistic, p_value : float
        NaN if there is none.
    """

    topic: str
    verdict: Verdict
    says: str
    test: str = ""
    statistic: float = float("nan")
    p_value: float = float("nan")


def said(value: float, digits: int = 3) -> str:
    """Write a number into a sentence.

    Examples
    --------
    >>> said(0.12345), said(1234567.0)
    ('0.123', '1234567')
    """
    return format_one(value, digits)


def said_p(p_value: float) -> str:
    """Write a p value into a sentence.

    Examples
    --------
    >>> said_p(0.0312), said_p(1e-20)
    ('p = 0.031', 'p < 2e-16')
    """
    (cell,) = format_p_values([p_value], 2)
    return f"p < {cell[1:].strip()}" if cell.startswith("<") else f"p = {cell}"
