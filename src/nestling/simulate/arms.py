"""Arguments of treatments: arms, shares and names of units, read and written."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nestling.errors import PopulationError
from nestling.model.spreads import number
from nestling.simulate.amounts import shown

# Shares of a third written with ten digits sum to 1 within this.
ROUNDING = 1e-9


def read_arms(arms: Any, call: str) -> tuple[str, ...] | None:
    """Read `arms=`: None for 0 and 1, a number of arms, or their labels."""
    if arms is None:
        return None
    if isinstance(arms, int | np.integer) and not isinstance(arms, bool):
        if not 2 <= arms <= 26:
            raise PopulationError(f"{call}: arms={arms}; expected 2 to 26 arms, or their labels.")
        return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:arms])
    labels = tuple(arms) if isinstance(arms, list | tuple) else ()
    if len(labels) < 2 or not all(isinstance(each, str) for each in labels):
        raise PopulationError(
            f"{call}: arms={arms!r}; expected a list of at least two labels, such as "
            "['control', 'treatment'], their number, or None for 0 and 1."
        )
    doubled = [each for each in labels if labels.count(each) > 1]
    if doubled:
        raise PopulationError(f"{call}: the arm {doubled[0]!r} appears twice.")
    return tuple(map(str, labels))


def labels_text(arms: Sequence[str]) -> str:
    """Write labels as a list.

    Examples
    --------
    >>> labels_text(("usual", "new"))
    "['usual', 'new']"
    """
    return f"[{', '.join(map(repr, arms))}]"


def named(value: Any, call: str, argument: str) -> str:
    """Read the name of a unit."""
    if not isinstance(value, str) or not value:
        raise PopulationError(f"{call}: {argument}={value!r}; expected the name of a unit.")
    return str(value)


def different(first: str, second: str, call: str) -> None:
    """Refuse one unit in two places."""
    if first == second:
        raise PopulationError(f"{call}: {first!r} is named twice; expected two different units.")


def read_shares(prob: Any, k: int, call: str, what: str = "arms") -> tuple[float, ...] | None:
    """Read `prob=`: the share of each of k, or of the second of two; None where equal."""
    if prob is None:
        return None
    given = list(prob) if isinstance(prob, list | tuple | np.ndarray) else [prob]
    shares = [number(each, f"{call}: prob") for each in given]
    if len(shares) == 1 and k == 2:
        shares = [1.0 - shares[0], shares[0]]
    if len(shares) != k:
        raise PopulationError(f"{call}: prob= has {len(shares)} numbers for {k} {what}.")
    if min(shares) <= 0 or abs(sum(shares) - 1) > ROUNDING:
        terms = " + ".join(map(shown, shares))
        raise PopulationError(
            f"{call}: the shares of the {what} are {terms} = {shown(sum(shares))}; expected shares "
            "above 0 that sum to 1."
        )
    return tuple(shares)
