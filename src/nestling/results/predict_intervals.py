"""Predictions with their standard errors and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.data.columns import Numeric
from nestling.data.door import Frame, read
from nestling.errors import ArgumentError, DataError, did_you_mean
from nestling.model.coding import Levels, columns_of
from nestling.model.matching import match_levels
from nestling.model.variables import evaluate_all
from nestling.results.predict import predict_rows, rows_of, wanted_bars
from nestling.results.prediction_variance import prediction_variance, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit

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
) -> pd.DataFrame:
    """Predict with uncertainty; see `LmerFit.predict`."""
    import pandas as pd

    _check(interval, level, method)
    wanted = wanted_bars(fit, random)
    frame = None if newdata is None else read(newdata)
    rows = rows_of(fit, frame, wanted)
    values = predict_rows(fit, rows, wanted, new_levels)
    bars = fit.matrices.bars
    positions = [i for i, bar in enumerate(bars) if bar in wanted]
    terms = dict(zip(positions, rows.random, strict=True))
    others: dict[int, tuple[FloatArray, ...]] = {}
    if interval == "prediction":
        others = {i: effect_columns(fit, frame, i) for i in range(len(bars)) if i not in positions}
    weights = _weights(fit, frame, rows.n_rows)
    table = {"fit": values}
    if method == "boot":
        from nestling.results.predict_boot import prediction_errors

        errors, new = prediction_errors(fit, rows, terms, others, weights, n_sims, seed)
        table["se"] = errors.std(axis=1, ddof=1)
        if interval is not None:
            if interval == "prediction":
                errors = errors + new
            tail = (1.0 - level) / 2.0
            low, high = np.quantile(errors, [tail, 1.0 - tail], axis=1)
            table["lower"], table["upper"] = values + low, values + high
    else:
        variance = prediction_variance(fit, rows, terms)
        table["se"] = np.sqrt(variance)
        if interval is not None:
            if interval == "prediction":
                variance = variance + fit.sigma**2 / weights
                for i, columns in others.items():
                    variance += spread(columns, fit.estimates.covariances[i])
            from scipy.special import ndtri

            half = float(ndtri(0.5 + level / 2.0)) * np.sqrt(variance)
            table["lower"], table["upper"] = values - half, values + half
    index = getattr(newdata, "index", None)
    return pd.DataFrame(table, index=index if isinstance(index, pd.Index) else None)


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
