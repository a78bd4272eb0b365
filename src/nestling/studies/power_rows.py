"""The rows of a table of power: what is tested, by which test, and how often it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.studies.asked import P_NULL, VARIANCE, Asked, P, key
from nestling.studies.monte_carlo import columns_mean, critical, share_limits, shares, two_sided
from nestling.studies.plan import Plan
from nestling.studies.questions import LRT
from nestling.studies.replicates import Names, Replicates


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """One or more rows with a test: R replicates of m effects, (R, m) each.

    Attributes
    ----------
    effects : tuple of str
    kind : {"fixed", "contrast", "joint", "variance"}
    test : str
    p_value, p_null : arrays
        Of the hypothesis, and where it is true.
    truth, null : (m,) arrays
        True values and values of the hypothesis; NaN for joint ones.
    estimate, half : arrays
        Estimates and half widths of their intervals; NaN where the test has none.
    """

    effects: tuple[str, ...]
    kind: str
    test: str
    p_value: FloatArray
    p_null: FloatArray
    truth: FloatArray
    null: FloatArray
    estimate: FloatArray
    half: FloatArray


def rows_tested(plan: Plan, names: Names, replicates: Replicates, alpha: float) -> Iterator[Tested]:
    """Yield the tests in the order of the table."""
    truth, zero = plan.true_beta(names.fixed), np.zeros(len(names.fixed))
    asked, extra = names.asked, dict(zip(names.extra, replicates.extra.T, strict=False))
    estimate = replicates.fixed
    for test in plan.tests:
        se, df = replicates.se[test], replicates.df[test]
        yield _by_t(names.fixed, "fixed", test, estimate, se, df, truth, zero, alpha)
        if asked is not None:
            yield from _hypotheses(asked, extra, test, alpha)
    if asked is None:
        return
    known = {name: (truth[j], estimate[:, j]) for j, name in enumerate(names.fixed)}
    for each in asked.lrt:
        true, values = known.get(each.name, (np.nan, np.full(len(replicates), np.nan)))
        contrast = not each.joint and each.name not in known
        if contrast:
            true = float(each.truth(asked.beta)[0])
            values = _dot(estimate, each.L[0])
        kind = "joint" if each.joint else "contrast" if contrast else "fixed"
        null = np.nan if each.joint else float(each.null[0])
        yield _by_p(each.name, kind, LRT, extra, true, null, values)
    for reduction in asked.reductions:
        nothing = np.full(len(replicates), np.nan)
        true = reduction.truth(plan.truth) if plan.same_scale else np.nan
        yield _by_p(reduction.name, "variance", VARIANCE, extra, true, 0.0, nothing)


def _hypotheses(
    asked: Asked, extra: dict[str, FloatArray], test: Any, alpha: float
) -> Iterator[Tested]:
    for each in asked.hypotheses:
        if each.joint:
            nothing = np.full(len(extra[key(P, each.name, test)]), np.nan)
            yield _by_p(each.name, "joint", test, extra, np.nan, np.nan, nothing)
            continue
        estimate = extra[key("estimate", each.name)][:, None]
        se = extra[key("se", each.name, test)][:, None]
        df = extra[key("df", each.name, test)][:, None]
        true = each.truth(asked.beta)
        yield _by_t((each.name,), "contrast", test, estimate, se, df, true, each.null, alpha)


def _by_t(
    effects: tuple[str, ...],
    kind: str,
    test: str,
    estimate: FloatArray,
    se: FloatArray,
    df: FloatArray,
    truth: FloatArray,
    null: FloatArray,
    alpha: float,
) -> Tested:
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = two_sided((estimate - null) / se, df)
        p_null = two_sided((estimate - truth) / se, df)
    half = critical(1.0 - alpha, df) * se
    return Tested(effects, kind, test, p_value, p_null, truth, null, estimate, half)


def _by_p(
    name: str,
    kind: str,
    test: str,
    extra: dict[str, FloatArray],
    truth: float,
    null: float,
    estimate: FloatArray,
) -> Tested:
    p_value, p_null = (extra[key(what, name, test)][:, None] for what in (P, P_NULL))
    estimate = estimate[:, None]
    label = LRT if test == VARIANCE else test
    return Tested(
        (name,), kind, label, p_value, p_null, np.array([truth]), np.array([null]), estimate,
        np.full_like(estimate, np.nan),
    )  # fmt: skip


def _dot(estimates: FloatArray, weights: FloatArray) -> FloatArray:
    used = weights != 0.0
    return np.asarray((estimates[:, used] * weights[used]).sum(axis=1))


def columns_of(rows: Tested, alpha: float, level: float) -> dict[str, FloatArray]:
    """Return the columns of these rows, (m,) each."""
    valid = np.isfinite(rows.p_value)
    found = valid & (rows.p_value < alpha)
    k, n, rate = shares(found, valid)
    lower, upper = share_limits(k, n, level)
    known = np.isfinite(rows.p_null)
    k0, n0, rate0 = shares(rows.p_null < alpha, known)
    lower0, upper0 = share_limits(k0, n0, level)
    distance = rows.truth - rows.null
    significant = np.where(found, rows.estimate - rows.null, np.nan)
    told = np.isfinite(distance) & (distance != 0.0) & np.isfinite(rows.estimate).any(axis=0)
    _, hits, wrong_share = shares(significant * np.sign(distance) < 0.0, found)
    with np.errstate(invalid="ignore", divide="ignore"):
        exaggeration = columns_mean(np.abs(significant)) / np.abs(distance)
    return {
        "truth": rows.truth,
        "power": rate,
        "lower": lower,
        "upper": upper,
        "type1": rate0,
        "type1_lower": lower0,
        "type1_upper": upper0,
        "type_s": np.where(told & (hits > 0), wrong_share, np.nan),
        "type_m": np.where(told & (hits > 0), exaggeration, np.nan),
        "mean_estimate": columns_mean(rows.estimate),
        "width": 2.0 * columns_mean(rows.half),
        "n": n.astype(int),
    }
