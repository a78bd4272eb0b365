"""A long formula over several lines, broken where R's deparse() breaks it."""

from nestling.model.expressions import (
    Binary,
    Expression,
    Function,
    Parentheses,
    Unary,
    deparse,
    summands,
)

CUTOFF = 60
"""R starts a new line after an operator once a line is longer than this."""

_BREAKS = frozenset({"~", "|", "||", "*", "<", ">", "<=", ">=", "==", "!="})


class _Writer:
    __slots__ = ("indent", "line", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.indent = 0

    def write(self, text: str) -> None:
        if not self.line and self.lines:
            self.line = "    " * min(self.indent, 4)
        self.line += text

    def long(self) -> bool:
        return len(self.line) > CUTOFF

    def end_line(self) -> None:
        self.lines.append(self.line)
        self.line = ""


def deparse_lines(node: Expression) -> list[str]:
    """Return the lines of an expression as R deparses it.

    Examples
    --------
    >>> from nestling.model.parser import parse_expression
    >>> deparse_lines(parse_expression("y ~ x + (1 | g)"))
    ['y ~ x + (1 | g)']
    """
    writer = _Writer()
    _write(node, writer)
    writer.end_line()
    return writer.lines


def _write(node: Expression, writer: _Writer) -> None:
    match node:
        case Binary("+" | "-", _, _):
            (_, first), *rest = summands(node)
            _write(first, writer)
            for operator, part in rest:
                _write_operand(operator, part, writer)
        case Binary(operator, left, right) if operator in _BREAKS:
            _write(left, writer)
            _write_operand(operator, right, writer)
        case Binary(operator, left, right):
            _write(left, writer)
            writer.write(f" {operator} " if operator == "%in%" else operator)
            _write(right, writer)
        case Unary(operator, operand):
            writer.write(operator)
            _write(operand, writer)
        case Parentheses(inner):
            writer.write("(")
            _write(inner, writer)
            writer.write(")")
        case Function(name, arguments, names):
            _write_call(name, arguments, names, writer)
        case _:
            writer.write(deparse(node))


def _write_operand(operator: str, operand: Expression, writer: _Writer) -> None:
    """Write an operator and what follows it, on a new line when the line has become long."""
    writer.write(f" {operator} ")
    broken = writer.long()
    if broken:
        writer.indent += 1
        writer.end_line()
    _write(operand, writer)
    writer.indent -= broken


def _write_call(
    name: str,
    arguments: tuple[Expression, ...],
    names: tuple[str | None, ...],
    writer: _Writer,
) -> None:
    writer.write(f"{name}(")
    broken = False
    for i, (argument, key) in enumerate(zip(arguments, names, strict=True)):
        if i:
            writer.write(", ")
            if writer.long():
                writer.indent += not broken
                broken = True
                writer.end_line()
        if key is not None:
            writer.write(f"{key} = ")
        _write(argument, writer)
    writer.write(")")
    writer.indent -= broken
