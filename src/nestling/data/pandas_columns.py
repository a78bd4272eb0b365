"""Columns of pandas, read without a detour: a small fit takes less time than one conversion."""

from typing import Any

import numpy as np

from nestling.arrays import AnyArray
from nestling.data.columns import Factor
from nestling.data.labels import labels
from nestling.data.objects import kinds_of, sorted_factor


def is_pandas(values: Any) -> bool:
    """Whether a frame, series or array is of pandas, without importing it."""
    return type(values).__module__.partition(".")[0] == "pandas"


def of_pandas(values: Any) -> Factor | AnyArray | None:
    """Read a series or extension array: a factor, a numpy array, or None for narwhals to read."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        array = values.to_numpy()
        if dtype.kind != "O" or kinds_of(array.tolist()) != {"text"}:
            return np.asarray(array)
    elif hasattr(dtype, "categories"):
        held = getattr(values, "array", values)
        codes = np.asarray(held.codes).astype(np.intp)
        return Factor(codes, labels(held.categories), bool(held.ordered))
    elif dtype.name not in {"str", "string"}:
        return None
    # hashing in pandas beats a pass through Python objects
    codes, found = values.factorize()
    return sorted_factor(np.asarray(codes, dtype=np.intp), [str(value) for value in found])
