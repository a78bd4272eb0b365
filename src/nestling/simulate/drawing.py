"""What every description of a predictor shares: its stream, its level, its normal scores."""

from typing import TypeAlias

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentTypeError
from nestling.random.rrandom import RRandom

Stream: TypeAlias = np.random.Generator | RRandom


def check_level(level: object, what: str) -> None:
    """Refuse a `level=` that is no name."""
    if level is not None and not isinstance(level, str):
        raise ArgumentTypeError(
            f"{what}: level={level!r}; expected the name of a unit of the design, such as "
            "'Cluster', or None for one value per row."
        )


def at_level(level: str | None) -> str:
    """Write `level=` as it was given.

    Examples
    --------
    >>> at_level("school"), at_level(None)
    (", level='school'", '')
    """
    return f", level={level!r}" if level else ""


def standard_normals(stream: Stream, n: int) -> FloatArray:
    """Draw n standard normal numbers from either kind of stream."""
    if isinstance(stream, np.random.Generator):
        return stream.standard_normal(n)
    return stream.rnorm(n)
