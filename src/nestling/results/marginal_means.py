"""Estimated marginal means and trends: a record that can be contrasted and tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.arrays import FloatArray
from nestling.results.adjustments import critical_values
from nestling.results.contrast_tests import ContrastTests

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit
    from nestling.results.mean_contrasts import MeanContrasts


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One mean: the labels of the factors it is for, alone and with their names where needed."""

    specs: tuple[str, ...]
    by: tuple[str, ...]
    shown: str


@dataclass(frozen=True, slots=True, eq=False)
class MarginalMeans:
    """Estimated marginal means, or slopes, with what is needed to compare them.

    Attributes
    ----------
    fit : LmerFit
    specs, by : tuple of str
        Predictors whose levels have a mean each, and those that divide the means into groups.
    cells : tuple of Cell
        The means, group after group.
    weights : (m, columns) array
        Each mean's weights of all columns of the model matrix.
    offset : (m,) array
    tests : ContrastTests
        Estimates with their standard errors and degrees of freedom; NaN where the data cannot
        tell.
    value : str
        Name of the estimates: 'emmean', or 'X.trend'.
    level : float
    notes : tuple of str
        What was averaged over, and on which scale the results are.

    Examples
    --------
    >>> import nestling as nl
    >>> truth = nl.Population("y ~ A + (1 | g)", fixed={"(Intercept)": 2, "Ab": 1},
    ...     random={"g": 1}, residual=1, predictors={"A": nl.categorical({"a": .5, "b": .5})})
    >>> fit = nl.lmer("y ~ A + (1 | g)", truth.simulate(nl.nested(g=30, id=10), seed=1))
    >>> fit.emmeans("A").table.columns.tolist()
    ['A', 'emmean', 'SE', 'df', 'lower.CL', 'upper.CL']
    """

    fit: LmerFit
    specs: tuple[str, ...]
    by: tuple[str, ...]
    cells: tuple[Cell, ...]
    weights: FloatArray
    offset: FloatArray
    tests: ContrastTests
    value: str
    level: float
    notes: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row per mean, with emmeans' columns."""
        import pandas as pd

        columns: dict[str, Any] = {
            name: [cell.specs[i] for cell in self.cells] for i, name in enumerate(self.specs)
        }
        columns |= {name: [cell.by[i] for cell in self.cells] for i, name in enumerate(self.by)}
        if not columns:
            columns = {"1": ["overall"]}
        tests = self.tests
        df, none = tests.df, np.eye(len(self.cells))
        half = critical_values("none", df, self.level, 1, none) * tests.se
        low, high = limit_names(tests.method)
        columns |= {self.value: tests.estimate, "SE": tests.se, "df": df}
        columns |= {low: tests.estimate - half, high: tests.estimate + half}
        return pd.DataFrame(columns)

    def groups(self) -> list[tuple[tuple[str, ...], list[int]]]:
        """Return the rows of every group of `by`."""
        found: dict[tuple[str, ...], list[int]] = {}
        for i, cell in enumerate(self.cells):
            found.setdefault(cell.by, []).append(i)
        return list(found.items())

    def contrasts(
        self, method: Any = "pairwise", adjust: str | None = None, level: float | None = None
    ) -> MeanContrasts:
        """Compare the means, within each group of `by`.

        Parameters
        ----------
        method : str, mapping or matrix
            "pairwise", "revpairwise", "trt.vs.ctrl" (the first is the control), "trt.vs.ctrlk"
            (the last is), "consec", "eff" (from the mean of all), "del.eff" (from that of the
            others), "poly"; or weights by name of contrast, or a row of weights per contrast.
        adjust : str, optional
            For testing several at once: "tukey" (of pairwise comparisons), "bonferroni", "holm",
            "sidak", "fdr" ("BH"), "mvt" (exact, by the joint t distribution; "dunnett" is the
            same), "none". Default emmeans' choice for each family: Tukey, for comparisons with
            a control mvt, for effects fdr, otherwise none.
        level : float, optional
            Of the intervals; default that of the means.

        Returns
        -------
        MeanContrasts
        """
        from nestling.results.mean_contrasts import mean_contrasts

        return mean_contrasts(self, method, adjust, self.level if level is None else level)

    def joint_tests(self) -> pd.DataFrame:
        """Return F tests that the means do not differ, one for each factor and interaction.

        Within each group of `by`. Combinations that the data cannot tell are left out, which
        the degrees of freedom show.
        """
        from nestling.results.joint_tests_of_means import joint_tests

        return joint_tests(self)

    def __str__(self) -> str:
        """Return the table as emmeans prints it."""
        from nestling.results.means_text import means_text

        return means_text(self)

    def __repr__(self) -> str:
        """Return the same text."""
        return str(self)

    def _repr_html_(self) -> str:
        from nestling.results.means_text import means_html

        return means_html(self)


def limit_names(method: str) -> tuple[str, str]:
    """Name the limits as emmeans does."""
    return ("asymp.LCL", "asymp.UCL") if method == "asymptotic" else ("lower.CL", "upper.CL")


def ratio_name(method: str) -> str:
    """Name the test statistic as emmeans does."""
    return "z.ratio" if method == "asymptotic" else "t.ratio"
