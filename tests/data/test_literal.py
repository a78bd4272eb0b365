import pytest

from nestling.data.literal import named, read_literal
from nestling.errors import ArgumentError, PopulationError
from nestling.model.spreads import sd


def _pair(a, b=0):
    return a, b


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        (" -2.5 ", -2.5),
        ("1e-3", 0.001),
        ("'a'", "a"),
        ("[1, [2, 3]]", [1, [2, 3]]),
        ("(1, 2)", [1, 2]),
        ("{'a': 1, 'b': [2]}", {"a": 1, "b": [2]}),
        ("{-1: 1, 2.5: 2, True: 3}", {-1: 1, 2.5: 2, True: 3}),
        ("pair(1)", (1, 0)),
        ("nl.pair(1, nl.pair(2))", (1, (2, 0))),
        ("pair(1, b=pair(2, -3))", (1, (2, -3))),
    ],
)
def test_values_are_read(text, value):
    assert read_literal(text, "--x", {"pair": _pair}) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pair(1).swap()", (0, 1)),
        ("nl.pair(1).swap().swap()", (1, 0)),
        ("pair(pair(1).swap(), b=2)", ((0, 1), 2)),
    ],
)
def test_listed_calls_follow_others(text, value):
    functions = {"pair": _pair, ".swap": lambda pair: pair[::-1]}
    assert read_literal(text, "--x", functions) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "pair.__globals__",
        "nl.pair.__globals__",
        "nl.errors.sys.exit()",
        "nl.nl.pair(1)",
        "np.pair(1)",
        "nl",
        "nl.__import__('os')",
        "pair(1).__class__",
        "pair(1).__reduce__()",
        "pair(1).count(0)",
        "pair(1).pair()",
        "(1).pair()",
        "'a'.join(['b'])",
        "[1].pair()",
        "().__class__.__bases__[0]",
        "[x for x in (1, 2)]",
        "(lambda: 1)()",
        "pair(*[1, 2])",
        "pair(**{'a': 1})",
        "{**{}}",
        "{[1]: 2}",
        "{None: 2}",
        "{-[1]: 2}",
        "f'{pair}'",
        "x",
        "None",
        "b'a'",
        "1j",
        "...",
        "10 ** 10 ** 10",
        "'a' * 10 ** 9",
        "1 if 1 else 2",
        "(a := 1)",
        "pair(1); pair(2)",
        "pair(1, b=2, b=3)",
        "print(1)",
        "pair(1, 2, 3)",
        "",
        "(" * 300 + ")" * 300,
        "9" * 5000,
        "1," * 60_000,
    ],
)
def test_nothing_else_is_read(text):
    with pytest.raises(ArgumentError, match=r"--x .*(cannot be read|characters long)"):
        read_literal(text, "--x", {"pair": _pair})


def test_a_listed_function_speaks_for_itself():
    with pytest.raises(PopulationError, match="never negative"):
        read_literal("sd(-1)", "--random", {"sd": sd})
    with pytest.raises(ArgumentError, match="Did you mean 'sd'"):
        read_literal("std(1)", "--random", {"sd": sd})


@pytest.mark.parametrize(
    ("text", "last", "parts"),
    [
        ("X=4", False, ("X", "4")),
        ("Z = normal(0, sd=3)", False, ("Z", "normal(0, sd=3)")),
        ("I(a == 1)TRUE=3", True, ("I(a == 1)TRUE", "3")),
    ],
)
def test_names_and_values(text, last, parts):
    assert named(text, "--x", last=last) == parts


@pytest.mark.parametrize("text", ["X", "=4", "X=", " = "])
def test_a_pair_needs_both_sides(text):
    with pytest.raises(ArgumentError, match="name=value"):
        named(text, "--x")
