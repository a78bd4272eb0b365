"""Contrasts among marginal means, tested several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.results.adjustments import adjusted_p, adjustment_of, critical_values
from nestling.results.contrast_families import DEFAULT_ADJUSTMENT, family_of
from nestling.results.contrast_tests import ContrastTests
from nestling.results.estimability import rows_of_tests
from nestling.results.marginal_means import MarginalMeans, limit_names, ratio_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class MeanContrasts:
    """Contrasts among marginal means.

    Attributes
    ----------
    means : MarginalMeans
    names : tuple of str
        Of the contrasts, group after group.
    groups : tuple of (labels, rows)
        The labels of `by`, and which contrasts belong to them: a family each.
    tests : ContrastTests
        Estimates and unadjusted tests.
    p_value : (m,) array
        Adjusted.
    weights : (m, columns) array
        Each contrast's weights of all columns of the model matrix.
    adjust : str
    level : float
    family : int
        Means that are compared in each group.
    notes : tuple of str

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ A + (1 | g)", fixed={"(Intercept)": 2, "Ab": 1},
    ...     random={"g": 1}, residual=1, predictors={"A": nl.categorical({"a": .5, "b": .5})})
    >>> fit = nl.lmer("y ~ A + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
    >>> fit.emmeans("A").contrasts().table["contrast"].tolist()
    ['a - b']
    """

    means: MarginalMeans
    names: tuple[str, ...]
    groups: tuple[tuple[tuple[str, ...], list[int]], ...]
    tests: ContrastTests
    p_value: FloatArray
    weights: FloatArray
    adjust: str
    level: float
    family: int
    notes: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Estimates and adjusted tests, with emmeans' columns."""
        frame = self._start()
        frame[ratio_name(self.tests.method)] = self.tests.statistic
        frame["p.value"] = self.p_value
        return frame

    def confint(self) -> pd.DataFrame:
        """Return the estimates with adjusted limits."""
        frame = self._start()
        low, high = limit_names(self.tests.method)
        half = np.full(len(self.names), np.nan)
        for _, rows in self.groups:
            correlation = _correlation(self.means, self.weights[rows])
            df = self.tests.df[rows]
            half[rows] = critical_values(self.adjust, df, self.level, self.family, correlation)
        half *= self.tests.se
        frame[low], frame[high] = self.tests.estimate - half, self.tests.estimate + half
        return frame

    def _start(self) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, Any] = {"contrast": list(self.names)}
        for i, name in enumerate(self.means.by):
            columns[name] = [labels[i] for labels, rows in self.groups for _ in rows]
        tests = self.tests
        columns |= {"estimate": tests.estimate, "SE": tests.se, "df": tests.df}
        return pd.DataFrame(columns)

    def __str__(self) -> str:
        """Return the table as emmeans prints it."""
        from nestling.results.means_text import contrasts_text

        return contrasts_text(self)

    def __repr__(self) -> str:
        """Return the same text."""
        return str(self)

    def _repr_html_(self) -> str:
        from nestling.results.means_text import contrasts_html

        return contrasts_html(self)


def mean_contrasts(
    means: MarginalMeans, method: Any, adjust: str | None, level: float
) -> MeanContrasts:
    """Compare marginal means; see `MarginalMeans.contrasts`."""
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level={level!r} must be between 0 and 1, for instance 0.95.")
    default = DEFAULT_ADJUSTMENT.get(method, "none") if isinstance(method, str) else "none"
    chosen = adjustment_of(default if adjust is None else adjust)
    notes = [note for note in means.notes if "averaged" in note or "scale" in note]
    pairs = isinstance(method, str) and method in {"pairwise", "revpairwise"}
    if chosen == "tukey" and not pairs:
        notes.append("Tukey's adjustment is for pairwise comparisons only; Sidak's is used.")
        chosen = "sidak"
    names: list[str] = []
    groups, rows, offsets = [], [], []
    for labels, members in means.groups():
        own, C = family_of(method, [means.cells[i].shown for i in members])
        groups.append((labels, list(range(len(names), len(names) + len(own)))))
        names += own
        # what cancels between means should be exactly zero
        L = C @ means.weights[members]
        size = np.abs(C) @ np.abs(means.weights[members])
        rows.append(np.where(np.abs(L) <= 1e-13 * size, 0.0, L))
        shift, reach = C @ means.offset[members], np.abs(C) @ np.abs(means.offset[members])
        offsets.append(np.where(np.abs(shift) <= 1e-13 * reach, 0.0, shift))
    family = len(means.cells) // max(1, len(groups))
    L, offset = np.concatenate(rows), np.concatenate(offsets)
    tests = rows_of_tests(means.fit, L, offset, means.tests.method)
    p = tests.p_value.copy()
    for _, index in groups:
        correlation = _correlation(means, L[index])
        p[index] = adjusted_p(chosen, tests.statistic[index], tests.df[index], family, correlation)
    return MeanContrasts(
        means, tuple(names), tuple(groups), tests, p, L, chosen, float(level), family,
        tuple(notes),
    )  # fmt: skip


def _correlation(means: MarginalMeans, L: FloatArray) -> FloatArray:
    """Correlations of the estimates; those that do not vary go with nothing."""
    kept = L[:, means.fit.basis.kept]
    covariance = kept @ means.fit.estimates.vcov @ kept.T
    scale = np.sqrt(np.where(np.diag(covariance) > 0.0, np.diag(covariance), 1.0))
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)
