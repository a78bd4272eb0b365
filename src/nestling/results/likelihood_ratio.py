"""`anova`: models of the same response compared by their likelihoods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, ModelError
from nestling.report.anova_lines import anova_cells, anova_lines
from nestling.report.cells import Align
from nestling.report.table import Table
from nestling.results.chi_bar import Blocks, mixture_of
from nestling.results.lmer_fit import LmerFit

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray

REFITTED = "refitting model(s) with ML (instead of REML)"

CORRECTED = "Pr(>Chibarsq)"


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodRatios:
    """Models of one response, the smallest first, each tested against the one before it.

    `print` shows lme4's text; notebooks show a table.

    Attributes
    ----------
    table : DataFrame
        By model: `npar`, `AIC`, `BIC`, `logLik`, `deviance`, `Chisq`, `Df`, `Pr(>Chisq)`, and
        `Pr(>Chibarsq)` where it was asked for.
    refitted : bool
        Whether REML fits were fitted again by ML.
    data_name : str
    formulas : dict of str to str
        By model.
    mixtures : dict of str to str
        Of which distribution each `Pr(>Chibarsq)` is the tail.
    """

    table: pd.DataFrame
    refitted: bool
    data_name: str
    formulas: dict[str, str]
    mixtures: dict[str, str]

    @property
    def heading(self) -> list[str]:
        """The lines above the table: the data and each model's formula."""
        models = [f"{name}: {text}" for name, text in self.formulas.items()]
        return [f"Data: {self.data_name}", "Models:", *models]

    @property
    def notes(self) -> list[str]:
        """The distributions that the corrected p values are tails of."""
        return [f"{CORRECTED} of {name}: {text}" for name, text in self.mixtures.items()]

    def __str__(self) -> str:
        """Return lme4's text."""
        said = [REFITTED] if self.refitted else []
        lines = anova_lines(list(self.table.index), _columns(self.table))
        return "\n".join([*said, *self.heading, *lines, *self.notes])

    def __repr__(self) -> str:
        """Return lme4's text, as R shows a table that is named."""
        return str(self)

    def _repr_html_(self) -> str:
        return self._as_table().to_html()

    def to_latex(self) -> str:
        """Return the table in LaTeX (booktabs)."""
        return self._as_table().to_latex()

    def _as_table(self) -> Table:
        columns = _columns(self.table)
        cells = zip(*anova_cells(columns), strict=True)
        right: list[Align] = ["right"] * len(columns)
        rows = tuple((name, *row) for name, row in zip(self.table.index, cells, strict=True))
        said = [REFITTED] if self.refitted else []
        return Table(
            columns=("", *columns),
            rows=rows,
            align=("left", *right),
            notes=(*said, *self.heading, *self.notes),
        )


def _columns(table: pd.DataFrame) -> dict[str, FloatArray]:
    return {str(name): table[name].to_numpy(dtype=float) for name in table}


def anova(*models: Any, refit: bool = True, boundary: bool = False, **named: Any) -> Any:
    """Compare models of one response by likelihood-ratio tests, as lme4's `anova()` does.

    Parameters
    ----------
    *models, **named : LmerFit
        At least two fits of the same rows. Names given as keywords stand in the table; fits
        without one are m0, m1, ... in the order given. Of a single fit the table of F tests is
        returned, which takes that function's own keywords.
    refit : bool
        Fit REML models again by ML, which is said in the text. Without it REML fits are compared
        as they are, which needs the same fixed effects.
    boundary : bool
        Add p values from the mixture of chi-squares that a variance at its boundary calls for:
        halves of chi2(q) and chi2(q + 1) when a random effect with q covariances is added, which
        is exact as the number of clusters grows. The text says of which distribution each is the
        tail, and whether it is exact, an approximation or a bound; with few clusters simulate
        from the smaller model instead.

    Returns
    -------
    LikelihoodRatios

    Raises
    ------
    ModelError
        When the models do not have the same response in the same rows, or their criteria cannot
        be compared.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 + X | g)", fixed={"(Intercept)": 2, "X": 1},
    ...     random={"g": nl.cov([[1, 0], [0, 1]])}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> data = truth.simulate(nl.nested(g=30, id=10), seed=1)
    >>> small, large = nl.lmer("y ~ X + (1 | g)", data), nl.lmer("y ~ X + (X | g)", data)
    >>> table = nl.anova(small=small, large=large, boundary=True).table
    >>> table["Df"].tolist()[1], bool(table["Pr(>Chibarsq)"].iloc[1] < table["Pr(>Chisq)"].iloc[1])
    (2.0, True)
    """
    given = [*((f"m{i}", each) for i, each in enumerate(models)), *named.items()]
    fits = _fits(given)
    if len(fits) == 1 and (len(given) == 1 or (models and "m0" in fits)):
        only: Any = next(iter(fits.values()))
        return only.anova(**{} if len(given) == 1 else named)
    if not fits or len(fits) < len(given):
        raise ArgumentTypeError(
            f"nl.anova() was given {', '.join(f'{n} ({type(m).__name__})' for n, m in given)}; "
            "expected fits of nl.lmer(), each with a name of its own, as in "
            "nl.anova(small=fit0, large=fit1)."
        )
    check_comparable(fits)
    again = refit and any(fit.reml for fit in fits.values())
    if again:
        fits = {name: fit.refitted(reml=False) for name, fit in fits.items()}
    _check_criteria(fits)
    ordered = dict(sorted(fits.items(), key=lambda each: each[1].n_parameters))
    table, mixtures = _table(ordered, boundary=boundary)
    return LikelihoodRatios(
        table=table,
        refitted=again,
        data_name=next(iter(fits.values())).call.data_name,
        formulas={name: fit.formula.text for name, fit in ordered.items()},
        mixtures=mixtures,
    )


def _fits(given: list[tuple[str, Any]]) -> dict[str, LmerFit]:
    return {name: each for name, each in given if isinstance(each, LmerFit)}


def _table(fits: dict[str, LmerFit], *, boundary: bool) -> tuple[pd.DataFrame, dict[str, str]]:
    import pandas as pd
    from scipy.special import chdtrc

    models = list(fits.values())
    table = pd.DataFrame(index=list(fits))
    table["npar"] = [fit.n_parameters for fit in models]
    table["AIC"] = [fit.aic for fit in models]
    table["BIC"] = [fit.bic for fit in models]
    table["logLik"] = [fit.loglik for fit in models]
    table["deviance"] = [fit.criterion for fit in models]
    table["Chisq"] = np.maximum(0.0, 2.0 * table["logLik"].diff())
    table["Df"] = table["npar"].diff()
    p = [float(chdtrc(df, x)) if df > 0 else np.nan for x, df in table[["Chisq", "Df"]].to_numpy()]
    table["Pr(>Chisq)"] = p
    if not boundary:
        return table, {}
    mixtures = [
        mixture_of(
            blocks(small),
            blocks(large),
            large.n_parameters - small.n_parameters,
            singular=small.is_singular,
        )
        for small, large in pairwise(models)
    ]
    tails = [each.tail(x) for each, x in zip(mixtures, table["Chisq"].iloc[1:], strict=True)]
    table[CORRECTED] = [np.nan, *tails]
    return table, dict(zip(table.index[1:], map(str, mixtures), strict=True))


def blocks(fit: LmerFit) -> Blocks:
    """Return grouping factor and effects of each random-effects term."""
    return [(term.group, term.names) for term in fit.matrices.random]


def check_comparable(fits: dict[str, LmerFit]) -> None:
    """Refuse models of different responses or rows.

    Raises
    ------
    ModelError
    """
    (first, reference), *others = fits.items()
    for name, fit in others:
        if fit.matrices.response_name != reference.matrices.response_name:
            raise ModelError(
                f"The response of {name} is {fit.matrices.response_name!r}, that of {first} is "
                f"{reference.matrices.response_name!r}. Compare models of one response."
            )
        if fit.nobs != reference.nobs:
            raise ModelError(
                f"{name} was fitted to {fit.nobs} rows, {first} to {reference.nobs}. Fit all "
                "models to the rows that are complete in all their columns."
            )
        if not np.array_equal(np.sort(fit.matrices.response), np.sort(reference.matrices.response)):
            raise ModelError(
                f"{name} and {first} have as many rows, but other values of the response. Fit "
                "all models to the same rows."
            )


def _check_criteria(fits: dict[str, LmerFit]) -> None:
    (first, reference), *others = fits.items()
    for name, fit in others:
        if fit.reml != reference.reml:
            raise ArgumentError(
                f"With refit=False {name} and {first} cannot be compared: one was fitted by REML, "
                "the other by ML. Leave refit=True."
            )
        if fit.reml and fit.coefficient_names != reference.coefficient_names:
            raise ArgumentError(
                f"With refit=False {name} and {first} cannot be compared: REML likelihoods of "
                "models with other fixed effects are not of the same data. Leave refit=True."
            )
