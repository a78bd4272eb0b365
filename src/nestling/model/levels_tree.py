"""A composite spread over the levels of a hierarchy: the way back from one sum to equations.

Each predictor stands in the equation of its own level. A term whose predictors belong to
several levels becomes a chain of equations: Z (Level 2) times X (Level 1) is `b1*X` at Level 1
and `b1 = ... + g11*Z` at Level 2. Symbols that are missing are named as Raudenbush and Bryk
do: g and u at the top, b and r below it, p and v below that, e for the residual.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nestling.model.composite import Composite
from nestling.model.equations import Equations
from nestling.model.equations_parts import Equation, Level, Term
from nestling.model.notation_symbols import stem

_COEFFICIENTS = ("g", "b", "p", "d", "c", "a", "k", "m", "h")
_EFFECTS = ("u", "r", "v", "w", "s", "q")
_CROSSED = ("w", "s", "q", "v", "r")
_RESIDUALS = ("e", "eps", "epsilon")

Path = tuple[tuple[str, ...], ...]


def spread(
    composite: Composite,
    levels: tuple[Level, ...],
    level_of: Mapping[str, int],
    uncorrelated: Iterable[tuple[str, str]] | None = None,
) -> Equations:
    """Spread the terms of a composite over levels.

    Parameters
    ----------
    composite : Composite
        Terms whose symbols are kept, or made where they are empty.
    levels : tuple of Level
        The hierarchy, Level 1 first.
    level_of : mapping of str to int
        The level of each predictor; 1 for those not named.
    uncorrelated : iterable of pairs, optional
        Pairs of random effects with zero covariance; by default those that stand in different
        blocks of the composite.

    Returns
    -------
    Equations
    """
    builder = _Builder(composite, levels, level_of)
    equations = sorted(builder.equations(), key=lambda equation: equation.level)
    if uncorrelated is None:
        uncorrelated = builder.uncorrelated()
    return Equations(levels, tuple(equations), tuple(uncorrelated))


@dataclass(frozen=True, slots=True)
class _Letters:
    """First letters of the symbols to be made, none of them in use for something else."""

    coefficients: tuple[str, ...]  # of Level 1, 2, ...: the last are the fixed ones
    effects: Mapping[str, str]  # by grouping factor
    residual: str


class _Builder:
    """Makes the equations of one composite; holds what does not change on the way down."""

    __slots__ = ("composite", "effects", "letters", "level_of", "levels", "named", "top")

    def __init__(
        self, composite: Composite, levels: tuple[Level, ...], level_of: Mapping[str, int]
    ) -> None:
        self.composite = composite
        self.levels = levels
        self.top = len(levels)
        self.level_of = level_of
        self.letters = _letters(composite, levels)
        self.effects = composite.effects
        self.named: dict[Term, str] = {}

    def equations(self) -> list[Equation]:
        return self.branch(1, (), (), self.composite.response)

    def branch(self, level: int, path: Path, numbers: tuple[int, ...], left: str) -> list[Equation]:
        """Make the equation of `left` and those of the coefficients in it."""
        fixed = [term for term in self.composite.fixed if self.on(term, path)]
        random = [term for term in self.effects if self.on(term, path)]
        above = [term for term in random if self.group_level(term) > level]
        parts = _first_met(self.part(term, level) for term in (*fixed, *above))
        offset = 0 if parts[:1] == [()] else 1
        terms: list[Term] = []
        below: list[Equation] = []
        for number, part in enumerate(parts, start=offset):
            places = (*numbers, number)
            made = _symbol(self.letters.coefficients[level - 1], places)
            if level == self.top:
                term = next(term for term in fixed if self.part(term, level) == part)
                terms.append(replace(term, symbol=term.symbol or made, predictors=part))
            else:
                terms.append(Term(made, "modelled", part))
                below += self.branch(level + 1, (*path, part), places, made)
        own = [term for term in random if self.group_level(term) == level]
        terms += self.own_effects(own, level, numbers)
        if level == 1:
            terms += [Term(call, "offset") for call in self.composite.offsets]
            terms.append(Term(self.letters.residual, "residual"))
        return [Equation(level, left, tuple(terms)), *below]

    def own_effects(self, own: list[Term], level: int, numbers: tuple[int, ...]) -> list[Term]:
        terms = []
        more: dict[str | None, int] = {}
        for term in own:
            rest = tuple(name for name in term.predictors if self.level(name) >= level)
            symbol = _symbol(self.letters.effects[str(term.group)], numbers)
            if rest:
                more[term.group] = more.get(term.group, 0) + 1
                symbol += f"_{more[term.group]}"
            self.named[term] = term.symbol or symbol
            terms.append(replace(term, symbol=self.named[term], predictors=rest))
        return terms

    def uncorrelated(self) -> list[tuple[str, str]]:
        """Pairs of effects of one group that stand in different blocks."""
        pairs = []
        blocks = self.composite.random
        for position, second in enumerate(blocks):
            for first in blocks[:position]:
                if first[0].group == second[0].group:
                    pairs += [(self.named[a], self.named[b]) for a in first for b in second]
        return pairs

    def on(self, term: Term, path: Path) -> bool:
        """Tell whether a term belongs to the equation that a path leads to."""
        at_or_above = term.kind != "random" or self.group_level(term) > len(path)
        return at_or_above and all(
            self.part(term, level) == part for level, part in enumerate(path, start=1)
        )

    def part(self, term: Term, level: int) -> tuple[str, ...]:
        return tuple(name for name in term.predictors if self.level(name) == level)

    def level(self, name: str) -> int:
        return self.level_of.get(name, 1)

    def group_level(self, term: Term) -> int:
        return next(level.number for level in self.levels if term.group in level.names[:])


def _first_met(parts: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Distinct parts in the order met, the intercept's first."""
    return sorted(dict.fromkeys(parts), key=bool)


def _symbol(letter: str, numbers: tuple[int, ...]) -> str:
    return letter + ("_" if max(numbers, default=0) > 9 else "").join(map(str, numbers))


def _letters(composite: Composite, levels: tuple[Level, ...]) -> _Letters:
    every = (*composite.fixed, *composite.effects)
    used = {stem(name)[0] for term in every for name in (term.symbol, *term.predictors)}
    used |= {stem(composite.response)[0], composite.residual and stem(composite.residual)[0]}
    named = all(term.symbol for term in composite.fixed) and len(composite.fixed) > 0
    order = ["b", "g", *_COEFFICIENTS[2:]] if len(levels) == 1 else list(_COEFFICIENTS)
    if named and len(levels) > 1:
        order = ["-", *order[1:]]  # the fixed coefficients have their names
    free = _free(order, used)
    coefficients = tuple(free[len(levels) - 1 - level] for level in range(len(levels)))
    effects: dict[str, str] = {}
    firsts, others = _free(_EFFECTS, used), _free(_CROSSED, used)
    for level in reversed(levels[1:]):
        for position, group in enumerate(level.names):
            pool = others if position else firsts
            letter = next(one for one in pool if one not in effects.values())
            effects[group] = letter
    residual = composite.residual or next(
        one for one in (*_RESIDUALS, *(f"e_{n}" for n in range(99))) if stem(one)[0] not in used
    )
    return _Letters(coefficients, effects, residual)


def _free(letters: Iterable[str], used: set[str]) -> list[str]:
    """Letters that nothing else uses, then doubled ones, as many as may be asked for."""
    single = [letter for letter in letters if letter not in used]
    doubled = [one * times for times in range(2, 9) for one in "gbpdcauvwrsq"]
    return single + [name for name in doubled if name not in used]


def spread_over_levels(
    equation: Equation, groups: tuple[str, ...], uncorrelated: tuple[tuple[str, str], ...]
) -> Equations:
    """Spread a composite equation whose random effects name their groups.

    The digits of conventional coefficients are read as textbooks write them: as many digits as
    levels, one for the predictor's number at each level, so `g01` multiplies a Level-2
    predictor and `g10` one of Level 1. Without such digits all predictors are of Level 1 and
    grouping factors are crossed, unless one is named inside another (`school:class`).
    """
    fixed = tuple(term for term in equation.terms if term.kind == "fixed")
    random = tuple(term for term in equation.terms if term.kind == "random")
    numbers = {term: _numbers(term.symbol) for term in fixed}
    lengths = {len(number) for number in numbers.values()}
    if lengths == {1 + len(groups)} and len(groups) > 1:
        levels = (Level(1, ()), *(Level(n, (name,)) for n, name in enumerate(groups, start=2)))
    else:
        levels = hierarchy_of(groups)
    level_of: dict[str, int] = {}
    if lengths == {len(levels)}:
        slopes = {
            (name, next(level.number for level in levels if term.group in level.names))
            for term in random
            for name in term.predictors
        }
        for term, number in numbers.items():
            at = [level for level, digit in enumerate(number, start=1) if digit]
            if len(term.predictors) == len(at) == 1 and (term.predictors[0], at[0]) not in slopes:
                level_of[term.predictors[0]] = at[0]
    composite = Composite(
        response=equation.left,
        fixed=fixed,
        offsets=tuple(term.symbol for term in equation.terms if term.kind == "offset"),
        random=tuple((term,) for term in random),
        residual=next(term.symbol for term in equation.terms if term.kind == "residual"),
    )
    return spread(composite, levels, level_of, uncorrelated)


def _numbers(symbol: str) -> tuple[int, ...]:
    _, digits = stem(symbol)
    return tuple(map(int, digits.split("_") if "_" in digits else digits))


def hierarchy_of(groups: Iterable[str]) -> tuple[Level, ...]:
    """Levels of grouping factors known by name alone: `a:b` is inside `a`, others cross.

    Examples
    --------
    >>> [level.names for level in hierarchy_of(["school", "school:class", "item"])]
    [(), ('school:class', 'item'), ('school',)]
    """
    parts = {name: set(name.split(":")) for name in groups}
    inside = {name: [other for other in parts if parts[other] < parts[name]] for name in parts}
    return stacked(inside)


def stacked(inside: Mapping[str, Iterable[str]]) -> tuple[Level, ...]:
    """Levels from what each grouping factor is nested in.

    A factor stands one level above the highest of those inside it.
    """
    number: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in number:
            within = [other for other, outer in inside.items() if name in outer]
            number[name] = 1 + max(map(height, within), default=1)
        return number[name]

    top = max(map(height, inside), default=1)
    return (
        Level(1, ()),
        *(
            Level(one, tuple(name for name in inside if number[name] == one))
            for one in range(2, top + 1)
        ),
    )
