"""Units of a design that predictors name, or mean without naming."""

from nestling.design.design import Design
from nestling.errors import DesignError, did_you_mean


def unit_of(design: Design, level: str | None, what: str) -> str | None:
    """Find the unit a level names; None where every row has a value of its own.

    'pupil:school' is the innermost of the units it names, since units are numbered over the
    whole study.

    Examples
    --------
    >>> from nestling.design.design import nested
    >>> unit_of(nested(school=2, pupil=3, test=2), "pupil:school", "X")
    'pupil'
    """
    if level is None:
        return None
    named = level.split(":")
    for part in named:
        if part not in design.names:
            raise DesignError(
                f"{what} has level={level!r}, but the design has no unit {part!r}. "
                f"{did_you_mean(part, design.names)}"
            )
    innermost = max(named, key=design.names.index)
    outside = set(named) - {innermost, *design.inside[innermost]}
    if outside:
        raise DesignError(
            f"{what} has level={level!r}, but {innermost!r} is not nested in "
            f"{', '.join(sorted(outside))}; one value per combination is not a level of the design."
        )
    return None if design.sizes[innermost] == design.n else innermost


def enclosing(design: Design, own: str | None, named: str | None, what: str) -> str:
    """Find the clusters of a unit: those named, or the only ones just outside it.

    Examples
    --------
    >>> from nestling.design.design import nested
    >>> enclosing(nested(school=2, pupil=3, test=2), None, None, "X")
    'pupil'
    """
    outer = (
        [name for name in design.names if design.sizes[name] < design.n]
        if own is None
        else list(design.inside[own])
    )
    if named is not None:
        unit = unit_of(design, named, what)
        if unit not in outer:
            raise DesignError(
                f"{what} varies between {named!r}, but its own values are not inside of them; "
                f"{_choices(outer)}."
            )
        return unit
    innermost = [name for name in outer if not any(name in design.inside[other] for other in outer)]
    if len(innermost) != 1:
        raise DesignError(
            f"{what} names no clusters, and the design has {len(innermost)} kinds of units just "
            f"outside its values; {_choices(outer)}."
        )
    return innermost[0]


def _choices(outer: list[str]) -> str:
    if not outer:
        return "no unit of the design is outside of them"
    return f"name one of {', '.join(map(repr, outer))}"
