"""Check the lines that say more about symbols: cov(u0, u1) = 0, u0 ~ N(0, tau), Coefficients."""

from itertools import combinations

from nestling.errors import did_you_mean
from nestling.model.composite import substitute
from nestling.model.equations_parts import Level, Term
from nestling.model.levels_check import Placed, walk
from nestling.model.levels_parse import Factor
from nestling.model.levels_said import Declaration
from nestling.model.notation import problem

Pair = tuple[str, str]


def check_declared(
    placed: tuple[Placed, ...], levels: tuple[Level, ...], declared: tuple[Declaration, ...]
) -> tuple[Pair, ...]:
    """Check the lines about symbols and return the uncorrelated pairs inside one group.

    Raises
    ------
    FormulaError
        For a symbol that no equation has, or zero covariances that no formula can say.
    """
    terms = {term.symbol: term for term, _, _ in walk(placed)}
    pairs: dict[Pair, Factor] = {}
    for line in declared:
        _check_known(line, terms)
        if line.says == "uncorrelated":
            for first, second in combinations(line.symbols, 2):
                if _share_group(first, second, terms):
                    pairs.setdefault((first.name, second.name), second)
    every = tuple(pairs)
    composite = substitute(levels, tuple(one.equation for one in placed), every)
    for block in composite.random:
        inside = {term.symbol for term in block}
        for pair, second in pairs.items():
            if inside.issuperset(pair):
                raise problem(
                    f"A formula cannot make {pair[0]} and {pair[1]} uncorrelated while both are "
                    f"correlated with another effect of {block[0].group}. Say cov(...) = 0 for "
                    "those pairs too.",
                    second.place,
                )
    return every


def _check_known(line: Declaration, terms: dict[str, Term]) -> None:
    kinds = {"fixed", "modelled"} if line.says == "fixed" else {"random", "residual"}
    what = "coefficient" if line.says == "fixed" else "random effect"
    for one in line.symbols:
        if one.name not in terms or terms[one.name].kind not in kinds:
            known = [name for name, term in terms.items() if term.kind in kinds]
            raise problem(
                f"{one.name} is no {what} of the equations. {did_you_mean(one.name, known)}",
                one.place,
            )


def _share_group(first: Factor, second: Factor, terms: dict[str, Term]) -> bool:
    """Tell whether a zero covariance says something: other pairs are independent anyway."""
    if first.name == second.name:
        raise problem(f"{second.name} is named twice; its variance cannot be zero.", second.place)
    one, two = terms[first.name], terms[second.name]
    return one.kind == two.kind == "random" and one.group == two.group
