"""Short names as R's abbreviate() makes them."""

from collections.abc import Callable, Sequence

VOWELS = "aeiou"


def abbreviate(names: Sequence[str], length: int) -> list[str]:
    """Shorten names to at least `length` characters, keeping them distinct.

    Lower-case vowels go first, then lower-case letters, from the end and never the first of a
    word; then any character. Names that become equal get more characters.

    Examples
    --------
    >>> abbreviate(["(Intercept)", "temperature", "x"], 6)
    ['(Intr)', 'tmprtr', 'x']
    """
    unique = list(dict.fromkeys(names))
    short = dict.fromkeys(unique, "")
    pending, size = unique, length
    while pending:
        for name in pending:
            short[name] = _strip(name, size)
        seen: set[str] = set()
        repeated: set[str] = set()
        for name in unique:
            (repeated if short[name] in seen else seen).add(short[name])
        pending = [name for name in unique if short[name] in repeated]
        size += 1
    return [short[name] for name in names]


def _strip(name: str, length: int) -> str:
    text = list(name.lstrip(" "))

    def enough() -> bool:
        return len(text) - text.count(" ") <= length

    def sweep(removable: Callable[[int], bool]) -> None:
        for i in range(len(text) - 1, 0, -1):
            if enough():
                return
            if i < len(text) and removable(i):
                del text[i]

    def starts(i: int) -> bool:
        return text[i - 1] == " "

    def ends(i: int) -> bool:
        return not starts(i) and (i + 1 == len(text) or text[i + 1] == " ")

    if len(text) > length:
        sweep(lambda i: text[i] in VOWELS and ends(i))
        sweep(lambda i: text[i] in VOWELS and not starts(i))
        sweep(lambda i: _lower(text[i]) and ends(i))
        sweep(lambda i: _lower(text[i]) and not starts(i))
        sweep(lambda i: not starts(i) and text[i] != " ")
    if len(text) > length:
        text = [text[0], *(letter for letter in text[1:] if letter != " ")]
    return "".join(text)


def _lower(letter: str) -> bool:
    return letter.isascii() and letter.islower()
