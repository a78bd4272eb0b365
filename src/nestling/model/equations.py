"""Equations by level: one record, three ways to write the same model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nestling.errors import FormulaError, did_you_mean
from nestling.model.composite import (
    Composite,
    composite_text,
    formula_text,
    label,
    substitute,
)
from nestling.model.equations_html import html_table
from nestling.model.equations_parts import Equation, Level, Term, column_text
from nestling.model.expressions import names_in
from nestling.model.latex import aligned
from nestling.model.notation_symbols import bare, folded, rank, role
from nestling.model.parser import parse_expression


@dataclass(frozen=True, slots=True, repr=False)
class Equations:
    """A multilevel model as equations by level; made by `nl.levels` and `nl.levels_of`.

    Attributes
    ----------
    levels : tuple of Level
        The hierarchy, Level 1 first.
    equations : tuple of Equation
        The response's equation, then those of the coefficients, lowest level first.
    uncorrelated : tuple of pairs of str
        Random effects whose covariance is zero.
    terms : Composite
        What substitution gives: all terms with their symbols.

    Examples
    --------
    >>> import nestling as nl
    >>> eq = nl.levels('''
    ...     Level 1 (ID):      y  = b0 + b1*X + e
    ...     Level 2 (Cluster): b0 = g00 + g01*Z + u0
    ...                        b1 = g10 + u1
    ... ''')
    >>> eq.formula
    'y ~ 1 + Z + X + (1 + X | Cluster)'
    >>> eq.composite
    'y = g00 + g01*Z + g10*X + u0 + u1*X + e'
    >>> dict(eq.coefficients)
    {'g00': '(Intercept)', 'g01': 'Z', 'g10': 'X'}
    >>> dict(eq.random_effects)
    {'u0': ('Cluster', '(Intercept)'), 'u1': ('Cluster', 'X')}
    >>> print(eq)
    Level 1 (ID):      y  = b0 + b1*X + e
    Level 2 (Cluster): b0 = g00 + g01*Z + u0
                       b1 = g10 + u1
    """

    levels: tuple[Level, ...]
    equations: tuple[Equation, ...]
    uncorrelated: tuple[tuple[str, str], ...] = ()
    terms: Composite = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "uncorrelated", self._in_order(self.uncorrelated))
        terms = substitute(self.levels, self.equations, self.uncorrelated)
        object.__setattr__(self, "terms", terms)

    @property
    def response(self) -> str:
        """The response, as the formula spells it."""
        return self.terms.response

    @property
    def residual(self) -> str:
        """Symbol of the Level-1 residual."""
        return self.terms.residual

    @property
    def unit(self) -> str | None:
        """Name of the Level-1 unit, if the equations give one."""
        return self.levels[0].names[0] if self.levels[0].names else None

    @property
    def formula(self) -> str:
        """The model as an lme4 formula."""
        return formula_text(self.terms)

    @property
    def composite(self) -> str:
        """The model as one equation."""
        return composite_text(self.terms)

    @property
    def grouped_composite(self) -> str:
        """The composite with grouping factors in brackets, which `nl.levels` reads back.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.levels_of("y ~ X + (X | Cluster)").grouped_composite
        'y = g00 + g10*X + u0[Cluster] + u1[Cluster]*X + e'
        """
        return "; ".join([composite_text(self.terms, grouped=True), *self._said()])

    @property
    def coefficients(self) -> Mapping[str, str]:
        """Fixed coefficients: symbol to the term's name in the formula.

        The term's name is also the coefficient's name in a fit, except for factors, whose
        terms have a coefficient per contrast.
        """
        return MappingProxyType({term.symbol: label(term.predictors) for term in self.terms.fixed})

    @property
    def random_effects(self) -> Mapping[str, tuple[str, str]]:
        """Random effects: symbol to (grouping factor, effect)."""
        return MappingProxyType(
            {term.symbol: (str(term.group), label(term.predictors)) for term in self.terms.effects}
        )

    @property
    def predictor_levels(self) -> Mapping[str, str | None]:
        """Columns of predictors: name to the unit or grouping factor whose equation has it.

        A column in several equations belongs to the lowest of them; one in an equation of
        crossed grouping factors, or in the Level-1 equation of a unit without a name, to None.

        Examples
        --------
        >>> import nestling as nl
        >>> eq = nl.levels('''
        ...     Level 1 (ID):      y  = b0 + b1*X + e
        ...     Level 2 (Cluster): b0 = g00 + g01*Z + u0''')
        >>> dict(eq.predictor_levels)
        {'X': 'ID', 'Z': 'Cluster'}
        """
        found: dict[str, str | None] = {}
        for equation in sorted(self.equations, key=lambda equation: equation.level):
            names = self.levels[equation.level - 1].names
            for term in equation.terms:
                for predictor in term.predictors:
                    for column in names_in(parse_expression(predictor)):
                        found.setdefault(column, names[0] if len(names) == 1 else None)
        return MappingProxyType(found)

    def term_of(self, symbol: str) -> str:
        """Return the formula's name of a fixed coefficient, however its symbol is spelled.

        Raises
        ------
        FormulaError
            If no coefficient has this symbol.

        Examples
        --------
        >>> import nestling as nl
        >>> nl.levels("y = γ₀₀ + γ₁₀*X + u0[Cluster] + e").term_of("g10")
        'X'
        """
        coefficients = self.coefficients
        if symbol in coefficients:
            return coefficients[symbol]
        for name, term in coefficients.items():
            if folded(name) == folded(symbol):
                return term
        raise FormulaError(
            f"The equations have no fixed coefficient {symbol!r}. "
            f"{did_you_mean(symbol, coefficients)}"
        )

    def latex(self) -> str:
        r"""Write the equations, the composite and the distributions as an aligned block.

        Examples
        --------
        >>> import nestling as nl
        >>> print(nl.levels_of("y ~ 1 + (1 | Cluster)", unit="ID").latex())
        \begin{aligned}
        & \text{Level 1 (ID):}\quad & y_{ij} &= \beta_{0j} + e_{ij} \\
        & \text{Level 2 (Cluster):}\quad & \beta_{0j} &= \gamma_{00} + u_{0j} \\
        & \text{Composite:}\quad & y_{ij} &= \gamma_{00} + u_{0j} + e_{ij} \\
        & & u_{0j} &\sim N(0,\, \tau_{0}^{2}) \\
        & & e_{ij} &\sim N(0,\, \sigma^{2})
        \end{aligned}
        """
        return aligned(self.levels, self.equations, self.terms)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        return html_table(self.levels, self.equations, self.terms)

    def __str__(self) -> str:
        heads = [level.heading for level in self.levels]
        wide = max(map(len, heads))
        lefts = {equation.left: column_text(equation.left) for equation in self.equations[:1]}
        deep = max(len(lefts.get(equation.left, equation.left)) for equation in self.equations)
        lines = []
        for level, head in zip(self.levels, heads, strict=True):
            shown = head
            own = [equation for equation in self.equations if equation.level == level.number]
            if not own:
                lines.append(head)
            for equation in own:
                left = lefts.get(equation.left, equation.left)
                right = " + ".join(
                    term.text(grouped=self._says_group(term.symbol, equation.level))
                    for term in equation.terms
                )
                lines.append(f"{shown:<{wide}} {left:<{deep}} = {right}")
                shown = ""
        return "\n".join([*lines, *self._said()])

    __repr__ = __str__

    def _in_order(self, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Put pairs of effects in the order of the equations, so that equal models are equal."""
        symbols = [term.symbol for equation in self.equations for term in equation.terms]
        places = sorted({tuple(sorted(map(symbols.index, pair))) for pair in pairs})
        return tuple((symbols[first], symbols[second]) for first, second in places)

    def _says_group(self, symbol: str, level: int) -> bool:
        """Tell whether the group must stand beside a symbol for the text to be read back."""
        group = self.random_effects.get(symbol, (None,))[0]
        return self.levels[level - 1].names != (group,) or role(bare(symbol)) != "random"

    def _said(self) -> list[str]:
        """Write the lines that say more: declared symbols and zero covariances."""
        lines = [f"cov({first}, {second}) = 0" for first, second in self.uncorrelated]
        if role(bare(self.residual)) != "random":
            lines.append(f"{self.residual} ~ N(0, sigma2)")
        unclear = [
            term.symbol
            for equation in self.equations
            for term in equation.terms
            if term.kind == "fixed" and not _is_clear(term)
        ]
        return [*lines, f"Coefficients: {', '.join(unclear)}"] if unclear else lines


def _is_clear(term: Term) -> bool:
    """Tell whether a term would be read as this coefficient times these predictors."""
    symbol = bare(term.symbol)
    ranks = [rank(bare(name)) for name in term.predictors]
    return role(symbol) == "fixed" and rank(symbol) > max(ranks, default=0)
