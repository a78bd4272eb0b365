"""Influence: how much the estimates owe to each cluster or each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.data.grouping import grouping
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.model.parameters import Parameters, TermParameters
from nestling.report.cells import frame_lines
from nestling.report.table import Table
from nestling.results.compare import named_values
from nestling.results.deletion import Deletion

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import AnyArray, FloatArray, IntArray
    from nestling.results.estimates import Estimates
    from nestling.results.lmer_fit import LmerFit

SHOWN = 10
"""Deletions that are printed, the most influential first."""


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """The estimates without each cluster, or without each row.

    NaN where the model cannot be estimated without it; `status` says why.

    Attributes
    ----------
    group : str
        What was left out: a grouping factor, a column, or "obs".
    deleted : (m,) array
        Labels of the clusters, or numbers of the rows used, from 0 on.
    n_rows : (m,) array of int
        Rows that each deletion took away.
    names : tuple of str
        Coefficient names.
    beta, vcov : (p,), (p, p) arrays
        Fixed effects of the full fit and their covariance matrix.
    beta_deleted, vcov_deleted : (m, p), (m, p, p) arrays
    components : dict of str to float
        SDs, correlations and sigma of the full fit, named as in `confint`.
    components_deleted : (m, v) array
    chance : (m,) array
        P value of the move of the fixed effects, the variances held: small where a cluster
        disagrees with the others by more than its own randomness explains.
    status : tuple of str
        'optimum', 'optimum on the boundary', or what cannot be estimated.
    """

    group: str
    deleted: AnyArray
    n_rows: IntArray
    names: tuple[str, ...]
    beta: FloatArray
    vcov: FloatArray
    beta_deleted: FloatArray
    vcov_deleted: FloatArray
    components: dict[str, float]
    components_deleted: FloatArray
    chance: FloatArray
    status: tuple[str, ...]

    @property
    def dfbeta(self) -> pd.DataFrame:
        """Fixed effects without a cluster less those with all, as lme4's `dfbeta()`."""
        return self._frame(self.beta_deleted - self.beta, self.names)

    @property
    def dfbetas(self) -> pd.DataFrame:
        """`dfbeta` over the standard errors without the cluster, as lme4's `dfbetas()`."""
        se = np.sqrt(np.einsum("mpp->mp", self.vcov_deleted))
        return self._frame((self.beta_deleted - self.beta) / se, self.names)

    @property
    def cooks_distance(self) -> pd.Series[float]:
        """Cook's distance, as lme4's: (m - p) / (m p) d'V^-1 d of m deletions, d the dfbeta.

        V is the covariance matrix of all p fixed effects in the full fit. With no more
        deletions than coefficients the factor is 1 / p.
        """
        import pandas as pd

        m, p = self.beta_deleted.shape
        if p == 0:
            return pd.Series(np.full(m, np.nan), index=self._index, name="cooks_distance")
        change = self.beta_deleted - self.beta
        square = np.einsum("mp,mp->m", change @ np.linalg.inv(self.vcov), change)
        factor = (m - p) / (m * p) if m > p else 1.0 / p
        return pd.Series(factor * square, index=self._index, name="cooks_distance")

    @property
    def covariance_ratio(self) -> pd.Series[float]:
        """Determinant of the fixed effects' covariance matrix without the cluster over with all.

        Above one the cluster made the estimates more precise, below one less.
        """
        import pandas as pd

        # a ratio of determinants is that of the whitened matrix: no scale, no overflow
        root = np.linalg.inv(np.linalg.cholesky(self.vcov))
        with np.errstate(invalid="ignore"):
            ratio = np.linalg.det(root @ self.vcov_deleted @ root.T)
        return pd.Series(ratio, index=self._index, name="covariance_ratio")

    @property
    def component_change(self) -> pd.DataFrame:
        """SDs, correlations and sigma without the cluster less those with all."""
        values = self.components_deleted - np.array(list(self.components.values()))
        return self._frame(values, tuple(self.components))

    @property
    def cutoffs(self) -> dict[str, float]:
        """Customary bounds: Cook's distance 4 / m, DFBETAS 2 / sqrt(m) (Belsley et al. 1980)."""
        m = len(self.deleted)
        return {"cooks_distance": 4.0 / m, "dfbetas": 2.0 / float(np.sqrt(m))}

    @property
    def table(self) -> pd.DataFrame:
        """One row per deletion: Cook's distance, covariance ratio, DFBETAS, changed components."""
        import pandas as pd

        first = pd.DataFrame({"rows": self.n_rows}, index=self._index)
        first["cooks_distance"] = self.cooks_distance
        first["covariance_ratio"] = self.covariance_ratio
        first["chance"] = self.chance
        dfbetas = self.dfbetas.add_prefix("dfbetas_")
        change = self.component_change.add_prefix("change_")
        table = pd.concat([first, dfbetas, change], axis=1)
        table["status"] = list(self.status)
        return table

    @property
    def _index(self) -> pd.Index[Any]:
        import pandas as pd

        return pd.Index(self.deleted, name=self.group)

    def _frame(self, values: FloatArray, columns: tuple[str, ...]) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(values, index=self._index, columns=list(columns))

    def _lines(self) -> tuple[str, list[str], list[list[object]], list[str]]:
        """Caption, column names, columns and notes of what is shown."""
        m = len(self.deleted)
        distance = self.cooks_distance.to_numpy()
        order = np.argsort(np.where(np.isnan(distance), np.inf, -distance), kind="stable")[:SHOWN]
        what = "rows" if self.group == "obs" else f"levels of {self.group}"
        caption = f"Influence of {m} {what}" + (", the largest first" if m > 1 else "")
        names = ["Cook's distance", "Cov. ratio", *(f"DFBETAS {name}" for name in self.names)]
        values = [
            np.round(distance[order], 4),
            np.round(self.covariance_ratio.to_numpy()[order], 3),
            *np.round(self.dfbetas.to_numpy()[order].T, 3),
        ]
        columns: list[list[object]] = [[str(self.deleted[i]) for i in order]]
        columns += [[float(value) for value in column] for column in values]
        cutoff = self.cutoffs
        bounds = f"Cook's distance {cutoff['cooks_distance']:.3g}, DFBETAS {cutoff['dfbetas']:.3g}"
        notes = [f"Customary bounds: {bounds}"]
        failed = [i for i in range(m) if not self.status[i].startswith("optimum")]
        notes += [f"Without {self.deleted[i]}: {self.status[i]}" for i in failed[:SHOWN]]
        return caption, names, columns, notes

    def __str__(self) -> str:
        caption, names, columns, notes = self._lines()
        rows = [str(label) for label in columns[0]]
        return "\n".join([caption, *frame_lines(rows, names, columns[1:]), *notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        caption, names, columns, notes = self._lines()
        cells = [
            [str(v) for v in column] if j == 0 else [f"{v:.4g}" for v in column]
            for j, column in enumerate(columns)
        ]
        return Table(
            (self.group, *names),
            tuple(zip(*cells, strict=True)),
            ("left", *["right"] * len(names)),  # type: ignore[arg-type]  # two literals
            caption,
            tuple(notes),
        ).to_html()


def influence(fit: LmerFit, group: str | None) -> Influence:
    """Fit without each cluster or row; see `LmerFit.influence`."""
    name, deleted, units = units_of(fit, group)
    work = Deletion.of(fit)
    m, p = len(units), len(fit.coefficient_names)
    full = components(fit, fit.estimates)
    beta = np.full((m, p), np.nan)
    vcov = np.full((m, p, p), np.nan)
    values = np.full((m, len(full)), np.nan)
    chance = np.full(m, np.nan)
    status = []
    for i, rows in enumerate(units):
        again = work.refitted(rows)
        status.append(again.status)
        if again.found is not None:
            beta[i], vcov[i] = again.found.beta, again.found.vcov
            chance[i] = again.chance
            values[i] = list(components(fit, again.found).values())
    return Influence(
        group=name,
        deleted=deleted,
        n_rows=np.array([len(rows) for rows in units]),
        names=fit.coefficient_names,
        beta=fit.estimates.beta,
        vcov=fit.estimates.vcov,
        beta_deleted=beta,
        vcov_deleted=vcov,
        components=full,
        components_deleted=values,
        chance=chance,
        status=tuple(status),
    )


def components(fit: LmerFit, found: Estimates) -> dict[str, float]:
    """Return SDs, correlations and sigma by the names `confint` gives them."""
    terms = tuple(
        TermParameters(term.group, term.names, covariance)
        for term, covariance in zip(fit.matrices.random, found.covariances, strict=True)
    )
    return named_values(Parameters((), np.empty(0), terms, found.sigma**2))


def units_of(fit: LmerFit, group: str | None) -> tuple[str, AnyArray, list[IntArray]]:
    """Return what is left out in turn: its name, labels, and the rows of each."""
    if group is not None and not isinstance(group, str):
        raise ArgumentTypeError(
            f"group={group!r} is of type {type(group).__name__}; give the name of a grouping "
            "factor or a column, or 'obs' for one row at a time."
        )
    terms = {term.group: term for term in fit.matrices.random}
    name = group if group is not None else min(terms, key=lambda g: len(terms[g].levels))
    if name in terms:
        return name, np.asarray(terms[name].levels), _split(terms[name].codes)
    if name == "obs":
        rows = np.arange(fit.nobs)
        return name, rows, list(rows[:, None])
    if name not in fit.frame.names:
        raise ArgumentError(
            f"group={name!r} is neither a grouping factor nor a column of the data. "
            f"{did_you_mean(name, [*terms, 'obs', *fit.frame.names])}"
        )
    codes, levels = grouping(fit.frame.column(name))
    used = fit.matrices.row_index
    codes = codes if used is None else codes[used]
    if (codes < 0).any():
        raise ArgumentError(
            f"group={name!r} is missing in rows that the fit used; give a column without "
            "missing values."
        )
    present, codes = np.unique(codes, return_inverse=True)
    return name, np.asarray(levels)[present], _split(codes)


def _split(codes: IntArray) -> list[IntArray]:
    """Return the rows of each code."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])
