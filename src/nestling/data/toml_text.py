"""Plain data as the text of a TOML file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from nestling.errors import ArgumentTypeError

BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(data: Mapping[str, Any]) -> str:
    """Write tables of text, numbers, truth values, lists and further tables.

    Parameters
    ----------
    data : mapping
        Tables are written as `[sections]`, tables inside them in one line, texts of several
        lines between three quotes. `tomllib.loads` gives the same data back.

    Raises
    ------
    ArgumentTypeError
        For a value that TOML has no form for, None among them.

    Examples
    --------
    >>> print(toml_text({"seed": 1, "fixed": {"(Intercept)": 2.0, "X": "d(0.3)"}}))
    seed = 1
    <BLANKLINE>
    [fixed]
    "(Intercept)" = 2.0
    X = "d(0.3)"
    <BLANKLINE>
    """
    alone = [(key, value) for key, value in data.items() if not _is_section(value)]
    blocks = [[f"{_key(key)} = {_value(value)}" for key, value in alone]] if alone else []
    for name, value in data.items():
        if isinstance(value, Mapping):
            blocks.append([f"[{_key(name)}]", *_entries(value)])
        elif _is_section(value):
            blocks += [[f"[[{_key(name)}]]", *_entries(each)] for each in value]
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _is_section(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, Mapping) for each in value)
    return isinstance(value, Mapping)


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _lines(value) if "\n" in value else _quoted(value)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case Mapping():
            inside = ", ".join(_entries(value))
            return f"{{ {inside} }}" if inside else "{}"
    raise ArgumentTypeError(
        f"{value!r} has no form in TOML; text, numbers, truth values, lists and tables have."
    )


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's too, but for this one character and pairs of surrogates
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines(text: str) -> str:
    """Write text of several lines as it reads; the first line break is none of the text's."""
    inside = "\n".join(_quoted(line)[1:-1].replace('\\"', '"') for line in text.split("\n"))
    if '"""' in inside or inside.endswith('"'):
        return _quoted(text)
    return f'"""\n{inside}"""'
