"""Arguments that give one number per row, by a column's name or as an array."""

from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.columns import Numeric
from nestling.data.door import Frame
from nestling.errors import ArgumentError, ArgumentTypeError, DataError


def row_vector(argument: str, given: Any, frame: Frame) -> FloatArray | None:
    """Return weights= or offset= as numbers, one per row of the frame.

    Raises
    ------
    ArgumentError, ArgumentTypeError, DataError
        For a wrong length, values that are not numbers, or infinities.
    """
    if given is None:
        return None
    if isinstance(given, str):
        column = frame.column(given)
        if not isinstance(column, Numeric):
            raise DataError(f"{argument}={given!r} names a column of categories, not numbers.")
        return column.values
    if np.iscomplexobj(given):  # numpy would drop the imaginary part
        raise ArgumentTypeError(f"{argument} holds complex numbers; give real ones.")
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{argument} is of type {type(given).__name__}; give a column's name or one number "
            "per row."
        ) from error
    if values.shape != (frame.n_rows,):
        raise ArgumentError(
            f"{argument} has shape {values.shape}, but the data have {frame.n_rows} rows. "
            "Give one number per row."
        )
    if np.isinf(values).any():
        raise ArgumentError(
            f"{argument} is infinite in row {int(np.isinf(values).argmax())}, counting from 0. "
            "Give a finite number, or NaN to leave the row out."
        )
    return values
