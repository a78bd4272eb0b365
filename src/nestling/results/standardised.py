"""Standardised coefficients: predictors and response in units of their standard deviations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.data.columns import Numeric
from nestling.errors import ArgumentError, did_you_mean
from nestling.results.lmer import fit_matrices
from nestling.results.reduced import columns_for

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.model.evaluate import Value
    from nestling.results.lmer_fit import LmerFit

METHODS = ("refit", "posthoc", "basic")


def standardised(fit: LmerFit, method: str = "refit") -> pd.DataFrame:
    """Return standardised coefficients; see `ComparisonQuestions.standardised`."""
    import pandas as pd

    if method not in METHODS:
        raise ArgumentError(
            f"method={method!r} does not standardise. {did_you_mean(str(method), METHODS)}"
        )
    if method == "refit":
        again = refitted(fit)
        values, se = again.fixef.to_numpy(), again.se.to_numpy()
        names = list(again.coefficient_names)
    else:
        spread = column_spreads(fit) if method == "basic" else term_spreads(fit)
        scale = spread / float(np.std(fit.matrices.response, ddof=1))
        values, se = fit.fixef.to_numpy() * scale, fit.se.to_numpy() * scale
        names = list(fit.coefficient_names)
    return pd.DataFrame({"estimate": values, "se": se}, index=names)


def refitted(fit: LmerFit) -> LmerFit:
    """Fit the model to numeric variables and a response with mean zero and SD one.

    The variables are those of the formula as it is written: `log(x)` is one, not `x`. Bases such
    as poly() and factors stay as they are.
    """
    matrices = fit.matrices
    x = columns_for(fit, matrices.encoding.fixed, fixed=True, change=_standard)
    terms = []
    for term, bar in zip(matrices.random, matrices.bars, strict=True):
        z = columns_for(fit, fit.formula.random[bar].effects, fixed=False, change=_standard)
        terms.append(replace(term, names=z.names, columns=z.values))
    y = matrices.response
    spread = float(np.std(y, ddof=1))
    changed = replace(
        matrices,
        response=(y - y.mean()) / spread,
        offset=None if matrices.offset is None else matrices.offset / spread,
        columns=x.values,
        random=tuple(terms),
    )
    return fit_matrices(fit.call, changed, fit.frame)


def column_spreads(fit: LmerFit) -> FloatArray:
    """Return the SD of each estimated column of X; zero for the intercept."""
    return np.array([np.std(fit.matrices.columns[j], ddof=1) for j in fit.basis.kept])


def term_spreads(fit: LmerFit) -> FloatArray:
    """Return per column the product of the SDs of its numeric variables; one for factors.

    A column of a basis (poly, ns, bs) counts with its own SD.
    """
    matrices, encoding = fit.matrices, fit.matrices.encoding
    names = {name for coding in encoding.fixed_coding for name in coding.variables}
    spreads = {name: _spread(fit, name) for name in names if name not in encoding.levels}
    own = column_spreads(fit)
    for place, j in enumerate(fit.basis.kept):
        if matrices.assign[j] == 0:
            continue
        variables = encoding.fixed_coding[matrices.assign[j] - 1].variables
        numeric = [spreads[name] for name in variables if name in spreads]
        if not np.isnan(numeric).any():
            own[place] = np.prod(numeric)
    return own


def _spread(fit: LmerFit, name: str) -> float:
    """Return the SD of a numeric variable, NaN for a basis of several columns."""
    alone = replace(
        fit.matrices.encoding.fixed, intercept=True, terms=(frozenset((name,)),), offsets=()
    )
    _, *columns = columns_for(fit, alone, fixed=True).values
    return float(np.std(columns[0], ddof=1)) if len(columns) == 1 else float("nan")


def _standard(value: Value) -> Value:
    if not isinstance(value, Numeric):
        return value
    spread = float(np.std(value.values, ddof=1))
    if spread == 0.0:
        return value
    return Numeric((value.values - value.values.mean()) / spread, "numeric")
