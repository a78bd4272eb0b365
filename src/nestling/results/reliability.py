"""How reliably the data tell the clusters of a grouping factor apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.report.cells import Align, frame_lines
from nestling.report.numbers import format_numbers
from nestling.report.table import Table
from nestling.results.random_effects import ranef

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


COLUMNS = ("group", "effect", "levels", "variance", "conditional_variance", "reliability")

ALIGN: tuple[Align, ...] = ("left", "left", "right", "right", "right", "right")


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Reliabilities of the conditional modes.

    Attributes
    ----------
    table : DataFrame
        Per grouping factor and effect: `levels`, `variance`, `conditional_variance` (the mean
        over levels), and `reliability`, 1 less their ratio.
    clusters : DataFrame
        Per level: `group`, `level`, `effect`, `rows`, `reliability`, 1 - conditional variance /
        variance: the share of the variance that the level's data have explained. For a random
        intercept alone it is tau^2 / (tau^2 + sigma^2 / rows).
    """

    table: pd.DataFrame
    clusters: pd.DataFrame

    def __str__(self) -> str:
        """Return the table as text."""
        rows = [str(i + 1) for i in range(len(self.table))]
        columns = [self.table[c].tolist() for c in COLUMNS]
        return "\n".join(frame_lines(rows, COLUMNS, columns))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        text = [self.table[c].astype(str).tolist() for c in COLUMNS[:3]]
        numbers = [format_numbers(self.table[c].tolist()) for c in COLUMNS[3:]]
        return Table(COLUMNS, tuple(zip(*text, *numbers, strict=True)), ALIGN).to_html()


def reliability(fit: LmerFit) -> Reliability:
    """Return reliabilities per grouping factor; see `LmerFit.reliability`.

    A variance of zero has the reliability zero: there is nothing to tell apart.
    """
    import pandas as pd

    modes = ranef(fit, cond_var=True)
    summary, parts = [], []
    for members in fit.solution.layout.members:
        terms = [fit.matrices.random[t] for t in members]
        group, codes = terms[0].group, terms[0].codes
        conditional = np.einsum("jkk->jk", modes[group].attrs["cond_var"])
        variances = np.concatenate([np.diag(fit.estimates.covariances[t]) for t in members])
        rows = np.bincount(codes, minlength=len(conditional))
        for k, effect in enumerate(modes[group].columns):
            variance, given = float(variances[k]), conditional[:, k]
            share = given / variance if variance > 0.0 else np.ones(len(given))
            mean = float(given.mean())
            summary.append((group, effect, len(given), variance, mean, 1.0 - float(share.mean())))
            parts.append(
                pd.DataFrame(
                    {
                        "group": group,
                        "level": np.asarray(modes[group].index),
                        "effect": effect,
                        "rows": rows,
                        "reliability": 1.0 - share,
                    }
                )
            )
    return Reliability(
        pd.DataFrame(summary, columns=list(COLUMNS)), pd.concat(parts, ignore_index=True)
    )
