"""TOML as it is written; that it is read back is tested with the lines of its entries."""

import tomllib

import pytest

from nestling.data.toml_text import toml_text
from nestling.errors import ArgumentTypeError


def test_texts_of_several_lines_read_as_they_are():
    text = 'y = b0 + e  # "quoted"\n\tb0 = g00 + u0 \\ \n'
    written = toml_text({"model": {"levels": text}})
    assert 'levels = """\ny = b0 + e  # "quoted"\n' in written
    assert tomllib.loads(written)["model"]["levels"] == text


@pytest.mark.parametrize(
    "text", ['"""\n', '\n"', '"\n""', "\r\n", "\x7f\n\0", "'''\n", "\n", "é\n"]
)
def test_texts_that_look_like_quotes_come_back(text):
    assert tomllib.loads(toml_text({"a": text, "b": [text], "c": {text: text}})) == {
        "a": text,
        "b": [text],
        "c": {text: text},
    }


@pytest.mark.parametrize("value", [None, len, 1j, b"x", {1, 2}, [None]])
def test_what_toml_has_no_form_for_is_refused(value):
    with pytest.raises(ArgumentTypeError, match="has no form in TOML"):
        toml_text({"a": value})


def test_numbers_keep_their_kind():
    data = {"a": [1, 1.0, -0.0, 1e300, 2**62, True]}
    read = tomllib.loads(toml_text(data))["a"]
    assert list(map(type, read)) == [int, float, float, float, int, bool]
    assert str(read) == str(data["a"])
