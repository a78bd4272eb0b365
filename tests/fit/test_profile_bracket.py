"""Where a search may go next."""

import numpy as np
import pytest

from nestling.fit.profile_bracket import MAX_DOUBTS, Bracket


def bracket(side=1, inner=None, outer=None):
    """A bracket from 1.0 for the height 2, with an inner and an outer point (value, zeta)."""
    found = Bracket.at(side, 1.0, 0.0)
    for point in (inner, outer):
        if point is not None:
            found = found.narrowed(*point, 2.0)
    return found


@pytest.mark.parametrize(
    ("given", "proposal", "expected"),
    [
        (bracket(), 1.002, 1.002),
        (bracket(inner=(2.0, 1.0)), 3.0, 3.0),
        (bracket(inner=(2.0, 1.0)), 7.0, 5.0),  # not farther than three times the way so far
        (bracket(inner=(2.0, 1.0)), 1.5, 5.0),  # nor back
        (bracket(inner=(2.0, 1.0)), np.inf, 5.0),
        (bracket(-1, inner=(0.0, 1.0)), -1.0, -1.0),
        (bracket(-1, inner=(0.0, 1.0)), -np.inf, -3.0),
        (bracket(inner=(2.0, 1.0), outer=(4.0, 3.0)), 2.5, 2.5),
        (bracket(inner=(2.0, 1.0), outer=(4.0, 3.0)), 1.5, 3.0),  # by the chord
        (bracket(inner=(2.0, 1.99), outer=(4.0, 3.0)), 1.5, 2.2),  # a tenth of the way at least
    ],
)
def test_inside(given, proposal, expected):
    found, after = given.inside(proposal, 2.0)
    assert found == pytest.approx(expected)
    assert after == given


def test_an_outer_end_that_is_contradicted_is_measured_again():
    given = bracket(inner=(2.0, 1.0), outer=(4.0, 3.0))
    for _ in range(MAX_DOUBTS):
        proposal, given = given.inside(6.0, 2.0)
        assert proposal == 4.0
        assert not np.isfinite(given.outer)
        given = given.narrowed(4.0, 3.0, 2.0)
    # it is what it is
    assert given.inside(6.0, 2.0) == (3.0, given)


def test_closed():
    assert bracket(inner=(2.0, 1.0), outer=(2.0 + 1e-12, 3.0)).closed
    assert not bracket(inner=(2.0, 1.0), outer=(2.0 + 1e-9, 3.0)).closed
    assert not bracket(inner=(2.0, 1.0)).closed
