"""Values of the variables of a formula, row by row: arithmetic on columns and listed functions."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.data.door import Frame
from nestling.errors import DataError, FormulaError
from nestling.model.bases import Basis, learn
from nestling.model.categories import make_factor, to_factor, with_levels
from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Name,
    Number,
    Parentheses,
    Text,
    Truth,
    Unary,
    deparse,
    names_in,
)
from nestling.model.functions import (
    ARITHMETIC,
    BASES,
    CATEGORICAL,
    COMPARISONS,
    ELEMENTWISE,
    GROUPED,
)
from nestling.model.group_means import between_groups
from nestling.model.levels_of_groups import combined_groups
from nestling.model.options import options_of


@dataclass(frozen=True, slots=True)
class Memory:
    """What the training data taught, by the text of the call.

    Attributes
    ----------
    bases : dict
        The parameters of poly, ns, bs, scale and center.
    levels : dict
        The levels of the column inside factor(), relevel() and their like.
    """

    bases: dict[str, Basis] = field(default_factory=dict)
    levels: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Several columns that belong together: a polynomial or a spline.

    Attributes
    ----------
    values : (n, d) array
    """

    values: FloatArray


Value = Numeric | Factor | Block


def evaluate(node: Expression, frame: Frame, memory: Memory) -> Value:
    """Return the values of one variable of a formula.

    Names are columns, nothing else. Missing values stay missing; what is not finite where its
    arguments are is refused.
    """
    if isinstance(node, Name) and node.text in frame.names:
        return frame.column(node.text)
    text = deparse(node)
    while isinstance(node, Parentheses) or (isinstance(node, Function) and node.name == "I"):
        node = node.inner if isinstance(node, Parentheses) else node.arguments[0]
    match node:
        case Name(name) if name != "pi" or name in frame.names:
            return frame.column(name)
        case Function(name, (first, *_), _) if name in CATEGORICAL:
            source = _categories(first, text, frame, memory)
            return make_factor(name, text, source, options_of(node, CATEGORICAL[name], text))
        case Function(name, _, _) if name in BASES:
            return _basis(node, text, frame, memory)
        case Binary(operator, left, right) if operator in COMPARISONS:
            return Numeric(_compared(operator, left, right, frame, memory), "logical")
        case _:
            with np.errstate(all="ignore"):
                values = np.asarray(_number(node, frame, memory), dtype=float)
            if values.ndim == 0:
                raise FormulaError(f"{text!r} names no column of the data.")
            _check_finite(text, node, values, frame)
            return Numeric(values, "numeric")


def _categories(node: Expression, text: str, frame: Frame, memory: Memory) -> Factor:
    """Return a column as a factor whose levels stand where they stood in the training data."""
    value = evaluate(node, frame, memory)
    if isinstance(value, Block):
        raise FormulaError(f"{text} cannot make a factor of several columns.")
    factor = to_factor(value)
    known = memory.levels.setdefault(text, factor.levels)
    new = tuple(level for level in factor.levels if level not in known)
    return with_levels(text, factor, known + new)


def _check_finite(text: str, node: Expression, values: FloatArray, frame: Frame) -> None:
    if np.isfinite(np.add.reduce(values)):
        return
    bad = ~np.isfinite(values)
    for name in names_in(node):
        bad &= ~_missing(frame.column(name))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        given = ", ".join(
            f"{name} = {column.values[row]:g}"
            for name in names_in(node)
            if isinstance(column := frame.column(name), Numeric)
        )
        raise DataError(
            f"{text!r} is not a finite number in row {row}, counting from 0 ({given}), one of "
            f"{int(bad.sum())} such rows. Correct the values or leave these rows out."
        )


def _missing(column: Column) -> AnyArray:
    return np.isnan(column.values) if isinstance(column, Numeric) else column.codes < 0


def _number(node: Expression, frame: Frame, memory: Memory) -> Any:
    """Compute arithmetic: an array, or a number where no column is named."""
    match node:
        case Number(_) | Truth(_) | Name(_):
            return _single(node, frame)
        case Parentheses(inner) | Unary("+", inner) | Function("I", (inner,), _):
            return _number(inner, frame, memory)
        case Unary(_, operand):
            return -_number(operand, frame, memory)
        case Binary(operator, left, right) if operator in ARITHMETIC:
            return ARITHMETIC[operator](_number(left, frame, memory), _number(right, frame, memory))
        case Binary(operator, left, right) if operator in COMPARISONS:
            return _compared(operator, left, right, frame, memory)
        case Function(_, _, _):
            return _called(node, frame, memory)
    raise _no_arithmetic(node)


def _single(node: Number | Truth | Name, frame: Frame) -> Any:
    if not isinstance(node, Name):
        return float(node.value)
    if node.text == "pi" and node.text not in frame.names:
        return np.pi
    return _numeric_column(node.text, frame.column(node.text))


def _called(node: Function, frame: Frame, memory: Memory) -> Any:
    name, arguments = node.name, node.arguments
    if name in {"scale", "center"}:
        return _basis(node, deparse(node), frame, memory).values
    if name in GROUPED:
        return _grouped(node, frame, memory)
    if name == "as.numeric" and len(arguments) == 1:
        if not isinstance(evaluate(arguments[0], frame, memory), Factor):
            return _number(arguments[0], frame, memory)
        codes = _categories(arguments[0], deparse(node), frame, memory).codes
        return np.where(codes < 0, np.nan, codes + 1.0)  # R counts from 1
    values = [_number(argument, frame, memory) for argument in arguments]
    if name == "log" and len(values) == 2 and node.names[1] in {None, "base"}:
        return np.log(values[0]) / np.log(values[1])
    if name in ELEMENTWISE and len(values) == 1:
        return ELEMENTWISE[name](values[0])
    raise _no_arithmetic(node)


def _grouped(node: Function, frame: Frame, memory: Memory) -> FloatArray:
    """Compute between(X, g), each row's group mean of X, or within(X, g), what X is beyond it."""
    text = deparse(node)
    if len(node.arguments) != 2 or any(node.names):
        raise FormulaError(
            f"{text} has {len(node.arguments)} argument(s); write {node.name}(X, g), a column and "
            "the groups whose means are taken, which may be nested: g1:g2."
        )
    x = np.asarray(_number(node.arguments[0], frame, memory), dtype=float)
    if x.ndim == 0:
        raise FormulaError(f"{text!r} names no column of the data.")
    codes, _ = combined_groups(
        [evaluate(factor, frame, memory) for factor in _factors(node.arguments[1], text)]
    )
    means = between_groups(x, codes)
    return means if node.name == "between" else x - means


def _factors(node: Expression, text: str) -> list[Expression]:
    """List the grouping columns of g, or of g1:g2."""
    match node:
        case Binary(":", left, right):
            return [*_factors(left, text), *_factors(right, text)]
        case Name(_) | Function("factor" | "as.factor", _, _):
            return [node]
        case Parentheses(inner):
            return _factors(inner, text)
    raise FormulaError(
        f"{text}: {deparse(node)!r} is no grouping factor; name a column, or columns as g1:g2."
    )


def _no_arithmetic(node: Expression) -> FormulaError:
    return FormulaError(
        f"{deparse(node)!r} is not arithmetic on columns. Inside functions use + - * / ^, "
        "comparisons, numbers and columns."
    )


def _compared(
    operator: str, left: Expression, right: Expression, frame: Frame, memory: Memory
) -> FloatArray:
    """Compare numbers, or a factor with the text of a level: 1, 0 or missing."""
    if isinstance(right, Text) and isinstance(left, Name) and operator in {"==", "!="}:
        column = frame.column(left.text)
        if not isinstance(column, Factor):
            raise DataError(f"Column {left.text!r} holds numbers; compare it with a number.")
        code = column.levels.index(right.value) if right.value in column.levels else -2
        values = (column.codes == code) == (operator == "==")
        missing = column.codes < 0
    else:
        a, b = _number(left, frame, memory), _number(right, frame, memory)
        values = COMPARISONS[operator](a, b)
        missing = np.isnan(a) | np.isnan(b)
    return np.where(missing, np.nan, values)


def _numeric_column(name: str, column: Column) -> FloatArray:
    if isinstance(column, Numeric):
        return column.values
    shown = ", ".join(map(repr, column.levels[:4])) + (", ..." if len(column.levels) > 4 else "")
    raise DataError(
        f"Column {name!r} holds categories ({shown}) where a number is needed. Use it as a "
        "factor, or convert it to numbers."
    )


def _basis(node: Function, text: str, frame: Frame, memory: Memory) -> Block | Numeric:
    options = options_of(node, BASES[node.name], text)
    with np.errstate(all="ignore"):
        x = np.asarray(_number(node.arguments[0], frame, memory), dtype=float)
    if x.ndim == 0:
        raise FormulaError(f"{text!r} names no column of the data.")
    _check_finite(text, node.arguments[0], x, frame)
    missing = np.isnan(x)
    some = bool(missing.any())
    known = x[~missing] if some else x
    if text not in memory.bases:
        if not len(known):
            raise DataError(f"{text}: every value of the column is missing.")
        memory.bases[text] = learn(node.name, text, known, options)
    values = memory.bases[text].columns(known)
    if some:
        padded = np.full((len(x), values.shape[1]), np.nan)
        padded[~missing] = values
        values = padded
    return Numeric(values[:, 0], "numeric") if values.shape[1] == 1 else Block(values)
