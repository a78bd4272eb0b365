"""Fixed effects stated as the marginal means of the cells of a factorial design."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentTypeError, PopulationError, did_you_mean
from nestling.model.spreads import number
from nestling.simulate.column_moments import Moments, separate_values
from nestling.simulate.given import Labels
from nestling.simulate.predictors import Predictor

CALL = "nl.cell_means()"

ROUNDING = 1e-9
"""Means that a formula misses by less than this share of their spread are met."""


@dataclass(frozen=True, slots=True)
class CellMeans:
    """Means of y by cells of factors, and coefficients of what is no factor.

    Attributes
    ----------
    factors : tuple of str
    cells : tuple of (tuple of str, float)
        Categories of a cell, in the order of the factors, and its mean.
    others : tuple of (str, float)
        Coefficients that the cells do not tell.
    """

    factors: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], float], ...]
    others: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        cells = ", ".join(f"{labels!r}: {mean:g}" for labels, mean in self.cells)
        others = ", ".join(f"{name!r}: {value:g}" for name, value in self.others)
        more = f", others={{{others}}}" if others else ""
        return f"nl.cell_means({{{cells}}}, factors={list(self.factors)!r}{more})"


def cell_means(means: Any, factors: Any, *, others: Any = None) -> CellMeans:
    """State fixed effects as the means of y in the cells of a factorial design.

    Parameters
    ----------
    means : mapping
        From the categories of a cell, a tuple in the order of `factors` (or one category where
        there is one factor), to the mean of y there, over the values of all other predictors.
    factors : str or list of str
        Predictors that are categories or 0 and 1.
    others : mapping, optional
        Coefficients that the cells do not tell, such as the slope of a covariate.

    Returns
    -------
    CellMeans
        For `fixed=` of a `Population`, which turns them into coefficients under the contrasts
        of its formula.

    Raises
    ------
    PopulationError
        By the population: for cells that are not there, means that the formula cannot have, and
        coefficients that the cells leave open.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population(
    ...     "y ~ A * B + X + (1 | g)",
    ...     fixed=nl.cell_means(
    ...         {("a1", "b1"): 10, ("a2", "b1"): 12, ("a1", "b2"): 10, ("a2", "b2"): 15},
    ...         factors=["A", "B"], others={"X": 2},
    ...     ),
    ...     random={"g": 1}, residual=4,
    ...     predictors={
    ...         "X": nl.normal(0, 1), **nl.factorial({"A": ["a1", "a2"], "B": ["b1", "b2"]}),
    ...     },
    ... )
    >>> truth.fixed.to_dict()
    {'(Intercept)': 10.0, 'Aa2': 2.0, 'Bb2': 0.0, 'X': 2.0, 'Aa2:Bb2': 3.0}
    """
    listed = factors if isinstance(factors, list | tuple) else [factors]
    named = tuple(listed)
    if not named or not all(isinstance(each, str) for each in named):
        raise ArgumentTypeError(f"{CALL}: factors={factors!r}; expected names of predictors.")
    if not isinstance(means, Mapping) or not means:
        raise ArgumentTypeError(
            f"{CALL}: means={means!r}; expected cells with their means, such as "
            "{('a1', 'b1'): 10, ...}."
        )
    cells = []
    for cell, mean in means.items():
        labels = tuple(map(_label, cell if isinstance(cell, tuple) else (cell,)))
        if len(labels) != len(named):
            raise PopulationError(
                f"{CALL}: the cell {cell!r} has {len(labels)} categories for {len(named)} "
                f"factors, {', '.join(named)}."
            )
        cells.append((labels, number(mean, f"{CALL}: the mean of {cell!r}")))
    if others is not None and not isinstance(others, Mapping):
        raise ArgumentTypeError(f"{CALL}: others={others!r}; expected names with coefficients.")
    given = tuple(
        (str(name), number(value, f"{CALL}: {name!r}")) for name, value in (others or {}).items()
    )
    return CellMeans(named, tuple(cells), given)


def coefficients_of(
    stated: CellMeans,
    names: tuple[str, ...],
    predictors: Mapping[str, Predictor],
    moments: Moments,
) -> dict[str, float]:
    """Solve for the coefficients under which the cells have their means."""
    known = dict(stated.others)
    for name in known:
        if name not in names:
            raise PopulationError(
                f"{CALL}: others= names {name!r}, which is not a coefficient of the formula. "
                f"{did_you_mean(name, names)}"
            )
    A = _rows(stated, predictors, moments)
    means = np.array([mean for _, mean in stated.cells])
    open_ = [j for j, name in enumerate(names) if name not in known]
    rest = means - sum(
        (A[:, names.index(name)] * value for name, value in known.items()), np.zeros(len(means))
    )
    beta, _, rank, _ = np.linalg.lstsq(A[:, open_], rest, rcond=1e-10)
    if rank < len(open_):
        free = [names[j] for j in open_ if _is_free(A[:, open_], open_.index(j))]
        raise PopulationError(
            f"{CALL}: the {len(means)} means leave {', '.join(map(repr, free))} open. Give means "
            "of more cells, or these coefficients with others=."
        )
    missed = rest - A[:, open_] @ beta
    size = max(float(np.abs(means).max()), 1.0)
    if np.abs(missed).max() > ROUNDING * size:
        shown = "; ".join(
            f"{' x '.join(labels)}: {mean:g} stated, {mean - miss:g} at best"
            for (labels, mean), miss in zip(stated.cells, missed, strict=True)
            if abs(miss) > ROUNDING * size
        )
        raise PopulationError(
            f"{CALL}: the formula cannot have these means: {shown}. Add the interaction of "
            f"{', '.join(stated.factors)} to the formula, or give means that fit it."
        )
    # digits beyond these are the solution's rounding
    digits = 12 - int(np.floor(np.log10(size)))
    return known | {
        names[j]: float(np.round(value, digits)) + 0.0 for j, value in zip(open_, beta, strict=True)
    }


def _rows(stated: CellMeans, predictors: Mapping[str, Predictor], moments: Moments) -> FloatArray:
    """Return the mean of every column of X in every cell."""
    labels = {}
    for factor in stated.factors:
        if factor not in predictors or factor not in moments.places:
            raise PopulationError(
                f"{CALL}: the factor {factor!r} is no predictor that the formula uses. "
                f"{did_you_mean(factor, moments.places)}"
            )
        own = separate_values(predictors[factor])
        if own is None:
            raise PopulationError(
                f"{CALL}: {factor!r} is {predictors[factor]}, which has no few categories."
            )
        values = own[0]
        labels[factor] = (
            [values.labels[code] for code in values.codes]
            if isinstance(values, Labels)
            else [_label(value) for value in values.tolist()]
        )
    X, weights = np.array(moments.columns), moments.weights
    rows = []
    for cell, _ in stated.cells:
        inside = np.ones(weights.size, dtype=bool)
        for factor, label in zip(stated.factors, cell, strict=True):
            if label not in labels[factor]:
                raise PopulationError(
                    f"{CALL}: {factor!r} has no category {label!r}. "
                    f"{did_you_mean(label, labels[factor])}"
                )
            inside &= np.array(labels[factor])[moments.places[factor]] == label
        rows.append(X[:, inside] @ weights[inside] / weights[inside].sum())
    return np.array(rows)


def _is_free(A: FloatArray, j: int) -> bool:
    """Whether the rows tell nothing of one coefficient by itself."""
    others = np.delete(A, j, axis=1)
    return bool(np.linalg.matrix_rank(others, 1e-10) == np.linalg.matrix_rank(A, 1e-10))


def _label(value: Any) -> str:
    """Write a category: 0 and 0.0 are the same one."""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return f"{value:g}"
    return str(value)
