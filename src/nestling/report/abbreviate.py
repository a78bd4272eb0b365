"""Short names as R's abbreviate() makes them."""

import unicodedata
from collections.abc import Callable, Sequence

VOWELS = "aeiou"


def abbreviate(names: Sequence[str], length: int) -> list[str]:
    """Shorten names to about `length` characters, keeping them distinct.

    Lower-case vowels go first, then other lower-case letters, then any character: each time the
    last letters of words, then letters inside words, from the end of the name; never the first
    of a word. Blanks do not count. Names that become equal are given more characters.

    Parameters
    ----------
    names : sequence of str
    length : int
        Characters to keep; a name that has no more stays as it is.

    Examples
    --------
    >>> abbreviate(["(Intercept)", "temperature", "x"], 6)
    ['(Intr)', 'tmprtr', 'x']
    """
    unique = list(dict.fromkeys(names))
    short: dict[str, str] = {}
    pending, size = unique, length
    while pending:
        short.update({name: _shorten(name.strip(" "), size) for name in pending})
        seen: set[str] = set()
        repeated: set[str] = set()
        for name in unique:
            (repeated if short[name] in seen else seen).add(short[name])
        # two names that differ in outer blanks only never become distinct
        pending = [n for n in unique if short[n] in repeated and size < len(n)]
        size += 1
    return [short[name] for name in names]


def _shorten(name: str, length: int) -> str:
    text = list(name)

    def ends_word(i: int) -> bool:
        return text[i - 1] != " " and (i + 1 == len(text) or text[i + 1] == " ")

    def in_word(i: int) -> bool:
        return text[i - 1] != " "

    def remove(position: Callable[[int], bool], kind: Callable[[str], bool]) -> None:
        for i in range(len(text) - 1, 0, -1):
            if len(text) - text.count(" ") <= length:
                return
            if kind(text[i]) and position(i):
                del text[i]

    if len(text) > length:
        for kind in (_is_vowel, str.islower):
            remove(ends_word, kind)
            remove(in_word, kind)
        remove(in_word, lambda letter: letter != " ")
    if len(text) > length:
        text = [letter for letter in text if letter != " "]
    return "".join(text)


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[0] in VOWELS
