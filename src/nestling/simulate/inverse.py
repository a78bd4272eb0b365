"""From the response on the model's scale to the column that carries it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import PopulationError
from nestling.model.expressions import Expression, Function, Name, deparse, names_in

INVERSE: dict[str, Callable[[FloatArray], FloatArray]] = {
    "log": np.exp,
    "log2": np.exp2,
    "log10": lambda values: np.power(10.0, values),
    "log1p": np.expm1,
}
"""Functions that reach every real number, so that any simulated value has its original."""


@dataclass(frozen=True, slots=True)
class Response:
    """The column a formula explains, and the function it stands in."""

    column: str
    function: str | None

    def original(self, values: FloatArray) -> FloatArray:
        """Undo the function: the column whose function are these values."""
        return values if self.function is None else INVERSE[self.function](values)


def response_of(node: Expression) -> Response:
    """Read the left side of a formula.

    Raises
    ------
    PopulationError
        When it is neither a column nor a logarithm of one.

    Examples
    --------
    >>> from nestling.model.formula import parse
    >>> response_of(parse("log(rt) ~ 1 + (1 | id)").response)
    Response(column='rt', function='log')
    """
    match node:
        case Name(name):
            return Response(name, None)
        case Function(function, (Name(name),), _) if function in INVERSE:
            return Response(name, function)
        case _:
            column = (names_in(node) or ["y"])[0]
            raise PopulationError(
                f"The response {deparse(node)!r} cannot be simulated: values on the left of '~' "
                f"are drawn from a normal distribution and turned back into the column {column!r}. "
                f"Write {column!r} itself or its {', '.join(INVERSE)}."
            )
