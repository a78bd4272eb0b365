"""Substitution: equations by level to the composite and the formula.

The order is R's, so that the coefficients of a fit come in the order of the composite: main
effects first, then interactions, each in the order in which substitution meets them; inside an
interaction, the variable that the formula names first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from nestling.model.equations_parts import Equation, Level, Term, column_text, group_text

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True)
class Composite:
    """All terms of a model in one sum.

    Attributes
    ----------
    response : str
        The left side.
    fixed : tuple of Term
        Coefficients with the predictors they multiply, in the formula's order.
    offsets : tuple of str
        `offset(...)` calls.
    random : tuple of tuple of Term
        Random effects: one tuple per random-effects term of the formula, whose effects are
        correlated with each other and with no others.
    residual : str
        Symbol of the Level-1 residual.
    """

    response: str
    fixed: tuple[Term, ...]
    offsets: tuple[str, ...]
    random: tuple[tuple[Term, ...], ...]
    residual: str

    @property
    def effects(self) -> tuple[Term, ...]:
        """The random effects of all terms."""
        return tuple(effect for block in self.random for effect in block)


def label(predictors: tuple[str, ...]) -> str:
    """Name a product of predictors as R does.

    Examples
    --------
    >>> label(()), label(("Z", "X"))
    ('(Intercept)', 'Z:X')
    """
    return ":".join(predictors) or INTERCEPT


def substitute(
    levels: tuple[Level, ...],
    equations: tuple[Equation, ...],
    uncorrelated: Iterable[tuple[str, str]] = (),
) -> Composite:
    """Put the higher-level equations into the Level-1 equation.

    Parameters
    ----------
    levels, equations
        A hierarchy and its equations; the first equation is the response's.
    uncorrelated : iterable of pairs
        Random effects whose covariance is zero.

    Returns
    -------
    Composite
    """
    by_left = {equation.left: equation for equation in equations[1:]}
    flat = list(_flat(equations[0], (), by_left))
    fixed = in_r_order([term for term in flat if term.kind == "fixed"])
    order = list(dict.fromkeys(name for term in fixed for name in term.predictors))
    groups = [name for level in levels if level.number > 1 for name in level.names]
    pairs = {frozenset(pair) for pair in uncorrelated}
    random: list[tuple[Term, ...]] = []
    for group in groups:
        # where a random-effects term leaves the order open, it is that of the fixed part
        effects = [
            replace(term, predictors=tuple(sorted(term.predictors, key=_rank(order))))
            for term in flat
            if term.kind == "random" and term.group == group
        ]
        random += blocks(in_r_order(effects), pairs)
    return Composite(
        response=equations[0].left,
        fixed=fixed,
        offsets=tuple(term.symbol for term in flat if term.kind == "offset"),
        random=tuple(random),
        residual=next(term.symbol for term in flat if term.kind == "residual"),
    )


def _flat(
    equation: Equation, outer: tuple[str, ...], by_left: dict[str, Equation]
) -> Iterable[Term]:
    for term in equation.terms:
        predictors = term.predictors + outer
        if term.kind == "modelled":
            yield from _flat(by_left[term.symbol], predictors, by_left)
        else:
            yield replace(term, predictors=predictors)


def _rank(order: list[str]) -> Callable[[str], int]:
    return lambda name: order.index(name) if name in order else len(order)


def in_r_order(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Order terms by degree, and the variables of each as the formula first names them."""
    seen: dict[str, int] = {}
    ordered = []
    for term in sorted(terms, key=lambda term: len(term.predictors)):
        for variable in term.predictors:
            seen.setdefault(variable, len(seen))
        ordered.append(
            replace(term, predictors=tuple(sorted(term.predictors, key=seen.__getitem__)))
        )
    return tuple(ordered)


def blocks(effects: tuple[Term, ...], uncorrelated: set[frozenset[str]]) -> list[tuple[Term, ...]]:
    """Part the effects of one grouping factor into sets that are correlated inside."""
    found: list[list[Term]] = []
    for effect in effects:
        joined = [
            block
            for block in found
            if any({effect.symbol, other.symbol} not in uncorrelated for other in block)
        ]
        rest = [block for block in found if block not in joined]
        found = [*rest, [*(other for block in joined for other in block), effect]]
    place = {effect.symbol: position for position, effect in enumerate(effects)}
    inside = [tuple(sorted(block, key=lambda term: place[term.symbol])) for block in found]
    parts = [in_r_order(block) for block in inside]
    return sorted(parts, key=lambda block: min(place[term.symbol] for term in block))


def formula_text(composite: Composite) -> str:
    """Write the composite as an lme4 formula."""
    fixed = _terms(composite.fixed)
    parts = [*fixed, *composite.offsets, *_bars(composite)]
    return f"{composite.response} ~ {' + '.join(parts)}"


def _terms(terms: tuple[Term, ...]) -> list[str]:
    intercept = any(not term.predictors for term in terms)
    return [
        "1" if intercept else "0",
        *(label(term.predictors) for term in terms if term.predictors),
    ]


def _bars(composite: Composite) -> list[str]:
    """Write the random part; a group whose effects are all uncorrelated takes `||`."""
    by_group: dict[str, list[tuple[Term, ...]]] = {}
    for block in composite.random:
        by_group.setdefault(str(block[0].group), []).append(block)
    bars = []
    for group, parts in by_group.items():
        name = group_text(group)
        if len(parts) > 1 and all(len(block) == 1 for block in parts):
            every = in_r_order([block[0] for block in parts])
            bars.append(f"({' + '.join(_terms(every))} || {name})")
        else:
            bars += [f"({' + '.join(_terms(block))} | {name})" for block in parts]
    return bars


def composite_text(composite: Composite, *, grouped: bool = False) -> str:
    """Write the composite as one equation; `grouped` says each random effect's group."""
    left = column_text(composite.response)
    terms = [term.text() for term in composite.fixed]
    terms += composite.offsets
    terms += [term.text(grouped=grouped) for term in composite.effects]
    return f"{left} = {' + '.join([*terms, composite.residual])}"
