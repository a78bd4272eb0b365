"""Terms that share a grouping factor stand side by side in it."""

import numpy as np
import pytest

from builders import MODELS, ones, term
from nestling.statistics.layout import Place, layout_of


def _terms(*given):
    return tuple(term(group, np.arange(3) % 2, *[ones(3)] * k) for group, k in given)


@pytest.mark.parametrize(
    ("given", "places", "widths", "members"),
    [
        ([("g", 2)], [(0, 0, 2)], (2,), ((0,),)),
        ([("g", 1), ("g", 1)], [(0, 0, 1), (0, 1, 1)], (2,), ((0, 1),)),
        ([("g", 2), ("h", 1)], [(0, 0, 2), (1, 0, 1)], (2, 1), ((0,), (1,))),
        (
            [("g", 2), ("h", 1), ("g", 1)],
            [(0, 0, 2), (1, 0, 1), (0, 2, 1)],
            (3, 1),
            ((0, 2), (1,)),
        ),
    ],
)
def test_layout(given, places, widths, members):
    layout = layout_of(_terms(*given))
    assert layout.places == tuple(Place(*place) for place in places)
    assert layout.widths == widths
    assert layout.members == members


def test_every_effect_has_one_place():
    for given in MODELS.values():
        layout = layout_of(given.random)
        taken = [(p.factor, p.start + i) for p in layout.places for i in range(p.width)]
        assert sorted(taken) == [(f, i) for f, k in enumerate(layout.widths) for i in range(k)]
