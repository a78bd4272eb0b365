"""Fixed effects stated as shares of the variance within or between clusters, solved together."""

from collections.abc import Mapping, Sequence

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.errors import PopulationError
from nestling.model.parameters import TermParameters
from nestling.simulate.column_moments import Moments
from nestling.simulate.effect_scales import Scaled, Standardised, solve_effects
from nestling.simulate.level_shares import between_key
from nestling.simulate.predictors import Predictor

STEPS = 10_000
"""Of the iteration, which converges as the stated shares leave something over."""

TOLERANCE = 1e-14


def by_level(stated: Mapping[str, float | Scaled]) -> bool:
    """Whether an effect is stated as a share within or between clusters."""
    return any(isinstance(each, Standardised) and each.of != "total" for each in stated.values())


def solve_by_level(
    names: tuple[str, ...],
    stated: Mapping[str, float | Scaled],
    predictors: Mapping[str, Predictor],
    terms: Sequence[TermParameters],
    moments: Moments,
    noise: float,
) -> FloatArray:
    """Convert effects on all scales to coefficients, those by level among them.

    The SDs of y in total, within and between follow from the coefficients, and these from the
    SDs: starting at what is not stated relative to them, both are brought in line in turn.

    Raises
    ------
    PopulationError
        For several grouping factors, a column that does not vary at the level named, and shares
        that leave nothing for the rest.
    """
    groups = {term.group for term in terms}
    if len(groups) != 1:
        raise PopulationError(
            f"nl.r2(of='within') and nl.r2(of='between') need one grouping factor, whose clusters "
            f"are meant; this model has {', '.join(sorted(groups)) or 'none'}."
        )
    (group,) = groups
    key = between_key(predictors, group, moments)
    X = np.array(moments.columns).reshape(len(names), -1)
    within, between = _parted(X, moments.weights, key)
    rest = np.array([noise, 0.0])
    for term, z in zip(terms, moments.effects, strict=True):
        inside, outside = _parted(z, moments.weights, key)
        centre = z @ moments.weights
        rest[0] += float((term.covariance * inside).sum())
        rest[1] += float((term.covariance * (outside + np.outer(centre, centre))).sum())
    slopes = {"within": np.zeros(len(names)), "between": np.zeros(len(names))}
    plain: dict[str, float | Scaled] = dict(stated)
    open_: set[str] = set()
    for j, name in enumerate(names):
        value = stated[name]
        if isinstance(value, Standardised) and value.of != "total":
            variance = (within if value.of == "within" else between)[j, j]
            if variance <= 1e-12 * max(float(moments.covariance[j, j]), 1e-300):
                raise PopulationError(
                    f"fixed= states {name!r} as {value}, but its column does not vary {value.of} "
                    f"clusters of {group!r}."
                )
            slopes[value.of][j] = value.value / np.sqrt(variance)
            open_.add(name)
    total = float(rest.sum())
    spread = np.sqrt(rest)
    for _ in range(STEPS):
        fixed = spread[0] * slopes["within"] + spread[1] * slopes["between"]
        given = {
            name: float(fixed[j]) if name in open_ else plain[name] for j, name in enumerate(names)
        }
        beta = solve_effects(names, given, moments, total)
        found = np.sqrt(rest + np.array([beta @ within @ beta, beta @ between @ beta]))
        if np.abs(found - spread).max() <= TOLERANCE * found.max():
            return beta
        spread = found
        if not np.isfinite(spread).all() or spread.max() > 1e9 * np.sqrt(total):
            break
    shown = ", ".join(
        f"{name}: {value}" for name, value in stated.items() if isinstance(value, Standardised)
    )
    raise PopulationError(
        f"fixed= states {shown}: together they leave nothing of the variance of y for the rest. "
        "The shares of one level stay below 1 in sum."
    )


def _parted(
    columns: FloatArray, weights: FloatArray, key: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the covariances of columns (p, N) within keys, and those of their means."""
    share = np.bincount(key, weights)
    means = np.array([np.bincount(key, weights * column) / share for column in columns])
    means = means.reshape(len(columns), share.size)
    inside = columns - means[:, key]
    outside = means - (means @ share)[:, None]
    return np.asarray((inside * weights) @ inside.T), np.asarray((outside * share) @ outside.T)
