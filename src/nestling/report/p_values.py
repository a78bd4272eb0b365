"""P values and their stars, as R prints them."""

import math
from collections.abc import Iterable

from nestling.report.numbers import format_numbers, format_one

SMALLEST = 2.220446049250313e-16
"""P values below this print as less than it."""

STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "."))
"""Upper bounds of the p values that get each mark."""

LEGEND = "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"


def format_p_values(p_values: Iterable[float], digits: int, eps: float = SMALLEST) -> list[str]:
    """Format p values as R's format.pval() does.

    Those that are no wider in fixed notation share their decimals, the smaller ones theirs;
    those below `eps` print as less than it, with as many digits as the others leave room for.

    Examples
    --------
    >>> format_p_values([1e-20, 3.26e-6, 0.04], 3)
    ['< 2e-16', '3.26e-06', '0.04']
    """
    p = [float(value) for value in p_values]
    tiny = [value < eps for value in p]
    cells = ["NA" if math.isnan(value) else "" for value in p]
    usual = [i for i, value in enumerate(p) if not math.isnan(value) and not tiny[i]]
    # 0.00012 and 1.2e-04 are of one width; with one digit there is no decimal point to save
    fixed_from = 1e-4 if digits > 1 else 1e-3
    for group in (
        [i for i in usual if p[i] >= fixed_from],
        [i for i in usual if p[i] < fixed_from],
    ):
        for i, cell in zip(group, format_numbers([p[i] for i in group], digits), strict=True):
            cells[i] = cell
    bound = _bound([cells[i] for i in usual], digits, eps)
    return [bound if small else cell for small, cell in zip(tiny, cells, strict=True)]


def _bound(others: list[str], digits: int, eps: float) -> str:
    """Write "less than eps" beside other cells."""
    room = max(map(len, others), default=None)
    shown = max(1, digits - 2)
    if room is not None and shown > 1 and shown + 6 > room:
        shown = max(1, room - 7)
    tight = shown == 1 and (room is None or room <= 6)
    return f"<{'' if tight else ' '}{format_one(eps, shown)}"


def stars(p: float) -> str:
    """Mark a p value by its size.

    Examples
    --------
    >>> stars(0.0005), stars(0.05), stars(0.5)
    ('***', '*', ' ')
    """
    return next((mark for bound, mark in STARS if p <= bound), "" if math.isnan(p) else " ")
