"""Predictions with their standard errors and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.columns import Numeric
from nestling.data.door import Frame, read
from nestling.errors import ArgumentError, DataError, did_you_mean
from nestling.model.coding import Levels, columns_of
from nestling.model.matching import match_levels
from nestling.model.matrices import NewRows, RandomTerm
from nestling.model.variables import evaluate_all
from nestling.results.contrast_tests import contrast_tests, method_of
from nestling.results.predict import predict_rows, rows_of, wanted_bars
from nestling.results.prediction_variance import prediction_variance, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nestling.results.lmer_fit import LmerFit

    Limits = tuple[FloatArray, FloatArray, FloatArray]
    """Standard errors, and how far the limits lie below and above what is predicted."""

INTERVALS = ("confidence", "prediction")


def predict_intervals(
    fit: LmerFit,
    newdata: Any,
    random: bool | str | Sequence[str],
    new_levels: str,
    *,
    interval: str | None,
    level: float,
    method: str,
    n_sims: int,
    seed: Any,
    ddf: str,
) -> pd.DataFrame:
    """Predict with uncertainty; see `LmerFit.predict`."""
    import pandas as pd

    _check(interval, level, method)
    wanted = wanted_bars(fit, random)
    _check_ddf(ddf, bool(wanted) or interval == "prediction" or method == "boot")
    frame = None if newdata is None else read(newdata)
    rows = rows_of(fit, frame, wanted)
    values = predict_rows(fit, rows, wanted, new_levels)
    place = [i for i, bar in enumerate(fit.matrices.bars) if bar in wanted]
    rest = [i for i in range(len(fit.matrices.bars)) if i not in place]
    new = interval == "prediction"
    asked = Asking(
        rows=rows,
        terms=dict(zip(place, rows.random, strict=True)),
        others={i: effect_columns(fit, frame, i) for i in rest} if new else {},
        weights=_weights(fit, frame, rows.n_rows),
        new=new,
        level=level,
    )
    if method == "boot":
        se, low, high = _by_bootstrap(fit, asked, n_sims, seed)
    elif method_of(ddf) != "asymptotic":
        se, low, high = _by_t(fit, asked, ddf)
    else:
        se, low, high = _by_formula(fit, asked)
    table = {"fit": values, "se": se}
    if interval is not None:
        table |= {"lower": values + low, "upper": values + high}
    index = getattr(newdata, "index", None)
    return pd.DataFrame(table, index=index if isinstance(index, pd.Index) else None)


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """What is predicted: rows, the terms included and left out, weights, and whether new rows."""

    rows: NewRows
    terms: dict[int, RandomTerm]
    others: dict[int, tuple[FloatArray, ...]]
    weights: FloatArray
    new: bool
    level: float


def _by_bootstrap(fit: LmerFit, asked: Asking, n_sims: int, seed: Any) -> Limits:
    from nestling.results.predict_boot import prediction_errors

    errors, new = prediction_errors(
        fit, asked.rows, asked.terms, asked.others, asked.weights, n_sims, seed
    )
    se = errors.std(axis=1, ddof=1)
    tail = (1.0 - asked.level) / 2.0
    total = errors + new if asked.new else errors
    low, high = np.quantile(total, [tail, 1.0 - tail], axis=1)
    return se, low, high


def _by_formula(fit: LmerFit, asked: Asking) -> Limits:
    from scipy.special import ndtri

    variance = prediction_variance(fit, asked.rows, asked.terms)
    se = np.sqrt(variance)
    if asked.new:
        variance = variance + fit.sigma**2 / asked.weights
        for i, columns in asked.others.items():
            variance += spread(columns, fit.estimates.covariances[i])
    half = float(ndtri(0.5 + asked.level / 2.0)) * np.sqrt(variance)
    return se, -half, half


def _by_t(fit: LmerFit, asked: Asking, ddf: str) -> Limits:
    """Limits of X beta by t quantiles; NaN for incomplete rows."""
    from scipy.special import stdtrit

    columns = [asked.rows.columns[j] for j in fit.basis.kept]
    if not columns:
        return (zeros := np.zeros(asked.rows.n_rows)), zeros, zeros
    X = np.column_stack(columns)
    known = np.isfinite(X).all(axis=1)
    se, half = np.full(len(X), np.nan), np.full(len(X), np.nan)
    if known.any():
        tests = contrast_tests(fit, X[known], ddf)
        se[known] = tests.se
        half[known] = stdtrit(tests.df, 0.5 + asked.level / 2.0) * tests.se
    return se, -half, half


def effect_columns(fit: LmerFit, frame: Frame | None, position: int) -> tuple[FloatArray, ...]:
    """Return the columns of Z of one term, for rows whose level need not be known."""
    if frame is None:
        return fit.matrices.random[position].columns
    encoding, bar = fit.matrices.encoding, fit.matrices.bars[position]
    effects, coding = fit.formula.random[bar].effects, encoding.random_coding[bar]
    values = {
        name: match_levels(name, value, encoding.levels.get(name))
        for name, value in evaluate_all([effects], frame, encoding.memory).items()
    }
    # contrasts that were asked for are those of X alone
    plain = {
        name: Levels(each.levels, each.ordered, None) for name, each in encoding.levels.items()
    }
    return columns_of(effects.intercept, coding, values, plain, frame.n_rows).values


def _weights(fit: LmerFit, frame: Frame | None, n: int) -> FloatArray:
    """Return prior weights: those of the fit, or of the new rows' own column of that name."""
    if frame is None:
        return np.ones(n) if fit.matrices.weights is None else fit.matrices.weights
    name = fit.call.weights
    if name is None or name not in frame.names:
        return np.ones(n)
    column = frame.column(name)
    if not isinstance(column, Numeric) or not (column.values > 0.0).all():
        raise DataError(f"The weights {name!r} of the new data must be positive numbers.")
    return column.values


def _check(interval: str | None, level: float, method: str) -> None:
    if interval is not None and interval not in INTERVALS:
        raise ArgumentError(f"interval={interval!r}. {did_you_mean(str(interval), INTERVALS)}")
    if method not in {"formula", "boot"}:
        raise ArgumentError(f"method={method!r}. {did_you_mean(str(method), ['formula', 'boot'])}")
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level={level!r} must be between 0 and 1, for instance 0.95.")


def _check_ddf(ddf: str, undefined: bool) -> None:
    if undefined and method_of(ddf) != "asymptotic":
        raise ArgumentError(
            f"ddf={ddf!r} is for the population's mean: degrees of freedom of random effects and "
            "of new responses are not defined. Give random=False and interval='confidence', or "
            "leave ddf out."
        )
