"""Tests of whatever a user says about the coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nestling.arrays import FloatArray
from nestling.report.cells import Align
from nestling.report.coefficients import Column, coefficient_lines
from nestling.report.numbers import format_one
from nestling.report.p_values import format_p_values
from nestling.results.anova import TITLES
from nestling.results.contrast_tests import (
    ContrastTests,
    JointTest,
    f_test,
    t_tests,
    uncertainty,
)
from nestling.results.hypotheses import read_hypotheses

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True, eq=False)
class HypothesisTest:
    """Statements about coefficients, tested one by one and, if there are several, together.

    Attributes
    ----------
    labels : tuple of str
        What each row says.
    null : (m,) array
        Values under the hypothesis.
    rows : ContrastTests
        Estimates of the left-hand sides, and the t test of each row.
    joint : JointTest
        The F test of all rows together.
    """

    labels: tuple[str, ...]
    null: FloatArray
    rows: ContrastTests
    joint: JointTest

    @property
    def estimate(self) -> float | FloatArray:
        """A number for one row, else an array."""
        return _one_or_all(self.rows.estimate)

    @property
    def se(self) -> float | FloatArray:
        """A number for one row, else an array."""
        return _one_or_all(self.rows.se)

    @property
    def df(self) -> float | tuple[int, float]:
        """Of the t test of one row, or numerator and denominator of F for several."""
        if len(self.labels) == 1:
            return float(self.rows.df[0])
        return self.joint.df_numerator, self.joint.df_denominator

    @property
    def statistic(self) -> float:
        """The t of one row, or F for several."""
        return float(self.rows.statistic[0]) if len(self.labels) == 1 else self.joint.statistic

    @property
    def p_value(self) -> float:
        """Of the one row, or of all together."""
        return float(self.rows.p_value[0]) if len(self.labels) == 1 else self.joint.p_value

    @property
    def table(self) -> pd.DataFrame:
        """One row per statement, with lmerTest's columns."""
        import pandas as pd

        columns = {column.name: column.values for column in self._columns()}
        return pd.DataFrame(columns, index=list(self.labels))

    def _columns(self) -> list[Column]:
        rows = self.rows
        z = rows.method == "asymptotic"
        columns = [
            Column("Estimate", rows.estimate, "estimate"),
            Column("Std. Error", rows.se, "estimate"),
        ]
        if not z:
            columns.append(Column("df", rows.df, "estimate"))
        columns.append(Column("z value" if z else "t value", rows.statistic, "test"))
        columns.append(Column("Pr(>|z|)" if z else "Pr(>|t|)", rows.p_value, "p"))
        return columns

    def __str__(self) -> str:
        """Return the table of the rows, and the joint test below it."""
        title = f"Linear hypotheses of the fixed effects, {TITLES[self.rows.method]}"
        lines = [title, *coefficient_lines(self.labels, self._columns())]
        if len(self.labels) > 1:
            joint = self.joint
            (p,) = format_p_values([joint.p_value], 4)
            lines.append(
                f"Together: F({joint.df_numerator}, {format_one(joint.df_denominator, 4)}) = "
                f"{format_one(joint.statistic, 4)}, p {p if p.startswith('<') else '= ' + p}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Return the text."""
        return str(self)

    def _repr_html_(self) -> str:
        from nestling.report.coefficients import coefficient_cells
        from nestling.report.table import Table

        columns = self._columns()
        right: Align = "right"
        align: tuple[Align, ...] = ("left", *[right for _ in columns])
        rows = zip(self.labels, *coefficient_cells(columns), strict=True)
        note = str(self).rsplit("\n", 1)[-1]
        return Table(
            ("Hypothesis", *(column.name for column in columns)),
            tuple(rows),
            align,
            notes=(note,) if len(self.labels) > 1 else (),
        ).to_html()


def _one_or_all(values: FloatArray) -> float | FloatArray:
    return float(values[0]) if len(values) == 1 else values


def hypothesis_test(fit: LmerFit, hypothesis: Any, ddf: str) -> HypothesisTest:
    """Test statements about the coefficients; see `LmerFit.test`."""
    read = read_hypotheses(hypothesis, fit.coefficient_names)
    given = uncertainty(fit, ddf)
    rows = t_tests(given, read.L, read.null)
    return HypothesisTest(read.labels, read.null, rows, f_test(given, read.L, read.null))
