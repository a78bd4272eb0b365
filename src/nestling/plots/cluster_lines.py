"""Each cluster's fitted line, from the columns of the model matrices: arrays only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.simulate.arrange import split_name

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True, eq=False)
class ClusterLines:
    """Straight lines over the range of each cluster's rows.

    Attributes
    ----------
    start, end : (J, 2) arrays
        x and y of both ends of each line; NaN for a level without rows.
    """

    start: FloatArray
    end: FloatArray


def cluster_lines(
    x: FloatArray, along: FloatArray, fitted: FloatArray, codes: IntArray, n_clusters: int
) -> ClusterLines:
    """Draw the fitted line of each cluster against one predictor, the others at their means.

    The slope is that of the part of the fitted values that comes from the predictor, its
    interactions and random slopes; the line passes through the cluster's mean fitted value.

    Parameters
    ----------
    x : (n,) array
        The predictor.
    along : (n,) array
        The part of the fitted values that the predictor takes part in.
    fitted : (n,) array
        Fitted values, random effects included.
    codes : (n,) array
        Cluster of each row, 0..J-1.
    n_clusters : int
        J.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 0.0, 2.0])
    >>> lines = cluster_lines(x, 3 * x, 3 * x + [1, 1, 5, 5], np.array([0, 0, 1, 1]), 2)
    >>> lines.start.tolist(), lines.end.tolist()
    ([[0.0, 1.0], [0.0, 5.0]], [[1.0, 4.0], [2.0, 11.0]])
    """
    counts = np.bincount(codes, minlength=n_clusters).astype(float)
    counts[counts == 0] = np.nan

    def mean(values: FloatArray) -> FloatArray:
        sums = np.asarray(np.bincount(codes, values, minlength=n_clusters), dtype=np.float64)
        return np.asarray(sums / counts)

    middle = mean(x)
    centred = x - middle[codes]
    spread = mean(centred**2)
    slope = np.divide(mean(centred * along), spread, out=np.zeros(n_clusters), where=spread > 0)
    low = np.full(n_clusters, np.inf)
    high = np.full(n_clusters, -np.inf)
    np.minimum.at(low, codes, x)
    np.maximum.at(high, codes, x)
    low[np.isnan(counts)] = high[np.isnan(counts)] = np.nan
    level = mean(fitted)
    return ClusterLines(
        np.column_stack([low, level + slope * (low - middle)]),
        np.column_stack([high, level + slope * (high - middle)]),
    )


def part_along(fit: LmerFit, predictor: str, *, random: bool = True) -> FloatArray:
    """Return what the fitted values owe to a predictor, (n,).

    Every column with the predictor in its name, alone or in an interaction, times its
    coefficient; with `random` the random slopes too.
    """
    from nestling.results.random_effects import term_modes

    total = np.zeros(fit.nobs)
    for name, value in zip(fit.coefficient_names, fit.estimates.beta, strict=True):
        if predictor in split_name(name):
            total += value * fit.matrices.columns[fit.matrices.names.index(name)]
    if random:
        for term, modes in zip(fit.matrices.random, term_modes(fit), strict=True):
            for j, name in enumerate(term.names):
                if predictor in split_name(name):
                    total += modes[term.codes, j] * term.columns[j]
    return total


def level_one_predictor(fit: LmerFit, codes: IntArray) -> str | None:
    """Return the first coefficient whose column is a quantity that varies inside clusters.

    An interaction or a column of two values (a contrast) is no axis to draw lines along.
    """
    for name in fit.coefficient_names:
        column = fit.matrices.columns[fit.matrices.names.index(name)]
        if column.strides == (0,) or len(split_name(name)) > 1:
            continue
        first = np.empty(int(codes.max()) + 1)
        first[codes[::-1]] = column[::-1]
        if np.any(column != first[codes]) and len(np.unique(column)) > 2:
            return name
    return None
