import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestling.design.tree import Crossed, Nested, Unit, ancestors, lay_out, row_counts, unit_names


def codes(node):
    return {name: values.tolist() for name, values in lay_out(node).codes.items()}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Unit("a", 3), {"a": [0, 1, 2]}),
        (Nested((Unit("g", 2), Unit("i", 2))), {"g": [0, 0, 1, 1], "i": [0, 1, 2, 3]}),
        (Nested((Unit("g", 2), Unit("i", (1, 2)))), {"g": [0, 1, 1], "i": [0, 1, 2]}),
        (Crossed((Unit("s", 2), Unit("i", 2))), {"s": [0, 0, 1, 1], "i": [0, 1, 0, 1]}),
        (
            Nested((Unit("g", 2), Crossed((Unit("p", (1, 2)), Unit("r", (2, 1)))))),
            {"g": [0, 0, 1, 1], "p": [0, 0, 1, 2], "r": [0, 1, 2, 2]},
        ),
    ],
)
def test_lay_out(node, expected):
    assert codes(node) == expected


def test_relations():
    node = Nested(
        (Unit("a", 2), Crossed((Unit("b", 2), Nested((Unit("c", 2), Unit("d", 2))))), Unit("e", 2))
    )
    assert unit_names(node) == ("a", "b", "c", "d", "e")
    assert ancestors(node) == {
        "a": (),
        "b": ("a",),
        "c": ("a",),
        "d": ("a", "c"),
        "e": ("a", "b", "c", "d"),
    }


@st.composite
def nodes(draw):
    names = (f"u{i}" for i in range(100))

    def node(depth):
        kind = draw(st.sampled_from(["unit", "nested", "crossed"])) if depth else "unit"
        if kind == "unit":
            return Unit(next(names), draw(st.integers(1, 3)))
        parts = tuple(node(depth - 1) for _ in range(draw(st.integers(1, 3))))
        return (Nested if kind == "nested" else Crossed)(parts)

    return node(2)


@given(nodes(), st.integers(1, 3))
def test_counts_agree_with_rows_laid_out(node, parents):
    units = {}
    counts = row_counts(node, parents, Unit("g", parents), units)
    rows = lay_out(node, parents)
    assert np.array_equal(np.bincount(rows.parent, minlength=parents), counts)
    assert (np.diff(rows.parent) >= 0).all()
    for name, values in rows.codes.items():
        assert sorted(set(values.tolist())) == list(range(units[name]))


@given(nodes())
def test_a_nested_unit_has_one_parent(node):
    laid = lay_out(node).codes
    for name, outer in ancestors(node).items():
        for other in outer:
            pairs = set(zip(laid[name].tolist(), laid[other].tolist(), strict=True))
            assert len(pairs) == len(set(laid[name].tolist()))
