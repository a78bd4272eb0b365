"""`compare_models`: several models side by side, as papers print them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, ModelError, did_you_mean
from nestling.results.comparison_table import comparison_table
from nestling.results.likelihood_ratio import check_comparable
from nestling.results.lmer_fit import LmerFit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.report.table import Table

CRITERIA = {"aic": "AIC", "aicc": "AICc", "bic": "BIC"}


@dataclass(frozen=True, slots=True, eq=False)
class ModelComparison:
    """Several models side by side.

    `print` shows text, notebooks a table; `to_latex()` is for papers.

    Attributes
    ----------
    table : DataFrame
        Numbers by model. Rows are pairs of a part, `fixed`, `se`, `variance`, `groups` or `model`,
        and a name; NaN where a model has no such parameter.
    notes : tuple of str
        What must be known to read it.
    digits : int
        Significant digits of the standard errors that are shown.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    digits: int

    def to_table(self) -> Table:
        """Return the formatted cells."""
        return comparison_table(self.table, self.notes, self.digits)

    def __str__(self) -> str:
        """Return the table as text."""
        return self.to_table().to_text()

    def __repr__(self) -> str:
        """Return the table as text."""
        return str(self)

    def _repr_html_(self) -> str:
        return self.to_table().to_html()

    def to_html(self) -> str:
        """Return the table in HTML."""
        return self.to_table().to_html()

    def to_latex(self) -> str:
        """Return the table in LaTeX (booktabs)."""
        return self.to_table().to_latex()


def compare_models(
    *models: Any, weights: str = "aic", digits: int = 3, **named: Any
) -> ModelComparison:
    """Set models side by side: estimates, variances, fit, and Akaike weights.

    Parameters
    ----------
    *models, **named : LmerFit
        Names given as keywords stand above the columns; fits without one are m0, m1, ...
    weights : {"aic", "aicc", "bic"}
        The criterion whose weights exp(-delta / 2), scaled to sum to one, are shown.
    digits : int
        Significant digits of the smallest standard error of a row.

    Returns
    -------
    ModelComparison

    Notes
    -----
    REML likelihoods of models with other fixed effects cannot be compared, so log-likelihood,
    AIC, AICc and BIC are then those of fits by ML, which a note says; estimates and variances stay
    those of the fits given.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ X + (1 | g)", fixed={"(Intercept)": 2, "X": 1},
    ...                       random={"g": 1}, residual=1, predictors={"X": nl.normal(0, 1)})
    >>> data = truth.simulate(nl.nested(g=30, id=10), seed=1)
    >>> null, full = nl.lmer("y ~ 1 + (1 | g)", data), nl.lmer("y ~ X + (1 | g)", data)
    >>> both = nl.compare_models(null=null, full=full)
    >>> both.table.loc[("model", "weight")].round(3).to_dict()
    {'null': 0.0, 'full': 1.0}
    """
    given = [*((f"m{i}", each) for i, each in enumerate(models)), *named.items()]
    fits = {name: each for name, each in given if isinstance(each, LmerFit)}
    if not fits or len(fits) < len(given):
        raise ArgumentTypeError(
            "nl.compare_models() was given "
            f"{', '.join(f'{n} ({type(m).__name__})' for n, m in given) or 'nothing'}; expected "
            "fits of nl.lmer(), each with a name of its own."
        )
    if weights not in CRITERIA:
        raise ArgumentError(
            f"weights={weights!r} is not a criterion. {did_you_mean(str(weights), CRITERIA)}"
        )
    if digits not in range(1, 11):
        raise ArgumentError(f"digits={digits!r} must be a whole number from 1 to 10.")
    return _compared(fits, weights, int(digits))


def _compared(fits: dict[str, LmerFit], weights: str, digits: int) -> ModelComparison:
    import pandas as pd

    likelihoods, notes = _on_one_criterion(fits)
    cells: dict[str, dict[tuple[str, str], float]] = {}
    for name, fit in fits.items():
        names, estimates = fit.coefficient_names, fit.estimates
        errors = np.sqrt(np.diag(estimates.vcov))
        column = {("fixed", key): float(b) for key, b in zip(names, estimates.beta, strict=True)}
        column |= {("se", key): float(se) for key, se in zip(names, errors, strict=True)}
        column |= {("variance", key): value for key, value in _variances(fit).items()}
        column |= {("groups", group): float(n) for group, n in fit.n_groups.items()}
        column |= {("model", key): value for key, value in _fit(fit, likelihoods[name]).items()}
        cells[name] = column
    try:
        check_comparable(fits)
        shares = akaike_weights([column["model", CRITERIA[weights]] for column in cells.values()])
        notes.append(f"Weights by {CRITERIA[weights]}.")
    except ModelError as error:
        shares = np.full(len(fits), np.nan)
        notes.append(f"No weights: {error}")
    for column, share in zip(cells.values(), shares, strict=True):
        column["model", "weight"] = float(share)
    order = {part: i for i, part in enumerate(("fixed", "se", "variance", "groups", "model"))}
    rows = list(dict.fromkeys(row for column in cells.values() for row in column))
    rows.sort(key=lambda row: (order[row[0]], row[1] == "Residual"))
    table = pd.DataFrame(
        {name: [column.get(row, np.nan) for row in rows] for name, column in cells.items()},
        index=pd.MultiIndex.from_tuples(rows, names=["part", "name"]),
    )
    return ModelComparison(table, tuple(notes), digits)


def akaike_weights(values: Sequence[float]) -> FloatArray:
    """Return exp(-delta / 2), delta the distance to the smallest, scaled to sum to one.

    Examples
    --------
    >>> akaike_weights([100.0, 102.0]).round(3).tolist()
    [0.731, 0.269]
    """
    delta = np.asarray(values, dtype=float)
    share = np.exp(-(delta - delta.min()) / 2.0)
    return np.asarray(share / share.sum())


def _on_one_criterion(fits: dict[str, LmerFit]) -> tuple[dict[str, LmerFit], list[str]]:
    """Return fits whose likelihoods can be compared, and what was done for it."""
    alike = len({fit.coefficient_names for fit in fits.values()}) == 1
    criteria = {fit.reml for fit in fits.values()}
    if criteria == {False} or (alike and len(criteria) == 1):
        by = "REML" if True in criteria else "ML"
        return fits, ["Standard errors in parentheses.", f"Models fitted by {by}."]
    by = "REML" if criteria == {True} else "REML and ML"
    note = f"Models fitted by {by}; logLik, AIC, AICc and BIC are of fits by ML."
    again = {name: fit.refitted(reml=False) for name, fit in fits.items()}
    return again, ["Standard errors in parentheses.", note]


def _variances(fit: LmerFit) -> dict[str, float]:
    values = {}
    for row in fit.parameters.varcorr_rows():
        if row.var1 is None:
            values[row.grp] = row.vcov
        elif row.var2 is None:
            values[f"{row.var1} | {row.grp}"] = row.vcov
        else:
            values[f"{row.var1}, {row.var2} | {row.grp}"] = row.vcov
    return values


def _fit(fit: LmerFit, likelihood: LmerFit) -> dict[str, float]:
    shares = fit.r2()
    return {
        "rows": float(fit.nobs),
        "parameters": float(fit.n_parameters),
        "logLik": likelihood.loglik,
        "AIC": likelihood.aic,
        "AICc": likelihood.aicc,
        "BIC": likelihood.bic,
        "marginal R2": float(shares["marginal"]),
        "conditional R2": float(shares["conditional"]),
    }
