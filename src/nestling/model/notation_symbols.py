"""What a name looks like: the conventions by which teachers write coefficients and effects.

A convention only decides where the structure of the equations does not. A higher rank is a
stronger convention: `g01` before `B1` before a bare `b`.
"""

import re
from typing import Literal

Role = Literal["fixed", "random"]

_FIXED_STRONG = {"g", "gamma", "γ", "b", "beta", "β", "p", "pi", "π"}
_FIXED_WEAK = {
    "a", "alpha", "α", "c", "d", "delta", "δ", "B", "G", "Γ", "k", "lambda", "λ",
    "m", "mu", "μ", "theta", "θ", "eta", "η", "psi", "ψ", "phi", "φ", "h",
}  # fmt: skip
_RANDOM_STRONG = {"u", "r", "v", "e", "U", "epsilon", "eps", "ε", "ϵ"}
_RANDOM_WEAK = {"w", "s", "q", "R", "V", "E", "nu", "ν", "zeta", "ζ", "upsilon", "υ", "xi", "ξ"}

_INDEXED = re.compile(r"(.*?\d|[^\W\d_]+?(?=_|ij|ti))_?[ijklmnst]{1,4}")
_SYMBOL = re.compile(r"([^\W\d_]+)_?(\d+(?:_\d+)*)?")


def stem(name: str) -> tuple[str, str]:
    """Split a conventional name into letter and digits; ('', '') for any other name.

    Examples
    --------
    >>> stem("g01"), stem("gamma_00"), stem("u"), stem("age_at_start")
    (('g', '01'), ('gamma', '00'), ('u', ''), ('', ''))
    """
    match = _SYMBOL.fullmatch(name)
    return (match[1], match[2] or "") if match else ("", "")


def rank(name: str) -> int:
    """Say how much a name looks like a symbol: 3, 2, 1 (a bare letter) or 0 (a column).

    Examples
    --------
    >>> [rank(name) for name in ("g01", "u0", "B1", "b", "X1", "age")]
    [3, 3, 2, 1, 0, 0]
    """
    letter, digits = stem(name)
    strong = letter in _FIXED_STRONG or letter in _RANDOM_STRONG
    weak = letter in _FIXED_WEAK or letter in _RANDOM_WEAK
    if not (strong or weak):
        return 0
    return (3 if strong else 2) if digits else 1


def role(name: str) -> Role | None:
    """Say what a name stands for by convention, or None.

    Examples
    --------
    >>> role("γ00"), role("u0"), role("age")
    ('fixed', 'random', None)
    """
    letter, _ = stem(name)
    if letter in _FIXED_STRONG or letter in _FIXED_WEAK:
        return "fixed"
    return "random" if letter in _RANDOM_STRONG or letter in _RANDOM_WEAK else None


def bare(name: str) -> str:
    """Return a symbol without level indices, if it is a symbol with them.

    Where subscripts are kept, `u0j` and `e_ij` are names of their own; they are still random.

    Examples
    --------
    >>> [bare(name) for name in ("u0j", "e_ij", "eij", "g_10k", "week", "X1ij")]
    ['u0', 'e', 'e', 'g_10', 'week', 'X1ij']
    """
    match = _INDEXED.fullmatch(name)
    return match[1] if match and rank(match[1]) and not rank(name) else name


def folded(name: str) -> str:
    """Return one spelling for the many of one symbol, to look a symbol up.

    Examples
    --------
    >>> {folded(name) for name in ("g00", "γ00", "gamma00", "gamma_00", "γ_00")}
    {'g00'}
    """
    letter, digits = stem(name)
    return _ONE_SPELLING.get(letter, letter) + digits


_ONE_SPELLING = {
    "gamma": "g", "γ": "g", "beta": "b", "β": "b", "pi": "p", "π": "p", "alpha": "a", "α": "a",
    "epsilon": "e", "eps": "e", "ε": "e", "ϵ": "e",
}  # fmt: skip
