"""A fit without its rows: what the batch engines need of it, small enough to be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nestling.data.door import Frame
from nestling.results.lmer_fit import LmerFit


def rowless(fit: LmerFit) -> LmerFit:
    """Return a fit whose columns and data are empty; statistics and names are whole.

    Processes and clusters get the engine with every chunk of replicates.

    Examples
    --------
    >>> import nestling as nl
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", {"y": [1.0, 2.0, 4.0, 4.0], "g": [1, 1, 2, 2]})
    >>> small = rowless(fit)
    >>> len(small.matrices.response), small.fixef.index.tolist(), small.statistics.n
    (0, ['(Intercept)'], 4)
    """
    matrices = fit.matrices
    empty = replace(
        matrices,
        response=matrices.response[:0].copy(),
        columns=tuple(column[:0].copy() for column in matrices.columns),
        random=tuple(
            replace(
                term,
                columns=tuple(column[:0].copy() for column in term.columns),
                codes=term.codes[:0].copy(),
            )
            for term in matrices.random
        ),
        weights=None,
        offset=None,
        row_index=None,
    )
    return replace(fit, matrices=empty, frame=Frame((), 0, _no_column))


def _no_column(name: str) -> Any:
    raise KeyError(name)
