"""What each symbol of an equation is, decided by structure first and convention second.

1. A symbol with an equation at a higher level is a coefficient being modelled.
2. A symbol with a grouping factor in brackets, or declared `u0 ~ N(0, tau)`, is random; one
   on a `Coefficients:` line is fixed; a name in backticks or a function call is a predictor.
3. In a product, at most one symbol is a coefficient: where rules 1 and 2 name it, all others
   are predictors. Otherwise it is the one whose name is the strongest convention (`g01*Z`).
4. A symbol alone in a sum is an intercept or a random effect, by its letter; at Level 1 a
   random symbol alone is the residual.

Whatever remains open is an error that says how to say it.
"""

from dataclasses import dataclass

from nestling.errors import did_you_mean
from nestling.model.equations_parts import Kind, Level, Term
from nestling.model.levels_parse import Factor, Product
from nestling.model.notation import close_to, problem
from nestling.model.notation_symbols import bare, rank, role


@dataclass(frozen=True, slots=True)
class Known:
    """What the whole text says about symbols before any term is looked at."""

    levels: tuple[Level, ...]
    modelled: dict[str, int]
    fixed: frozenset[str]
    random: frozenset[str]

    @property
    def groups(self) -> tuple[str, ...]:
        """The grouping factors of all levels above the first."""
        return tuple(name for level in self.levels if level.number > 1 for name in level.names)


def term_of(product: Product, level: int, known: Known) -> Term:
    """Decide what each factor of a product is.

    Raises
    ------
    FormulaError
        If two factors or none can be the coefficient, or a random effect has no group.
    """
    if any(factor.offset for factor in product):
        return _offset(product)
    symbol = _symbol(product, known)
    others = tuple(factor for factor in product if factor is not symbol)
    kind = _kind(symbol, bool(others), level, known)
    for factor in others:
        _check_predictor(factor, symbol, known)
    group = _group(symbol, level, known) if kind == "random" else None
    return Term(symbol.name, kind, tuple(factor.name for factor in others), group)


def _offset(product: Product) -> Term:
    if len(product) > 1:
        raise problem("An offset has no coefficient: it stands alone in a sum.", product[1].place)
    return Term(product[0].name, "offset")


def _symbol(product: Product, known: Known) -> Factor:
    """Find the coefficient or random effect among the factors."""
    named = [factor for factor in product if not factor.column]
    if not named:
        raise problem(
            f"The predictor {product[0].name} has no coefficient; write for example "
            f"b1*{product[0].name}.",
            product[0].place,
        )
    certain = [factor for factor in named if _is_certain(factor, known)]
    if len(certain) > 1:
        raise _two_unknowns(certain[0], certain[1])
    if certain:
        return certain[0]
    if len(product) == 1:
        return product[0]
    highest = max(rank(bare(factor.name)) for factor in named)
    best = [factor for factor in named if rank(bare(factor.name)) == highest]
    if highest == 0:
        names = " or ".join(repr(factor.name) for factor in named)
        raise problem(
            f"Which symbol is the coefficient: {names}? Give it a conventional name (g.., b.., "
            f"u..) or add a line 'Coefficients: {named[0].name}'."
            if len(named) > 1
            else f"The product has no coefficient: {names} is read as a predictor. Add one "
            f"(b1*...), or a line 'Coefficients: {named[0].name}' if it is one.",
            named[0].place,
        )
    if len(best) > 1:
        raise _two_unknowns(best[0], best[1])
    return best[0]


def _is_certain(factor: Factor, known: Known) -> bool:
    return (
        factor.group is not None
        or factor.name in known.modelled
        or factor.name in known.fixed
        or factor.name in known.random
    )


def _two_unknowns(first: Factor, second: Factor) -> Exception:
    return problem(
        f"{first.name} and {second.name} are both read as coefficients, and a product of two "
        f"unknown coefficients is not a linear model. If {second.name} is a column of the data, "
        f"write it in backticks: `{second.name}`.",
        second.place,
    )


def _check_predictor(factor: Factor, symbol: Factor, known: Known) -> None:
    if not factor.column and (_is_certain(factor, known) or rank(bare(factor.name)) == 3):
        raise _two_unknowns(symbol, factor)


def _kind(symbol: Factor, multiplied: bool, level: int, known: Known) -> Kind:
    if symbol.name in known.modelled:
        if symbol.group is not None:
            raise problem(
                f"{symbol.name} has an equation of its own, so it cannot be a random effect of "
                f"{symbol.group}.",
                symbol.place,
            )
        defined = known.modelled[symbol.name]
        if defined <= level:
            raise problem(
                f"{symbol.name} has its equation at Level {defined} and cannot be used at "
                f"Level {level}: that would be a circle. A coefficient is used below the level "
                "of its equation.",
                symbol.place,
            )
        return "modelled"
    if symbol.name in known.fixed:
        return "fixed"
    random = symbol.group is not None or symbol.name in known.random
    convention = "random" if random else role(bare(symbol.name))
    if convention is None:
        raise problem(
            f"{symbol.name!r} stands alone: is it a coefficient, a random effect or a predictor? "
            f"A predictor needs a coefficient (b1*{symbol.name}) or offset({symbol.name}); a "
            f"fixed coefficient is named g.., b.. or on a line 'Coefficients: {symbol.name}'; a "
            f"random effect is named u.., e.. or declared '{symbol.name} ~ N(0, tau)'."
            + close_to(symbol.name, known.modelled),
            symbol.place,
        )
    if convention == "random" and level == 1 and symbol.group is None:
        if multiplied:
            raise problem(
                f"The random effect {symbol.name} has no grouping factor at Level 1. Put it in "
                f"the coefficient's equation at Level 2, or write {symbol.name}[Cluster].",
                symbol.place,
            )
        return "residual"
    return "random" if convention == "random" else "fixed"


def _group(symbol: Factor, level: int, known: Known) -> str:
    """Return the grouping factor of a random effect: in brackets, or that of its level."""
    if symbol.group is not None:
        if symbol.group not in known.groups:
            raise problem(
                f"{symbol.group!r} is not a grouping factor of the headings. "
                + did_you_mean(symbol.group, known.groups),
                symbol.place,
            )
        own = next(one.number for one in known.levels if symbol.group in one.names)
        if own < level:
            raise problem(
                f"{symbol.group} is of Level {own}: its random effects cannot vary a coefficient "
                f"of Level {level}, where one unit holds many of them.",
                symbol.place,
            )
        return symbol.group
    names = known.levels[level - 1].names
    if len(names) == 1:
        return names[0]
    if names:
        raise problem(
            f"Level {level} has several grouping factors; say whose effect this is: "
            f"{symbol.name}[{names[0]}] or {symbol.name}[{names[1]}].",
            symbol.place,
        )
    raise problem(
        f"Level {level} has no name, so the grouping factor of {symbol.name} is unknown: write "
        f"'Level {level} (Cluster):' in its heading.",
        symbol.place,
    )
