"""Which clusters differ: differences of conditional modes, and intervals to compare by eye."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.report.cells import Align, frame_lines
from nestling.report.numbers import format_numbers
from nestling.report.table import Table
from nestling.results.confint import normal_quantile
from nestling.results.level_covariances import level_covariance
from nestling.results.random_effects import term_modes

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

MOST = 2000
"""Levels up to which all pairs are compared."""

COLUMNS = ("first", "second", "difference", "se", "z", "p", "lower", "upper")

ALIGN: tuple[Align, ...] = ("left", "left", *(("right",) * 6))

ADJUSTMENTS = ("none", "tukey", "bonferroni", "holm", "sidak", "fdr")


@dataclass(frozen=True, slots=True, eq=False)
class ClusterComparison:
    """Differences between the levels of a grouping factor in one effect.

    Attributes
    ----------
    group, effect : str
    adjust : str
        For how many comparisons the p values and limits are adjusted.
    level : float
        Confidence level.
    table : DataFrame
        Per pair: `first`, `second`, `difference` (first less second), `se`, `z`, `p`, `lower`,
        `upper`.
    intervals : DataFrame
        Per level: `mode`, `sd`, and `lower`, `upper` so wide that two of them fail to overlap,
        averaged over pairs, with probability 1 - level when the levels are equal (Goldstein and
        Healy 1995). They serve to compare by eye, not to say where a level stands.
    factor : float
        Half width of those intervals in SDs; 1.39 when all SDs are equal, at 95 percent.
    """

    group: str
    effect: str
    adjust: str
    level: float
    table: pd.DataFrame
    intervals: pd.DataFrame
    factor: float

    @property
    def heading(self) -> str:
        """What is compared."""
        return f"Differences of {self.effect} between levels of {self.group} (p: {self.adjust})"

    def __str__(self) -> str:
        """Return the differences as text."""
        columns = [self.table[c].tolist() for c in COLUMNS]
        rows = [str(i + 1) for i in range(len(self.table))]
        return "\n".join([self.heading, *frame_lines(rows, COLUMNS, columns)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        pairs = [self.table[c].astype(str).tolist() for c in COLUMNS[:2]]
        numbers = [format_numbers(self.table[c].tolist()) for c in COLUMNS[2:]]
        cells = tuple(zip(*pairs, *numbers, strict=True))
        return Table(COLUMNS, cells, ALIGN, self.heading).to_html()


def compare_clusters(
    fit: LmerFit,
    group: str | None,
    effect: str,
    *,
    adjust: str,
    pairs: Iterable[tuple[Any, Any]] | None,
    level: float,
    beta_known: bool,
) -> ClusterComparison:
    """Compare clusters by their conditional modes; see `LmerFit.compare_clusters`."""
    import pandas as pd

    normal_quantile(level)
    way = _adjustment(adjust)
    name, term, k = _place(fit, group, effect)
    labels = np.asarray(fit.matrices.random[term].levels)
    first, second = _pairs(labels, pairs, name)
    used, inverse = np.unique(np.concatenate([first, second]), return_inverse=True)
    a, b = inverse[: len(first)], inverse[len(first) :]
    modes = term_modes(fit)[term][used, k]
    covariance = level_covariance(fit, term, k, used, beta_known=beta_known)
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    difference = modes[a] - modes[b]
    variance = sd[a] ** 2 + sd[b] ** 2 - 2.0 * covariance[a, b]
    se = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = difference / se
    p, half = _tests(way, z, level, len(used))
    factor = overlap_factor(sd, level)
    return ClusterComparison(
        name,
        effect,
        way,
        level,
        pd.DataFrame(
            {
                "first": labels[first],
                "second": labels[second],
                "difference": difference,
                "se": se,
                "z": z,
                "p": p,
                "lower": difference - half * se,
                "upper": difference + half * se,
            }
        ),
        pd.DataFrame(
            {"mode": modes, "sd": sd, "lower": modes - factor * sd, "upper": modes + factor * sd},
            index=pd.Index(labels[used], name=name),
        ),
        factor,
    )


def overlap_factor(sd: FloatArray, level: float) -> float:
    """Return z such that intervals mode -+ z sd fail to overlap, on average, at 1 - level.

    Two of them do so with probability 2 (1 - Phi(z (s_i + s_j) / sqrt(s_i^2 + s_j^2))).

    Examples
    --------
    >>> round(overlap_factor(np.ones(3), 0.95), 3)
    1.386
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    live = np.sort(sd[sd > 0.0])
    if len(live) > MOST:
        # quantiles of the SDs stand for them: the mean over pairs is a double sum over these
        live = np.quantile(live, (np.arange(MOST) + 0.5) / MOST)
    if len(live) < 2:
        return normal_quantile(level) / float(np.sqrt(2.0))
    i, j = np.triu_indices(len(live), 1)
    ratio = (live[i] + live[j]) / np.hypot(live[i], live[j])

    def excess(z: float) -> float:
        return float(2.0 * ndtr(-z * ratio).mean()) - (1.0 - level)

    widest = normal_quantile(level)
    # the ratio lies between 1 and sqrt(2)
    return float(brentq(excess, 0.5 * widest, 1.01 * widest, xtol=1e-12))


def _tests(way: str, z: FloatArray, level: float, k: int) -> tuple[FloatArray, FloatArray]:
    """Return adjusted p values and half widths in standard errors."""
    from nestling.results.adjustments import adjusted_p, critical_values

    df = np.where(np.isnan(z), np.nan, np.inf)
    # only "mvt" would need the correlations of the differences
    none = np.zeros((0, 0))
    p = adjusted_p(way, z, df, k, none)
    known = np.flatnonzero(~np.isnan(df))
    half = np.full(len(z), np.nan)
    if len(known):
        half[known] = critical_values(way, df[known], level, k, np.eye(len(known)))
    return p, half


def _adjustment(adjust: str) -> str:
    way = {"bh": "fdr"}.get(str(adjust).lower(), str(adjust).lower())
    if way not in ADJUSTMENTS:
        raise ArgumentError(f"adjust={adjust!r}. {did_you_mean(way, ADJUSTMENTS)}")
    return way


def _place(fit: LmerFit, group: str | None, effect: str) -> tuple[str, int, int]:
    """Find the term and the position of an effect of a grouping factor."""
    groups = list(fit.n_groups)
    if group is None:
        if len(groups) > 1:
            raise ArgumentError(f"The model has several grouping factors. Give one of {groups}.")
        group = groups[0]
    if group not in groups:
        raise ArgumentError(
            f"group={group!r} is not a grouping factor. {did_you_mean(str(group), groups)}"
        )
    known = []
    for position, term in enumerate(fit.matrices.random):
        if term.group == group:
            known += list(term.names)
            if effect in term.names:
                return group, position, term.names.index(effect)
    raise ArgumentError(
        f"effect={effect!r} is not a random effect of {group!r}. {did_you_mean(str(effect), known)}"
    )


def _pairs(labels: Any, pairs: Any, group: str) -> tuple[IntArray, IntArray]:
    if pairs is None:
        if len(labels) > MOST:
            raise ArgumentError(
                f"{group!r} has {len(labels)} levels, too many to compare all pairs. Give pairs="
                "[(first, second), ...]."
            )
        first, second = np.array(list(combinations(range(len(labels)), 2)), dtype=np.intp).T
        return first, second
    number = {label: i for i, label in enumerate(labels.tolist())}
    found = []
    for pair in pairs:
        if isinstance(pair, str) or not isinstance(pair, Iterable):
            raise ArgumentTypeError(f"pairs holds {pair!r}. Give pairs of levels.")
        members = list(pair)
        if len(members) != 2:
            raise ArgumentError(f"pairs holds {pair!r}. Give two levels at a time.")
        for label in members:
            if label not in number:
                raise ArgumentError(
                    f"pairs holds {label!r}, which is not a level of {group!r}. "
                    f"{did_you_mean(str(label), [str(each) for each in number])}"
                )
        found.append([number[label] for label in members])
    if not found:
        raise ArgumentError("pairs is empty. Give pairs of levels, or None for all.")
    first, second = np.array(found, dtype=np.intp).T
    return first, second
