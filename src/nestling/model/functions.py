"""The functions a formula may call, by kind. Nothing else is ever called."""

from collections.abc import Callable

import numpy as np

from nestling.arrays import AnyArray

ELEMENTWISE: dict[str, Callable[[AnyArray], AnyArray]] = {
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "floor": np.floor,
    "ceiling": np.ceil,
    "sign": np.sign,
}
"""Functions of one column, row by row."""

BASES: dict[str, tuple[str, ...]] = {
    "poly": ("x", "degree", "raw"),
    "ns": ("x", "df", "knots", "intercept", "Boundary.knots"),
    "bs": ("x", "df", "knots", "degree", "intercept", "Boundary.knots"),
    "scale": ("x", "center", "scale"),
}
"""Functions that learn parameters from the data they are fitted to, with R's arguments."""

CATEGORICAL = ("factor", "as.factor", "ordered")
"""Functions that make a factor of a column."""

SPECIAL = ("I", "log", "offset", "c", "cbind")
"""I() and c() group, log() takes a base, offset() is taken out, cbind() is for counts."""

FUNCTIONS = frozenset((*ELEMENTWISE, *BASES, *CATEGORICAL, *SPECIAL))
"""All names that may stand before a parenthesis."""
