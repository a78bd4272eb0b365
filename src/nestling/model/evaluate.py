"""Values of the variables of a formula, row by row: arithmetic on columns and listed functions."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.columns import Column, Factor, Numeric
from nestling.data.door import Frame
from nestling.data.grouping import grouping
from nestling.errors import DataError, FormulaError, did_you_mean
from nestling.model.bases import Basis, learn
from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Name,
    Number,
    Parentheses,
    Text,
    Unary,
    deparse,
    names_in,
    number_text,
)
from nestling.model.functions import BASES, CATEGORICAL, ELEMENTWISE


@dataclass(frozen=True, slots=True)
class Memory:
    """What the training data taught: the parameters of poly, ns, bs and scale, by their text."""

    bases: dict[str, Basis] = field(default_factory=dict)


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
    text = deparse(node)
    while isinstance(node, Parentheses):
        node = node.inner
    match node:
        case Name(name) if name != "pi" or name in frame.names:
            return frame.column(name)
        case Function(name, arguments, names) if name in CATEGORICAL:
            return _categorical(name, text, evaluate(arguments[0], frame, memory), names)
        case Function(name, _, _) if name in BASES:
            return _basis(node, text, frame, memory)
        case _:
            with np.errstate(all="ignore"):
                values = np.asarray(_number(node, frame, memory), dtype=float)
            if values.ndim == 0:
                raise FormulaError(f"{text!r} names no column of the data.")
            _check_finite(text, node, values, frame)
            return Numeric(values, "numeric")


def _check_finite(text: str, node: Expression, values: FloatArray, frame: Frame) -> None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    for name in names_in(node):
        column = frame.column(name)
        if isinstance(column, Numeric):
            bad &= ~np.isnan(column.values)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        given = ", ".join(
            f"{name} = {column.values[row]:g}"
            for name in names_in(node)
            if isinstance(column := frame.column(name), Numeric)
        )
        raise DataError(
            f"{text!r} is not a finite number in row {row} ({given}), one of {int(bad.sum())} "
            "such rows. Correct the values or leave these rows out."
        )


def _number(node: Expression, frame: Frame, memory: Memory) -> Any:  # noqa: C901, PLR0911  one case per kind
    match node:
        case Number(value):
            return value
        case Name("pi") if "pi" not in frame.names:
            return np.pi
        case Name(name):
            return _numeric_column(name, frame.column(name))
        case Parentheses(inner):
            return _number(inner, frame, memory)
        case Unary(operator, operand):
            value = _number(operand, frame, memory)
            return -value if operator == "-" else value
        case Binary(operator, left, right) if operator in _ARITHMETIC:
            return _ARITHMETIC[operator](
                _number(left, frame, memory), _number(right, frame, memory)
            )
        case Function("I", (inner,), _):
            return _number(inner, frame, memory)
        case Function("log", arguments, names):
            values = [_number(argument, frame, memory) for argument in arguments]
            if len(values) == 1:
                return np.log(values[0])
            if len(values) == 2 and names[1] in {None, "base"}:
                return np.log(values[0]) / np.log(values[1])
        case Function(name, (argument,), _) if name in ELEMENTWISE:
            return ELEMENTWISE[name](_number(argument, frame, memory))
        case Function("scale", _, _):
            return _basis(node, deparse(node), frame, memory).values
        case _:
            pass
    raise FormulaError(
        f"{deparse(node)!r} is not arithmetic on columns. Inside functions use + - * / ^, numbers "
        "and columns."
    )


_ARITHMETIC = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}


def _numeric_column(name: str, column: Column) -> FloatArray:
    if isinstance(column, Numeric):
        return column.values
    raise DataError(
        f"Column {name!r} holds categories ({', '.join(column.levels[:4])}, ...) where a number "
        "is needed. Use it as a factor, or convert it to numbers."
    )


def _categorical(function: str, text: str, value: Value, names: tuple[str | None, ...]) -> Factor:
    if len(names) != 1:
        raise FormulaError(
            f"{text}: only the column is taken here. For other levels or labels make a "
            "categorical column of the data."
        )
    if isinstance(value, Block):
        raise FormulaError(f"{text} cannot make a factor of several columns.")
    if isinstance(value, Factor):
        return Factor(value.codes, value.levels, function == "ordered" or value.ordered)
    codes, levels = grouping(value)
    labels = tuple(
        str(level) if isinstance(level, str) else number_text(float(level)) for level in levels
    )
    return Factor(codes, labels, function == "ordered")


def _basis(node: Function, text: str, frame: Frame, memory: Memory) -> Block | Numeric:
    options = _options(node, text)
    x = np.asarray(_number(node.arguments[0], frame, memory), dtype=float)
    if x.ndim == 0:
        raise FormulaError(f"{text!r} names no column of the data.")
    missing = np.isnan(x)
    if text not in memory.bases:
        memory.bases[text] = learn(node.name, text, x[~missing], options)
    basis = memory.bases[text]
    if not missing.any():
        values = basis.columns(x)
    else:
        present = basis.columns(x[~missing])
        values = np.full((len(x), present.shape[1]), np.nan)
        values[~missing] = present
    return Numeric(values[:, 0], "numeric") if node.name == "scale" else Block(values)


def _options(node: Function, text: str) -> dict[str, Any]:
    """Match arguments to R's names, by name and then by position."""
    formal = BASES[node.name]
    free = [name for name in formal[1:] if name not in node.names]
    options: dict[str, Any] = {}
    for argument, name in zip(node.arguments[1:], node.names[1:], strict=True):
        if name is not None and name not in formal:
            raise FormulaError(
                f"{text}: unknown argument {name!r}. {did_you_mean(name, formal[1:])}"
            )
        if name is None and not free:
            raise FormulaError(f"{text} has too many arguments; {', '.join(formal)} are known.")
        options[name or free.pop(0)] = _constant(argument, text)
    return options


def _constant(node: Expression, text: str) -> Any:
    match node:
        case Number(value):
            return int(value) if value == round(value) else value
        case Unary("-", Number(value)):
            return -value
        case Text("TRUE" | "FALSE" as value):
            return value == "TRUE"
        case Function("c", arguments, _):
            return [float(_constant(argument, text)) for argument in arguments]
        case _:
            raise FormulaError(
                f"{text}: {deparse(node)!r} must be a number, TRUE, FALSE or c(...) of numbers."
            )
