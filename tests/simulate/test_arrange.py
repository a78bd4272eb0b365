import pytest

from nestling.simulate.arrange import FixedPart, RandomPart, arrange, split_name

inf = float("inf")
ONE = "(Intercept)"


def F(column, head=None):
    return FixedPart(column, head)


def R(term, effect):
    return RandomPart(term, effect)


@pytest.mark.parametrize(
    ("names", "pieces", "effects", "depths", "expected"),
    [
        # m0, m1, m2 of the article
        ([ONE], [[]], [[ONE]], [0], [(None, [F(0), R(0, 0)])]),
        (
            [ONE, "Z", "X"],
            [[], [("Z", 0)], [("X", inf)]],
            [[ONE]],
            [0],
            [(None, [F(0), F(1, "Z"), R(0, 0)]), ("X", [F(2)])],
        ),
        (
            [ONE, "X"],
            [[], [("X", inf)]],
            [[ONE, "X"]],
            [0],
            [(None, [F(0), R(0, 0)]), ("X", [F(1), R(0, 1)])],
        ),
        # a cross-level interaction belongs to the slope
        (
            [ONE, "Z", "X", "Z:X"],
            [[], [("Z", 0)], [("X", inf)], [("Z", 0), ("X", inf)]],
            [[ONE, "X"]],
            [0],
            [(None, [F(0), F(1, "Z"), R(0, 0)]), ("X", [F(2), F(3, "Z"), R(0, 1)])],
        ),
        # three levels: outermost first, whatever the formula's order
        (
            [ONE, "W", "S"],
            [[], [("W", 1)], [("S", 0)]],
            [[ONE], [ONE]],
            [1, 0],
            [(None, [F(0), F(2, "S"), R(1, 0), F(1, "W"), R(0, 0)])],
        ),
        # a higher-level predictor with a random slope is a column of its own
        (
            [ONE, "W"],
            [[], [("W", 1)]],
            [[ONE], [ONE, "W"]],
            [1, 0],
            [(None, [F(0), R(1, 0), R(0, 0)]), ("W", [F(1), R(1, 1)])],
        ),
        # without its main effect a product stays whole
        (
            [ONE, "X", "Z:X"],
            [[], [("X", inf)], [("Z", 0), ("X", inf)]],
            [[ONE]],
            [0],
            [(None, [F(0), R(0, 0)]), ("X", [F(1)]), ("Z:X", [F(2)])],
        ),
        # no intercept at all
        (["X"], [[("X", inf)]], [["X"]], [0], [("X", [F(0), R(0, 0)])]),
        # a random interaction
        (
            [ONE, "Z:X"],
            [[], [("Z", 0), ("X", inf)]],
            [["Z:X"]],
            [0],
            [(None, [F(0)]), ("Z:X", [F(1), R(0, 0)])],
        ),
    ],
)
def test_arrange(names, pieces, effects, depths, expected):
    made = arrange(names, pieces, effects, depths)
    assert [(one.key, list(one.parts)) for one in made] == expected


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("X", ["X"]),
        ("trtB:X", ["trtB", "X"]),
        ("poly(X, 2)1:Z:I(a:b)", ["poly(X, 2)1", "Z", "I(a:b)"]),
        ("`a:b`:X", ["`a:b`", "X"]),
    ],
)
def test_split_name(name, parts):
    assert split_name(name) == parts
