"""A fitted model as a population: pilot data become the truth of the next study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.data.columns import Column, Factor
from nestling.errors import ModelError
from nestling.model.expressions import names_in
from nestling.model.spreads import cov
from nestling.simulate.describe import bernoulli, categorical, normal
from nestling.simulate.population import Population
from nestling.simulate.predictors import Predictor

if TYPE_CHECKING:
    from nestling.arrays import IntArray
    from nestling.model.parameters import TermParameters
    from nestling.results.lmer_fit import LmerFit


def population(fit: LmerFit) -> Population:
    """Return the estimates as true values; see `LmerFit.population`.

    Predictors keep their mean and SD (as normal), their proportions (logical or categorical),
    and the level at which they vary. Give others with `replace(predictors=...)`.
    """
    if fit.dropped:
        raise ModelError(
            f"The columns {', '.join(fit.dropped)} were dropped from the fit because others say "
            "the same, so they have no coefficients. Fit without them first."
        )
    encoding = fit.matrices.encoding
    spreads: dict[str, list[Any]] = {}
    for term in _in_formula_order(fit):
        spreads.setdefault(term.group, []).append(
            float(term.covariance[0, 0]) if len(term.names) == 1 else cov(term.covariance)
        )
    names = dict.fromkeys(
        name
        for part in (encoding.fixed, *(bar.effects for bar in fit.formula.random))
        for node in (*part.expressions, *part.offsets)
        for name in names_in(node)
    )
    extra = [name for name in (fit.call.weights, fit.call.offset) if name in fit.frame.names]
    return Population(
        fit.formula.text,
        fixed=dict(zip(fit.coefficient_names, fit.estimates.beta.tolist(), strict=True)),
        random={group: each[0] if len(each) == 1 else each for group, each in spreads.items()},
        residual=fit.sigma**2,
        predictors={name: _predictor(fit, name) for name in dict.fromkeys([*names, *extra])},
        weights=fit.call.weights if fit.call.weights in extra else None,
        offset=fit.call.offset if fit.call.offset in extra else None,
        contrasts={
            name: each.given for name, each in encoding.levels.items() if each.given is not None
        },
    )


def _in_formula_order(fit: LmerFit) -> list[TermParameters]:
    """Terms as the formula writes them; the fit orders them by number of levels."""
    placed = zip(fit.matrices.bars, fit.parameters.terms, strict=True)
    return [term for _, term in sorted(placed, key=lambda pair: pair[0])]


def _predictor(fit: LmerFit, name: str) -> Predictor:
    column, level = fit.frame.column(name), _level(fit, name)
    rows = fit.matrices.row_index
    if isinstance(column, Factor):
        codes = column.codes if rows is None else column.codes[rows]
        counts = np.bincount(codes[codes >= 0], minlength=len(column.levels))
        shares = {
            label: float(count / counts.sum())
            for label, count in zip(column.levels, counts, strict=True)
            if count
        }
        return categorical(shares, level)
    values = column.values if rows is None else column.values[rows]
    if column.kind == "logical":
        return bernoulli(float(values.mean()), level)
    return normal(float(values.mean()), float(values.std(ddof=1)), level)


def _level(fit: LmerFit, name: str) -> str | None:
    """Return the outermost unit within which a column is constant; None when it varies by row."""
    found = None
    for term, bar in zip(fit.matrices.random, fit.matrices.bars, strict=True):
        if _constant_within(fit.frame.column(name), term.codes, fit.matrices.row_index):
            found = names_in(fit.formula.random[bar].factors[0])[0]
    return found


def _constant_within(column: Column, codes: IntArray, rows: IntArray | None) -> bool:
    values = column.codes if isinstance(column, Factor) else column.values
    used = values if rows is None else values[rows]
    first = np.empty(int(codes.max()) + 1, dtype=used.dtype)
    first[codes] = used
    return bool((first[codes] == used).all())
