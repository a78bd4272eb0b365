"""Where the entries of a TOML file stand: the standard reader says values, not lines.

The text has been read as TOML before, so this scan need not refuse anything: it walks over keys
and values and notes where they begin.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

SPACE: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BLANK: Final = re.compile(r"[ \t]*")
BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
PLAIN: Final = re.compile(r"[^,\]}#\n]*")
# three quotes may be followed by two more, which are the text's own
STRINGS: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'"""(?:\\.|(?!""").)*"{3,5}',
        r"'''(?:(?!''').)*'{3,5}",
        r'"(?:\\.|[^"\\])*"',
        r"'[^']*'",
    )
)


@dataclass(frozen=True, slots=True)
class TomlLines:
    """Lines of the entries of a file, from 1.

    Attributes
    ----------
    keys : mapping of path to int
        Where the key of each entry and each table stands, and each item of a list.
    texts : mapping of path to int
        Where the first line of a text stands, which may be below its key.
    """

    keys: dict[Path, int] = field(default_factory=dict)
    texts: dict[Path, int] = field(default_factory=dict)

    def of(self, path: Iterable[str | int]) -> int | None:
        r"""Return the line of an entry, or of the nearest table around it that is there.

        Examples
        --------
        >>> toml_lines("a = 1\n[b]\nc.d = [\n 2,\n 3]").of(("b", "c", "d", 1))
        5
        """
        wanted = tuple(path)
        for length in range(len(wanted), 0, -1):
            if wanted[:length] in self.keys:
                return self.keys[wanted[:length]]
        return None


def toml_lines(text: str) -> TomlLines:
    r"""Find the line of every entry of a TOML text that `tomllib` has read.

    Examples
    --------
    >>> toml_lines("seed = 1\n\n[fixed]\n'(Intercept)' = 2").keys
    {('seed',): 1, ('fixed',): 3, ('fixed', '(Intercept)'): 4}
    """
    scan = _Scan(text)
    scan.document()
    return scan.found


class _Scan:
    """One walk over a text."""

    __slots__ = ("_at", "_counts", "_ends", "_text", "found")

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._counts: dict[Path, int] = {}
        self._ends = [i for i, character in enumerate(text) if character == "\n"]
        self.found = TomlLines()

    def document(self) -> None:
        """Walk over headings and entries."""
        table: Path = ()
        self._skip(SPACE)
        while self._at < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._heading()
            else:
                self._entry(table)
            self._skip(SPACE)

    def _heading(self) -> Path:
        """Walk over `[a.b]` or `[[a.b]]` and return the path of its table."""
        line, many = self._line(self._at), self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        path: Path = ()
        keys = self._keys()
        for i, key in enumerate(keys):
            path = (*path, key)
            last = i == len(keys) - 1
            if last and many:
                self._counts[path] = self._counts.get(path, -1) + 1
                self.found.keys.setdefault(path, line)
            if path in self._counts and (many or not last):
                path = (*path, self._counts[path])
            self.found.keys.setdefault(path, line)
        self._at += 2 if many else 1
        return path

    def _entry(self, table: Path) -> None:
        """Walk over `key = value`."""
        line = self._line(self._at)
        path = table
        for key in self._keys():
            path = (*path, key)
            self.found.keys.setdefault(path, line)
        self._at += 1  # the sign
        self._skip(BLANK)
        self._value(path)

    def _keys(self) -> list[str]:
        """Walk over a key with its dots."""
        keys = []
        while True:
            self._skip(BLANK)
            bare = BARE.match(self._text, self._at)
            if bare:
                self._at = bare.end()
                keys.append(bare.group())
            else:
                keys.append(self._string())
            self._skip(BLANK)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        if self._text[self._at] == "[":
            self._list(path)
        elif self._text[self._at] == "{":
            self._table(path)
        elif self._text[self._at] in "\"'":
            start = self._at
            self._string()
            opening = re.compile(r"(?:\"\"\"|''')\r?\n").match(self._text, start)
            self.found.texts[path] = self._line(opening.end() if opening else start)
        else:
            self._skip(PLAIN)

    def _list(self, path: Path) -> None:
        self._at += 1
        self._skip(SPACE)
        place = 0
        while self._text[self._at] != "]":
            self.found.keys[*path, place] = self._line(self._at)
            self._value((*path, place))
            place += 1
            self._next()
        self._at += 1

    def _table(self, path: Path) -> None:
        self._at += 1
        self._skip(SPACE)
        while self._text[self._at] != "}":
            self._entry(path)
            self._next()
        self._at += 1

    def _next(self) -> None:
        """Walk over what stands between two items."""
        self._skip(SPACE)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(SPACE)

    def _string(self) -> str:
        """Walk over a text in quotes and return what it says."""
        for pattern in STRINGS:
            found = pattern.match(self._text, self._at)
            if found:
                self._at = found.end()
                # the standard reader knows the escapes
                return str(tomllib.loads(f"text = {found.group()}")["text"])
        raise AssertionError("a text that tomllib has read has keys and values only")

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()

    def _line(self, position: int) -> int:
        return bisect_left(self._ends, position) + 1
