"""The truth: a formula with the values of all its parameters, and what its predictors are."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nestling.design.design import Design
from nestling.model.equations import Equations
from nestling.model.families import read_family
from nestling.model.families_base import Family
from nestling.model.formula import Formula
from nestling.model.parameters import Parameters
from nestling.model.scales import covariances
from nestling.simulate import population_text, replace, scales_text
from nestling.simulate.arguments import check_column, described, levels_from, mapping, parsed
from nestling.simulate.cell_means import CellMeans, coefficients_of
from nestling.simulate.coefficients import fixed_effects
from nestling.simulate.column_moments import moments_of
from nestling.simulate.departures import Departure, Known, read_departures
from nestling.simulate.drawn_statistics import DrawnStatistics, draw_statistics
from nestling.simulate.effect_levels import by_level, solve_by_level
from nestling.simulate.effect_scales import Scaled, solve_effects
from nestling.simulate.equations_of import equations_of
from nestling.simulate.family_arguments import (
    check_departures,
    check_family,
    check_intercept,
    residual_of,
    with_thresholds,
)
from nestling.simulate.inverse import response_of
from nestling.simulate.latent import latent_variance
from nestling.simulate.level_shares import level_shares
from nestling.simulate.needs import Needs, needs_of, variables_of
from nestling.simulate.predictors import Predictor, column_names, with_parts
from nestling.simulate.simulate import simulate
from nestling.simulate.symbols import by_group

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class Population:
    """A multilevel model with the true values of its parameters, from which studies are drawn.

    Parameters
    ----------
    formula : str or Equations
        In lme4's syntax, or from `nl.levels`.
    fixed : mapping
        Every coefficient by the name lme4 gives it: '(Intercept)', 'X', 'trtB', 'Z:X'. With
        equations also by symbol, here or as keywords: `g00=2`. A number, or `nl.standardised`,
        `nl.d`, `nl.r2`; or `nl.cell_means` for the whole of a factorial design.
    random : mapping
        Per grouping factor, as lme4 names it, a variance; or `nl.sd`, `nl.icc`, `nl.cov`,
        `nl.corr`; or one spread per effect, as a mapping by effect or a list (covariances are
        then zero). With equations also by symbol: `{"u0": 5, "u1": 3}`.
    residual : float or nl.sd
        Residual variance; of the normal family alone.
    predictors : mapping
        What each predictor is: `nl.normal`, `nl.uniform`, `nl.bernoulli`, `nl.categorical`,
        `nl.constant`, `nl.values`. With equations a predictor without `level=` has the level of
        the equation it stands in. Predictors the formula does not use are drawn too.
    weights : str, optional
        A predictor: the residual variance of a row (the dispersion of a gamma family) is divided
        by it.
    offset : str, optional
        A predictor that is added with coefficient one, on the scale of the link.
    contrasts : mapping, optional
        Of factors, as in `nl.lmer`.
    departures : departure or list of them, optional
        What the data do and the formula does not say: `nl.ar1`, ... Spreads keep the values
        stated.
    family : str or nl.family, optional
        Distribution of the response: 'gaussian' (default), 'binomial', 'poisson', or
        `nl.family` with a link and parameters. Effects, spreads and ICC are then on the scale of
        the link. Equations keep their e, which stands for the response around its mean.
    **coefficients : float
        Fixed effects by symbol, when equations are given.

    Attributes
    ----------
    formula : Formula
    stated_equations : Equations or None
        When the population was given equations.
    parameters : Parameters
        Fixed effects, covariance matrices and residual variance (NaN where the family has none).
    predictors : mapping of str to predictor
    weights, offset : str or None
    contrasts : mapping
    departures : tuple
    family : Family

    Raises
    ------
    PopulationError
        When values are missing, unknown or impossible; the message lists what is needed.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population(
    ...     "y ~ 1 + Z + X + (1 | Cluster)",
    ...     fixed={"(Intercept)": 2, "Z": 3, "X": 4},
    ...     random={"Cluster": 5},
    ...     residual=3,
    ...     predictors={"Z": nl.normal(0, 3, level="Cluster"), "X": nl.normal(0, 1)},
    ... )
    >>> data = truth.simulate(nl.nested(Cluster=20, ID=50), seed=707)
    >>> list(data.columns)
    ['Cluster', 'ID', 'Z', 'X', 'y']
    """

    formula: Formula
    stated_equations: Equations | None
    parameters: Parameters
    predictors: Mapping[str, Predictor]
    weights: str | None
    offset: str | None
    contrasts: Mapping[str, Any]
    departures: tuple[Departure, ...]
    family: Family
    stated: Mapping[str, Any]
    needs: Needs

    def __init__(
        self,
        formula: str | Formula | Equations,
        fixed: Mapping[str, Any] | CellMeans | None = None,
        random: Mapping[str, Any] | None = None,
        residual: Any = None,
        predictors: Mapping[str, Predictor] | None = None,
        *,
        weights: str | None = None,
        offset: str | None = None,
        contrasts: Mapping[str, Any] | None = None,
        departures: Any = None,
        family: str | Family | None = None,
        **coefficients: float,
    ) -> None:
        equations = formula if isinstance(formula, Equations) else None
        read = parsed(formula)
        known = with_parts(levels_from(equations, described(predictors)), variables_of(read))
        check_column("weights", weights, known)
        check_column("offset", offset, known)
        kind = read_family(family)
        check_family(kind, read, known, weights)
        needs = needs_of(read, known, contrasts, weights=weights, offset=offset)
        if isinstance(fixed, CellMeans):
            known_moments = moments_of(read, needs, known)
            fixed = coefficients_of(fixed, needs.coefficients, known, known_moments)
        given = with_thresholds(
            kind, mapping("fixed", fixed), coefficients, needs.coefficients, equations
        )
        effects = fixed_effects(given, coefficients, needs.coefficients, equations)
        check_intercept(kind, effects)
        sigma2 = residual_of(kind, residual)
        spreads = deepcopy(by_group(mapping("random", random), equations))
        noise = (
            sigma2
            if kind.has_residual
            else latent_variance(kind, effects, spreads, read, needs, known)
        )
        terms = covariances(spreads, needs.terms, noise)
        if any(isinstance(value, Scaled) for value in effects.values()):
            moments = moments_of(read, needs, known)
            rest = noise + sum(
                float((term.covariance * square).sum())
                for term, square in zip(terms, moments.squares, strict=True)
            )
            if by_level(effects):
                beta = solve_by_level(needs.coefficients, effects, known, terms, moments, noise)
            else:
                beta = solve_effects(needs.coefficients, effects, moments, rest)
        else:
            beta = np.array([effects[name] for name in needs.coefficients], dtype=np.float64)
        departing = read_departures(
            departures, _known(read, needs, known, has_residual=kind.has_residual)
        )
        check_departures(kind, departing)
        values = {
            "formula": read,
            "stated_equations": equations,
            "parameters": Parameters(needs.coefficients, beta, terms, sigma2),
            "predictors": MappingProxyType(known),
            "weights": weights,
            "offset": offset,
            "contrasts": MappingProxyType(dict(contrasts or {})),
            "departures": departing,
            "family": kind,
            "stated": MappingProxyType({"fixed": effects, "random": spreads, "residual": residual}),
            "needs": needs,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def fixed(self) -> "Series[float]":
        """Fixed effects by coefficient name."""
        return self.parameters.fixed()

    @property
    def varcorr(self) -> "DataFrame":
        """Variances and covariances, with lme4's columns grp, var1, var2, vcov, sdcor."""
        return self.parameters.varcorr()

    @property
    def sigma(self) -> float:
        """Residual standard deviation; NaN where the family has none."""
        return self.parameters.sigma

    @property
    def is_plain(self) -> bool:
        """Whether the data are what the formula says: normal, without departures."""
        return self.family.has_residual and not self.departures

    def simulate(
        self,
        design: Design,
        seed: Any = None,
        *,
        components: bool = False,
        rng: Literal["numpy", "R"] = "numpy",
    ) -> "DataFrame":
        """Draw one study.

        Parameters
        ----------
        design : Design
            Its units must include the grouping factors and the predictors' levels.
        seed : int, SeedSequence or mapping, optional
            One seed, one result. A mapping gives one seed per component: each predictor by
            name, each grouping factor, and 'residual' (of other families the response's own
            draw); a grouping factor may have one seed per
            effect, which draws its effects one by one.
        components : bool
            Add the true parts: random effects u0, u1, ... (with several grouping factors
            u0_school, ...), the Level-1 coefficients b0, b1, ... and the residual e; or the
            symbols of the equations. Families without residuals have the linear predictor `eta`
            and the mean `mu` instead (of one trial; of the category numbers).
        rng : {"numpy", "R"}
            R's generator gives R's numbers: a mapping of seeds is one set.seed() before each
            component, a single seed one set.seed() before all, which are then drawn in this
            order: predictors as listed, random effects as the formula has them, residuals.
            A term of one effect is rnorm(J, 0, sd), a larger one MASS::mvrnorm(J, 0, Sigma).
            Other responses are rbinom, rpois, rnbinom, rgamma or rbeta of their means.

        Returns
        -------
        pandas DataFrame
            Ids from 1, outermost unit first; predictors; response; components.

        Raises
        ------
        DesignError
            When the design lacks a unit, or names clash.
        ArgumentError
            For a seed that does not fit what is drawn.

        Notes
        -----
        The response is added up as the equations say, b0 = g00 + g01*Z + u0 first, then
        y = b0 + b1*X + ... + e.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 5}, 3)
        >>> list(truth.simulate(nl.nested(g=20, id=5), seed=1, components=True))
        ['g', 'id', 'y', 'u0', 'b0', 'e']
        """
        return simulate(self, design, seed, rng, components=components)

    def r2_parts(self, design: Design | None = None) -> "DataFrame":
        """Return the shares of the variance of y by source and level (Rights and Sterba 2019).

        Parameters
        ----------
        design : Design, optional
            Needed when the model has times, whose values follow from it.

        Returns
        -------
        DataFrame
            Rows f1 and f2 (fixed effects within and between clusters), v (random slopes), m
            (random intercepts) and e (residual), with `variance` and the shares of the `total`,
            `within`-cluster and `between`-cluster variance: `fit.r2_parts()` of the truth.

        Raises
        ------
        PopulationError
            For several grouping factors, and predictors whose moments are not known.

        Notes
        -----
        Within clusters of any size a predictor without `icc=` has no between part.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population(
        ...     "y ~ X + (1 | g)", {"(Intercept)": 2, "X": 2}, {"g": 1}, 3,
        ...     {"X": nl.normal(0, 1, icc=0.25)},
        ... )
        >>> truth.r2_parts()["variance"].round(9).tolist()
        [3.0, 1.0, 0.0, 1.0, 3.0]
        """
        return level_shares(self, design.draw(0) if isinstance(design, Design) else design)

    def equations(self, design: Design | None = None) -> Equations:
        """Write the model as equations by level.

        Parameters
        ----------
        design : Design, optional
            Says how units are nested, and which is the lowest. Without one grouping factors are
            crossed unless their names say more (`school:class` is inside `school`).

        Returns
        -------
        Equations
            Those the population was given, or those of its formula with each predictor at its
            level.

        Raises
        ------
        FormulaError
            For a formula without equations of this kind.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population(
        ...     "y ~ X + Z + (1 | g)", {"(Intercept)": 2, "X": 4, "Z": 3}, {"g": 5}, 3,
        ...     {"X": nl.normal(0, 1), "Z": nl.normal(0, 3, level="g")},
        ... )
        >>> print(truth.equations(nl.nested(g=20, i=50)))
        Level 1 (i): y  = b0 + b1*X + e
        Level 2 (g): b0 = g00 + g01*Z + u0
                     b1 = g10
        """
        return equations_of(self, design)

    def statistics(
        self,
        design: Design,
        n_sims: int = 1000,
        seed: Any = None,
        *,
        predictors: Literal["fixed", "redrawn"] = "redrawn",
    ) -> DrawnStatistics:
        """Draw studies as sufficient statistics, from their exact joint law.

        Z'y, X'y and y'y are drawn given the predictors without any row of y: in distribution
        they are those of `simulate`.

        Parameters
        ----------
        design : Design
        n_sims : int
            Studies, 1000 unless told.
        seed : int or SeedSequence, optional
            Study i is the same whatever `n_sims` is.
        predictors : {"redrawn", "fixed"}
            Draw the predictors anew for each study, or once for all: then a study costs the same
            however many rows its clusters have.

        Returns
        -------
        DrawnStatistics
            `draws[i]` are the statistics of study i; `draws.Zy`, `draws.Xy`, `draws.yy` those of
            all. With weights rows count by them; what an offset adds is left out.

        Raises
        ------
        PopulationError
            For a population with departures or a family that is not normal: its data are more
            than their sufficient statistics.
        ArgumentError
            For a design too large to factorise.

        Notes
        -----
        Given b, [Z X]'e is normal with covariance sigma² [Z X]'[Z X], and e'e is its squared
        length in that metric plus sigma² chi² on the remaining degrees of freedom.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 5}, 3)
        >>> draws = truth.statistics(nl.nested(g=20, id=1000), 3, seed=1)
        >>> draws.Xy.shape, draws[2].n
        ((1, 3), 20000)
        """
        return draw_statistics(self, design, n_sims, seed, predictors)

    def describe(self, design: Design | None = None) -> str:
        """Write the truth on every scale: variance, SD, correlation, ICC, R-squared.

        Parameters
        ----------
        design : Design, optional
            Adds the reliability of cluster means, for the mean number of rows per cluster; where
            sizes are drawn anew for every study, those of one draw.

        Returns
        -------
        str
            The ICC is a share of the random intercepts' and the residual variance; the variance
            of y counts the fixed effects and random slopes too.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": 1}, 3)
        >>> print(truth.describe(nl.nested(g=20, id=9)).splitlines()[-1])
        Reliability of the means of g, 9 rows each: 1 / (1 + 3 / 9) = 0.75
        """
        sized = design.draw(0) if isinstance(design, Design) else design
        return scales_text.described(self, sized)

    def replace(self, **changes: Any) -> "Population":
        """Return the same population with some values changed.

        Parameters
        ----------
        **changes
            Any argument of `Population`. `fixed`, `random` and `predictors` change the entries
            they name and keep the rest; spreads stated as ICC are solved again.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ 1 + (1 | g)", {"(Intercept)": 2}, {"g": nl.icc(0.5)}, 3)
        >>> truth.replace(residual=1).varcorr["vcov"].tolist()
        [1.0, 1.0]
        """
        return Population(**replace.changed(self, changes))

    def to_dict(self) -> dict[str, Any]:
        """Return the population as plain data, for JSON, TOML or any other file.

        Returns
        -------
        dict
            Tables `model`, `fixed`, `random`, `predictors`, ... of numbers, text, lists and
            dicts: those of a study file of the command line. What is described by a call is
            its text with every digit, and `Population.from_dict` gives an equal population.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population("y ~ X + (1 | g)", {"(Intercept)": 2, "X": nl.d(0.3)}, {"g": 1},
        ...                       nl.sd(2), predictors={"X": nl.bernoulli(0.5)})
        >>> truth.to_dict()["model"]
        {'formula': 'y ~ X + (1 | g)', 'residual': 'sd(2)'}
        >>> truth.to_dict()["fixed"], truth.to_dict()["predictors"]
        ({'(Intercept)': 2.0, 'X': 'd(0.3)'}, {'X': 'bernoulli(0.5)'})
        """
        from nestling.simulate.written import written

        return written(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Population":
        """Make the population that `to_dict` wrote, or that was written by hand.

        Parameters
        ----------
        data : mapping
            Tables as `to_dict` returns them. Text is read by a list of calls and never
            evaluated.

        Raises
        ------
        ArgumentError
            With the place of what cannot be read.
        PopulationError
            When values are missing, unknown or impossible.

        Examples
        --------
        >>> import nestling as nl
        >>> truth = nl.Population.from_dict({
        ...     "model": {"formula": "y ~ 1 + (1 | g)", "residual": "sd(2)"},
        ...     "fixed": {"(Intercept)": 2},
        ...     "random": {"g": "icc(0.2)"},
        ... })
        >>> truth.varcorr["vcov"].tolist()
        [1.0, 4.0]
        """
        from nestling.simulate.reading import arguments_of

        return cls(**arguments_of(data))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Population):
            return NotImplemented
        return replace.identity(self) == replace.identity(other)

    def __hash__(self) -> int:
        return hash((self.formula.text, self.parameters))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (replace.arguments(self),)

    def __str__(self) -> str:
        return population_text.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return population_text.html(self)


def _known(
    formula: Formula, needs: Needs, predictors: Mapping[str, Predictor], *, has_residual: bool
) -> Known:
    effects: dict[str, tuple[str, ...]] = {}
    for term in needs.terms:
        effects[term.group] = effects.get(term.group, ()) + term.names
    columns = tuple(one for name, each in predictors.items() for one in column_names(name, each))
    return Known(response_of(formula.response).column, columns, effects, has_residual)


def _restored(arguments: dict[str, Any]) -> Population:
    return Population(**arguments)
