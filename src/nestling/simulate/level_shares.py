"""R-squared by source and level that a truth implies (Rights and Sterba 2019)."""

from collections.abc import Mapping
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import PopulationError
from nestling.simulate.clustered import Clustered
from nestling.simulate.column_moments import Moments, moments_of
from nestling.simulate.predictors import Predictor

if TYPE_CHECKING:
    from pandas import DataFrame

    from nestling.simulate.population import Population

PARTS = {
    "f1": "fixed effects within clusters",
    "f2": "fixed effects between clusters",
    "v": "random slopes",
    "m": "random intercepts",
    "e": "residual",
}


def level_shares(truth: "Population", design: Design | None = None) -> "DataFrame":
    """Return the shares of the variance of y; see `Population.r2_parts`.

    What varies between clusters is what the cluster-level parts of the predictors determine: the
    mean of a column given these is its between part, the rest its within part.
    """
    import pandas as pd

    groups = {term.group for term in truth.parameters.terms}
    if len(groups) != 1:
        raise PopulationError(
            f"The decomposition is defined for one grouping factor; this model has "
            f"{', '.join(sorted(groups)) or 'none'}."
        )
    if not truth.family.has_residual:
        raise PopulationError(
            f"The variance of y with {truth.family} is not a sum of parts on one scale; "
            "describe() gives the shares on the scale of the link."
        )
    (group,) = groups
    moments = moments_of(truth.formula, truth.needs, truth.predictors, design)
    key = between_key(truth.predictors, group, moments)
    weights, x = moments.weights, np.array(moments.columns).reshape(-1, moments.weights.size)
    explained = truth.parameters.beta @ x
    f1, f2 = _variances(explained, weights, key)
    v1 = v2 = m = 0.0
    for term, z in zip(truth.parameters.terms, moments.effects, strict=True):
        centre = z @ weights
        m += float(centre @ term.covariance @ centre)
        # random slopes are uncorrelated parts along the eigenvectors of their covariance
        values, vectors = np.linalg.eigh(term.covariance)
        for value, vector in zip(values, vectors.T, strict=True):
            inside, outside = _variances(vector @ z, weights, key)
            v1, v2 = v1 + float(value) * inside, v2 + float(value) * outside
    residual = truth.parameters.residual
    parts = {"f1": (f1, 0.0), "f2": (0.0, f2), "v": (v1, v2), "m": (0.0, m), "e": (residual, 0.0)}
    within, above = (sum(pair[i] for pair in parts.values()) for i in (0, 1))
    table = pd.DataFrame(index=pd.Index(list(parts), name="part"))
    table["what"] = [PARTS[part] for part in parts]
    table["variance"] = [a + b for a, b in parts.values()]
    total = within + above
    table["total"] = [(a + b) / total if total else np.nan for a, b in parts.values()]
    table["within"] = [a / within if within else np.nan for a, _ in parts.values()]
    table["between"] = [b / above if above else np.nan for _, b in parts.values()]
    return table


def between_key(predictors: Mapping[str, Predictor], group: str, moments: Moments) -> IntArray:
    """Return a number per node: by what is the same in all rows of a cluster."""
    key = np.zeros(moments.weights.size, dtype=np.intp)
    for name, place in moments.places.items():
        own = _own(name, predictors[name], group, int(place.max()) + 1)
        pairs = key * (int(own.max()) + 1) + own[place]
        key = np.unique(pairs, return_inverse=True)[1].astype(np.intp)
    return key


def _own(name: str, predictor: Predictor, group: str, n: int) -> IntArray:
    """Return a number per node of a predictor: by its value between clusters."""
    units = group.split(":")
    if predictor.level is not None:
        if predictor.level.split(":")[-1] in units:
            return np.arange(n)
        raise PopulationError(
            f"The predictor {name!r} varies between units of {predictor.level!r}, and the model "
            f"has random effects of {group!r} alone, so its share within clusters is not known."
        )
    if isinstance(predictor, Clustered):
        unit = predictor.icc[0][0]
        if len(predictor.icc) == 1 and (unit is None or unit.split(":")[-1] in units):
            # between parts by within parts, as many of each
            return np.arange(n) // isqrt(n)
        raise PopulationError(
            f"The predictor {name!r} has shares of variance between other units than {group!r}, "
            "so its share within clusters is not known."
        )
    return np.zeros(n, dtype=np.intp)


def _variances(values: FloatArray, weights: FloatArray, key: IntArray) -> tuple[float, float]:
    """Return the mean variance of values within keys, and the variance of their means."""
    share = np.bincount(key, weights)
    means = np.bincount(key, weights * values) / share
    within = float(weights @ (values - means[key]) ** 2)
    between = float(share @ (means - weights @ values) ** 2)
    # what is rounding of the squares is nothing
    least = 1e-24 * float(weights @ values**2)
    return (within if within > least else 0.0), (between if between > least else 0.0)
