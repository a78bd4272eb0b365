"""A small expression over coefficients, with its exact gradient.

Only names of coefficients, numbers, + - * / ^ and a few functions are read; nothing else runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, FormulaError, did_you_mean
from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Name,
    Number,
    Parentheses,
    Unary,
    deparse,
)
from nestling.model.parser import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nestling.arrays import FloatArray

    Value = tuple[float, FloatArray]
    """A number and its derivatives by the coefficients."""

FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1.0 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "abs": (abs, np.sign),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
}
"""Each with its derivative."""


def value_and_gradient(text: str, coefficients: Mapping[str, float]) -> tuple[float, FloatArray]:
    """Evaluate an expression and its derivatives by the coefficients, in their order.

    A name that is no R name stands in backticks, but '(Intercept)' and interactions may stand
    as they are.

    Examples
    --------
    >>> value, gradient = value_and_gradient("X / Z", {"X": 6.0, "Z": 2.0})
    >>> value, gradient.tolist()
    (3.0, [0.5, -1.5])
    """
    if not isinstance(text, str):
        raise ArgumentError(f"The expression is {text!r}; expected text such as 'X / Z'.")
    with np.errstate(all="ignore"):
        found, gradient = _value(parse_expression(text), coefficients)
    if not (np.isfinite(found) and np.isfinite(gradient).all()):
        raise ArgumentError(
            f"{text!r} is not finite at the estimates, or has no derivative there. Check what it "
            "divides by and takes logarithms and roots of."
        )
    return found, gradient


def _value(node: Expression, coefficients: Mapping[str, float]) -> Value:
    whole = deparse(node)
    if whole in coefficients or isinstance(node, Name):
        return _coefficient(node.text if isinstance(node, Name) else whole, coefficients)
    match node:
        case Number(number):
            value = float(number), np.zeros(len(coefficients))
        case Parentheses(inner) | Unary("+", inner):
            value = _value(inner, coefficients)
        case Unary("-", inner):
            number, gradient = _value(inner, coefficients)
            value = -number, -gradient
        case Binary("+" | "-" | "*" | "/" | "^" as operator, left, right):
            value = _combine(operator, _value(left, coefficients), _value(right, coefficients))
        case Function(name, (argument,), (None,)) if name in FUNCTIONS:
            number, gradient = _value(argument, coefficients)
            function, derivative = FUNCTIONS[name]
            value = float(function(number)), derivative(number) * gradient
        case _:
            raise FormulaError(
                f"{whole!r} cannot be part of a derived quantity: use names of coefficients, "
                f"numbers, + - * / ^ and {', '.join(FUNCTIONS)}."
            )
    return value


def _coefficient(name: str, coefficients: Mapping[str, float]) -> Value:
    if name not in coefficients:
        raise FormulaError(
            f"{name!r} is not a coefficient. {did_you_mean(name, list(coefficients))} Names such "
            "as 'I(x^2)' may stand in backticks."
        )
    gradient = np.array([float(each == name) for each in coefficients])
    return float(coefficients[name]), gradient


def _combine(operator: str, left: Value, right: Value) -> Value:
    (a, da), (b, db) = left, right
    match operator:
        case "+":
            return a + b, da + db
        case "-":
            return a - b, da - db
        case "*":
            return a * b, b * da + a * db
        case "/":
            quotient = np.float64(a) / b
            return float(quotient), (da - quotient * db) / b
    power = np.float64(a) ** b
    gradient = b * np.float64(a) ** (b - 1.0) * da
    if db.any():
        gradient = gradient + power * np.log(a) * db
    return float(power), gradient
