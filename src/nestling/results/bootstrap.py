"""The bootstrap: replicates of all estimates, their spread, and intervals from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.report.cells import Align, number_matrix_lines
from nestling.report.numbers import format_numbers
from nestling.report.table import Table
from nestling.results import bootstrap_intervals as intervals
from nestling.results.bootstrap_chunk import Statistic
from nestling.results.bootstrap_clusters import jackknife
from nestling.results.bootstrap_run import Resampler, run
from nestling.results.bootstrap_values import errors_of, theta_names
from nestling.results.confint import normal_quantile, percentages
from nestling.results.profile_parameters import chosen, parameter_names

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import BoolArray, FloatArray
    from nestling.results.lmer_fit import LmerFit

BootstrapKind = Literal["parametric", "residual", "cluster"]


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """Replicates of the estimates of a model.

    Attributes
    ----------
    fit : LmerFit
    resampler : Resampler
        Makes any replicate again.
    kind : str
    names : tuple of str
        Of the values: SDs, correlations, sigma, coefficients as in `confint`, then theta; or
        of the caller's statistic.
    original : (P,) array
        The values of the fit itself.
    values : (R, P) array
        NaN where a refit failed, and for the correlations of an effect whose SD is zero.
    errors : (R, P) array
        Standard errors of the coefficients; NaN for the rest.
    outcomes : tuple of str
        Per replicate 'regular', 'singular', 'not converged' or 'failed: why'.
    statistic : callable or None
    n_jobs : int
    """

    fit: LmerFit
    resampler: Resampler
    kind: BootstrapKind
    names: tuple[str, ...]
    original: FloatArray
    values: FloatArray
    errors: FloatArray
    outcomes: tuple[str, ...]
    statistic: Statistic | None
    n_jobs: int

    def __len__(self) -> int:
        """Return the number of replicates."""
        return len(self.values)

    @property
    def estimates(self) -> pd.DataFrame:
        """All values, replicates by parameters."""
        import pandas as pd

        return pd.DataFrame(self.values, columns=list(self.names))

    @property
    def status(self) -> dict[str, int]:
        """How many replicates were regular, singular, not converged, and failed, and why."""
        counts = Counter(self.outcomes)
        usual = {each: counts.pop(each, 0) for each in ("regular", "singular", "not converged")}
        return {**usual, **counts}

    @property
    def bias(self) -> pd.Series[float]:
        """Mean of the replicates less the estimate."""
        import pandas as pd

        return pd.Series(
            [float(v.mean()) - t if len(v) else np.nan for v, t in self._columns()],
            index=list(self.names),
            name="bias",
        )

    @property
    def se(self) -> pd.Series[float]:
        """Standard deviation of the replicates."""
        import pandas as pd

        return pd.Series(
            [float(v.std(ddof=1)) if len(v) > 1 else np.nan for v, _ in self._columns()],
            index=list(self.names),
            name="se",
        )

    @property
    def table(self) -> pd.DataFrame:
        """Estimate, bias, standard error, and how many replicates they come from."""
        import pandas as pd

        return pd.DataFrame(
            {
                "estimate": self.original,
                "bias": self.bias,
                "se": self.se,
                "replicates": self._usable().sum(axis=0),
            },
            index=list(self.names),
        )

    def confint(
        self,
        parm: str | Sequence[str] | None = None,
        level: float = 0.95,
        kind: intervals.IntervalKind = "percentile",
    ) -> pd.DataFrame:
        """Return confidence limits.

        Parameters
        ----------
        parm : None, "theta_", "beta_" or names
            As for the fit's `confint`; elements of theta by their names; or names of the values
            of the statistic.
        level : float
        kind : {"percentile", "basic", "normal", "bca", "studentised"}
            Quantiles of the replicates; reflected in the estimate; estimate less bias -+ z
            bootstrap SE; Efron's BCa, whose acceleration comes from leaving out one cluster of
            the top level at a time; t quantiles of (replicate - estimate) / its own Wald SE, on
            the log scale for SDs and Fisher's z for correlations; for these all replicates are
            made again, with their standard errors.

        Returns
        -------
        DataFrame
            One row per parameter, the columns named by the percentages.
        """
        import pandas as pd

        normal_quantile(level)
        way = str(kind).lower()
        if way not in intervals.KINDS:
            raise ArgumentError(
                f"kind={kind!r} is not a kind of bootstrap interval. "
                f"{did_you_mean(way, intervals.KINDS)}"
            )
        names = self._named(parm)
        columns, positions = list(self._columns()), [self.names.index(name) for name in names]
        limits: list[intervals.Limits]
        if way == "studentised":
            limits = self._studentised(positions, level)
        elif way == "bca":
            out = jackknife(self.fit, self.statistic, self.names)
            limits = [
                intervals.bca(t, v, out[np.isfinite(out[:, i]), i], level)
                for i, (v, t) in ((i, columns[i]) for i in positions)
            ]
        else:
            limits = []
            for v, t in (columns[i] for i in positions):
                if way == "percentile":
                    limits.append(intervals.percentile(v, level))
                else:
                    make = intervals.basic if way == "basic" else intervals.normal
                    limits.append(make(t, v, level))
        table = np.array(limits, dtype=float).reshape(len(names), 2)
        return pd.DataFrame(table, index=names, columns=list(percentages(level)))

    def _studentised(self, positions: list[int], level: float) -> list[intervals.Limits]:
        if self.statistic is not None:
            raise ArgumentError(
                "kind='studentised' needs a standard error of every replicate, which a statistic "
                "of your own does not give. Use kind='percentile' or kind='bca'."
            )
        names = parameter_names(self.fit)
        errors = self.errors
        if not all(i < len(names) and names[i].kind == "coefficient" for i in positions):
            again = run(self.resampler, len(self), n_jobs=self.n_jobs, progress=False, errors=True)
            errors = again.errors
        solution = self.fit.solution
        own = errors_of(self.fit, solution.problem, solution.point, names)
        limits = []
        for i in positions:
            kind = names[i].kind if i < len(names) else "theta"
            t, v = (intervals.to_line(kind, each) for each in (self.original[i], self.values[:, i]))
            pair = intervals.studentised(float(t), float(own[i]), v, errors[:, i], level)
            lower, upper = intervals.from_line(kind, np.array(pair))
            limits.append((float(lower), float(upper)))
        return limits

    def _usable(self) -> BoolArray:
        return np.isfinite(self.values)

    def _columns(self) -> list[tuple[FloatArray, float]]:
        """Per value its replicates, without those that have none, and the estimate."""
        usable = self._usable()
        return [(self.values[usable[:, i], i], float(t)) for i, t in enumerate(self.original)]

    def _named(self, parm: str | Sequence[str] | None) -> list[str]:
        if self.statistic is None:
            if parm is None or isinstance(parm, str):
                wanted: Sequence[str] | None = None if parm is None else [parm]
            else:
                wanted = parm
            theta = [] if wanted is None else [n for n in theta_names(self.fit) if n in wanted]
            rest = None if wanted is None else [n for n in wanted if n not in theta]
            named = [] if rest == [] else [each.name for each in chosen(self.fit, rest)]
            return [*named, *theta]
        if parm is None:
            return list(self.names)
        asked_for = [parm] if isinstance(parm, str) else list(parm)
        for name in asked_for:
            if name not in self.names:
                raise ArgumentError(
                    f"parm={name!r} is not a value of the statistic. "
                    f"{did_you_mean(str(name), self.names)}"
                )
        return [name for name in self.names if name in asked_for]

    @property
    def heading(self) -> str:
        """What was done and how it went, in a line."""
        trouble = [f"{n} {what}" for what, n in self.status.items() if n and what != "regular"]
        told = f" ({', '.join(trouble)})" if trouble else ""
        return f"{self.kind.capitalize()} bootstrap: {len(self)} replicates{told}"

    def __str__(self) -> str:
        """Return estimates, bias and standard errors as text."""
        table = self.table
        columns = ["estimate", "bias", "se"]
        lines = number_matrix_lines(list(self.names), columns, table[columns].to_numpy().tolist())
        return "\n".join([self.heading, "", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = self.table
        columns = ("estimate", "bias", "se")
        cells = [format_numbers(table[column].tolist()) for column in columns]
        align: tuple[Align, ...] = ("left", "right", "right", "right")
        rows = tuple(
            (name, *row) for name, row in zip(self.names, zip(*cells, strict=True), strict=True)
        )
        return Table(("", *columns), rows, align, self.heading).to_html()
