"""The functions a formula may call, by kind. Nothing else is ever called."""

from collections.abc import Callable

import numpy as np

from nestling.arrays import AnyArray

ELEMENTWISE: dict[str, Callable[[AnyArray], AnyArray]] = {
    "log": np.log,
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
    "round": np.rint,
    "trunc": np.trunc,
    "sign": np.sign,
    "as.integer": np.trunc,
}
"""Functions of one column, row by row."""

ARITHMETIC: dict[str, Callable[[AnyArray, AnyArray], AnyArray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "%%": np.mod,
    "%/%": np.floor_divide,
}
"""Operators between numbers."""

COMPARISONS: dict[str, Callable[[AnyArray, AnyArray], AnyArray]] = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
"""Operators whose result is TRUE or FALSE."""

BASES: dict[str, tuple[str, ...]] = {
    "poly": ("x", "degree", "raw"),
    "ns": ("x", "df", "knots", "intercept", "Boundary.knots"),
    "bs": ("x", "df", "knots", "degree", "intercept", "Boundary.knots"),
    "scale": ("x", "center", "scale"),
    "center": ("x",),
}
"""Functions that learn parameters from the data they are fitted to, with R's arguments."""

GROUPED = ("within", "between")
"""Functions of a column and a grouping factor: deviation from the group's mean, and that mean."""

CATEGORICAL: dict[str, tuple[str, ...]] = {
    "factor": ("x", "levels", "labels", "ordered"),
    "as.factor": ("x",),
    "ordered": ("x", "levels", "labels"),
    "relevel": ("x", "ref"),
}
"""Functions that make a factor of a column, with R's arguments."""

SPECIAL = ("I", "as.numeric", "offset", "c", "cbind")
"""I() and c() group, as.numeric() reads codes, offset() is taken out, cbind() is for counts."""

FUNCTIONS = frozenset((*ELEMENTWISE, *BASES, *GROUPED, *CATEGORICAL, *SPECIAL))
"""All names that may stand before a parenthesis."""
