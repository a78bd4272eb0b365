import numpy as np
import pytest

from nestling.errors import PopulationError
from nestling.model.formula import parse
from nestling.simulate.inverse import INVERSE, Response, response_of


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ("y", Response("y", None)),
        ("log(rt)", Response("rt", "log")),
        ("log1p(n)", Response("n", "log1p")),
    ],
)
def test_response_of(left, expected):
    assert response_of(parse(f"{left} ~ 1 + (1 | g)").response) == expected


@pytest.mark.parametrize("function", [*INVERSE])
def test_original_undoes_the_function(function):
    values = np.linspace(-2, 2, 9)
    forward = getattr(np, function)(Response("y", function).original(values))
    assert np.allclose(forward, values, rtol=0, atol=1e-14)
    assert np.array_equal(Response("y", None).original(values), values)


@pytest.mark.parametrize("left", ["sqrt(y)", "y / n", "log(y + 1)", "log(y, 2)"])
def test_refusals(left):
    with pytest.raises(PopulationError, match="cannot be simulated"):
        response_of(parse(f"{left} ~ 1 + (1 | g)").response)
