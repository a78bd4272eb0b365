"""Lines of TOML entries, checked against the text and against tomllib's own reading."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestling.data.toml_lines import toml_lines
from nestling.data.toml_text import toml_text

TEXT = '''\
# a comment with [brackets] and = signs
seed = 1 # one

title = "a = 1 # no comment"
'quoted key' = 'C:\\path'
"esc\\u0041ped" = """\\
  one line \\
  of several"""
levels = """
Level 1: y = b0 + e
x = "quoted"
[not a table]
"""
raw = \'\'\'
[nor this] = "it's"\'\'\'
two = """ends in two quotes"""""
after = 2
[fixed]
"(Intercept)" = 2
X.d = 0.3
a . "b c" . d = 1
[ model . 'sub.table' ]
k = true
[simulate]
seed = { Cluster = 707, "a b" = { c = [1,
  2], d = "}" }, e = 1 }
list = [ # comment ]
  1, "]",
  [2, 3], # another
  { x = 1, y = 2 },
]
when = 1979-05-27 07:32:00
[[correlated]]
corr = 0.3
[[correlated]]
corr = 0.4
[correlated.more]
z = 1
[[correlated.inner]]
q = 1
[[correlated.inner]]
q = 2
[a.b.c]
[a]
x = 1
last = -1.5e3'''

LINES = {
    ("seed",): 2, ("title",): 4, ("quoted key",): 5, ("escAped",): 6, ("levels",): 9,
    ("raw",): 14, ("two",): 16, ("after",): 17, ("fixed",): 18, ("fixed", "(Intercept)"): 19,
    ("fixed", "X"): 20, ("fixed", "X", "d"): 20, ("fixed", "a", "b c", "d"): 21,
    ("model",): 22, ("model", "sub.table"): 22, ("model", "sub.table", "k"): 23,
    ("simulate", "seed"): 25, ("simulate", "seed", "Cluster"): 25,
    ("simulate", "seed", "a b", "c", 0): 25, ("simulate", "seed", "a b", "c", 1): 26,
    ("simulate", "seed", "a b", "d"): 26, ("simulate", "seed", "e"): 26,
    ("simulate", "list"): 27, ("simulate", "list", 1): 28, ("simulate", "list", 2, 1): 29,
    ("simulate", "list", 3, "y"): 30, ("simulate", "when"): 32,
    ("correlated",): 33, ("correlated", 0): 33, ("correlated", 0, "corr"): 34,
    ("correlated", 1): 35, ("correlated", 1, "corr"): 36, ("correlated", 1, "more", "z"): 38,
    ("correlated", 1, "inner", 0, "q"): 40, ("correlated", 1, "inner", 1, "q"): 42,
    ("a", "b", "c"): 43, ("a", "x"): 45, ("a", "last"): 46,
}  # fmt: skip


@pytest.mark.parametrize("path", LINES, ids=str)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lines_of_entries(path, ends):
    text = TEXT.replace("\n", ends)
    tomllib.loads(text)
    assert toml_lines(text).keys[path] == LINES[path]


def paths(value, path=()):
    """All paths of data as tomllib reads it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield (*path, key)
        if isinstance(each, dict | list):
            yield from paths(each, (*path, key))


def test_every_entry_is_found_and_nothing_else():
    assert set(toml_lines(TEXT).keys) == set(paths(tomllib.loads(TEXT)))


def test_texts_begin_where_their_first_line_stands():
    texts = toml_lines(TEXT).texts
    assert texts["levels",] == 10
    assert texts["raw",] == 15
    assert texts["title",] == 4


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("fixed", "missing"), 18),
        (("fixed", "X", "d", "deeper"), 20),
        (("missing",), None),
        ((), None),
    ],
)
def test_what_is_not_there_is_where_its_table_is(path, line):
    assert toml_lines(TEXT).of(path) == line


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.one_of(st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_written_is_read_back_and_found(data):
    written = toml_text(data)
    read = tomllib.loads(written)
    assert read == data
    lines = toml_lines(written)
    assert set(lines.keys) == set(paths(read))
    for path, line in lines.keys.items():
        assert 1 <= line <= written.count("\n") + 1
        if len(path) == 1:
            before = tomllib.loads("\n".join(written.split("\n")[: line - 1]))
            assert path[0] not in before
