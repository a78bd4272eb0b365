"""A model fitted again without some of its rows, from the sufficient statistics of the rest."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import NestlingError, NestlingWarning
from nestling.fit.criterion import Evaluation, Problem
from nestling.fit.solve import pose, solve
from nestling.model.matrices import ModelMatrices, RandomTerm
from nestling.results.estimates import Estimates, estimates
from nestling.results.lmer import fit_matrices
from nestling.results.random_leverage import rotated
from nestling.statistics.accumulate import occupied_cells
from nestling.statistics.rows import Rows
from nestling.statistics.sufficient import FactorBlocks, PairBlocks, SufficientStatistics

if TYPE_CHECKING:
    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

SHARE = 1e-5
"""Smallest share of a column's sum of squares that a difference of sums may leave accurately."""


@dataclass(frozen=True, slots=True)
class Refitted:
    """The estimates without some rows, or why there are none.

    Attributes
    ----------
    found : Estimates or None
    status : str
        As in `Convergence.status`, or what cannot be estimated.
    chance : float
        P value of the move of the fixed effects, the variances held; see `move_p`.
    """

    found: Estimates | None
    status: str
    chance: float = float("nan")


@dataclass(frozen=True, slots=True)
class Deletion:
    """The rows of a fit in its basis, to subtract some of them.

    Attributes
    ----------
    fit : LmerFit
    W : (p + 1, n) array
        Rows of [X y].
    Z : tuple of (k, n) arrays
        Per grouping factor.
    codes : tuple of (n,) arrays
    cells : tuple of (n,) arrays
        Per pair of factors the cell of each row.
    n_level, n_cell : tuples of arrays
        Rows per level of each factor and per cell of each pair.
    """

    fit: LmerFit
    W: FloatArray
    Z: tuple[FloatArray, ...]
    codes: tuple[IntArray, ...]
    cells: tuple[IntArray, ...]
    n_level: tuple[IntArray, ...]
    n_cell: tuple[IntArray, ...]

    @classmethod
    def of(cls, fit: LmerFit) -> Deletion:
        """Lay the rows out."""
        rows, basis = Rows.of(fit.matrices), fit.basis
        everything = slice(0, rows.n)
        Z, codes = rotated(fit, rows, everything)
        columns = np.r_[basis.kept, len(rows.matrices.columns)]
        sizes = [factor.n_levels for factor in fit.statistics.factors]
        cells = tuple(
            occupied_cells(codes[f], codes[g], sizes[f], sizes[g])[2]
            for f, g in combinations(range(len(codes)), 2)
        )
        return cls(
            fit=fit,
            W=basis.transform.T @ rows.fixed(everything)[columns],
            Z=tuple(Z),
            codes=tuple(codes),
            cells=cells,
            n_level=tuple(np.bincount(c, minlength=J) for c, J in zip(codes, sizes, strict=True)),
            n_cell=tuple(
                np.bincount(cell, minlength=len(pair.rows))
                for cell, pair in zip(cells, fit.statistics.pairs, strict=True)
            ),
        )

    def statistics(self, rows: IntArray) -> SufficientStatistics:
        """Return the sufficient statistics without these rows; what is left empty is zero."""
        full, W = self.fit.statistics, self.W[:, rows]
        factors, pairs = [], []
        for factor, Z, codes, count in zip(
            full.factors, self.Z, self.codes, self.n_level, strict=True
        ):
            z = Z[:, rows]
            ZZ = _less(factor.ZZ, z, z, codes[rows], count)
            factors.append(FactorBlocks(ZZ, _less(factor.ZW, z, W, codes[rows], count)))
        for pair, cell, count in zip(full.pairs, self.cells, self.n_cell, strict=True):
            left, right = self.Z[pair.first][:, rows], self.Z[pair.second][:, rows]
            ZZ = _less(pair.ZZ, left, right, cell[rows], count)
            pairs.append(PairBlocks(pair.first, pair.second, pair.rows, pair.columns, ZZ))
        weights = self.fit.matrices.weights
        return SufficientStatistics(
            WW=full.WW - W @ W.T,
            factors=tuple(factors),
            pairs=tuple(pairs),
            n=full.n - len(rows),
            log_weights=full.log_weights
            - (0.0 if weights is None else float(np.log(weights[rows]).sum())),
        )

    def refitted(self, rows: IntArray) -> Refitted:
        """Fit without these rows, starting at the optimum with all of them."""
        fit = self.fit
        for members, codes, count in zip(
            fit.solution.layout.members, self.codes, self.n_level, strict=True
        ):
            left = count - np.bincount(codes[rows], minlength=len(count))
            if (left > 0).sum() < 2:
                group = fit.matrices.random[members[0]].group
                return Refitted(None, f"fewer than two levels of {group} are left")
        statistics = self.statistics(rows)
        layout, start = fit.solution.layout, fit.solution.point.theta
        try:
            problem = pose(statistics, fit.basis, layout, reml=fit.reml)
            chance = move_p(fit.solution.problem, fit.solution.point, problem)
            if not _accurate(statistics, fit.statistics):
                return self._from_rows(rows, chance)
            solution = solve(problem, statistics, layout, start)
        except np.linalg.LinAlgError:
            return self._from_rows(rows)
        if solution.convergence.status == "not converged":
            return self._from_rows(rows, chance)
        found = estimates(problem, layout, fit.basis, solution.point)
        return Refitted(found, solution.convergence.status, chance)

    def _from_rows(self, rows: IntArray, chance: float = float("nan")) -> Refitted:
        """Fit the other rows from the start, in a basis of their own."""
        fit = self.fit
        keep = np.delete(np.arange(fit.nobs), rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NestlingWarning)
            try:
                again = fit_matrices(fit.call, taken(fit.matrices, keep), fit.frame)
            except (NestlingError, np.linalg.LinAlgError):
                return Refitted(None, "the model cannot be estimated")
        missing = [name for name in fit.coefficient_names if name not in again.coefficient_names]
        if missing:
            return Refitted(None, f"nothing is left to estimate {', '.join(missing)} from")
        return Refitted(again.estimates, again.convergence.status, chance)


def move_p(full: Problem, point: Evaluation, less: Problem) -> float:
    """Return the P value of the fixed effects' move when rows are left out, the variances held.

    Estimates from fewer rows differ from those of all by a move with covariance V_less - V
    (Hausman 1978): its quadratic form is chi-squared, with as many degrees of freedom as there
    are directions that the rows tell anything about.
    """
    from scipy.special import chdtrc

    p = full.p
    if not p or less.n <= p:
        return float("nan")
    S = less.structure.factorise(full.parameters.roots(point.theta)).WVW
    if not np.isfinite(S).all():
        return float("nan")
    # in coordinates whose covariance is the identity with all rows, and more without some
    root = np.linalg.cholesky(point.unscaled)
    information = root.T @ S[:p, :p] @ root
    values, axes = np.linalg.eigh(information)
    move = axes.T @ (root.T @ (S[:p, p] - S[:p, :p] @ point.beta))
    told = (values > 1e-9) & (values < 1.0 - 1e-9)
    # the move is move / values with variance 1 / values - 1
    form = float((move[told] ** 2 / (values[told] * (1.0 - values[told]))).sum())
    return float(chdtrc(told.sum(), form * full.nu / point.square)) if told.any() else 1.0


def taken(matrices: ModelMatrices, keep: IntArray) -> ModelMatrices:
    """Return some of the rows; levels that lose all of theirs are left out."""
    random = []
    recoded: dict[str, tuple[IntArray, IntArray]] = {}
    for term in matrices.random:
        if term.group not in recoded:
            used, codes = np.unique(term.codes[keep], return_inverse=True)
            recoded[term.group] = used, codes
        used, codes = recoded[term.group]
        columns = tuple(_taken(column, keep) for column in term.columns)
        levels = np.asarray(term.levels)[used]
        random.append(RandomTerm(term.group, term.names, columns, codes, levels))
    weights, offset, index = matrices.weights, matrices.offset, matrices.row_index
    return replace(
        matrices,
        response=matrices.response[keep],
        columns=tuple(_taken(column, keep) for column in matrices.columns),
        random=tuple(random),
        weights=None if weights is None else weights[keep],
        offset=None if offset is None else offset[keep],
        row_index=keep if index is None else index[keep],
    )


def _taken(column: FloatArray, keep: IntArray) -> FloatArray:
    # a constant column is known by its stride
    return np.broadcast_to(column[0], len(keep)) if column.strides == (0,) else column[keep]


def _less(
    blocks: FloatArray, left: FloatArray, right: FloatArray, index: IntArray, count: IntArray
) -> FloatArray:
    """Subtract products of rows from the blocks they belong to."""
    touched, position = np.unique(index, return_inverse=True)
    gone = np.bincount(position)
    result = blocks.copy()
    for a, b in np.ndindex(*blocks.shape[:2]):
        result[a, b, touched] -= np.bincount(position, left[a] * right[b])
    result[..., touched[gone == count[touched]]] = 0.0
    return result


def _accurate(left: SufficientStatistics, full: SufficientStatistics) -> bool:
    """Whether enough of every direction of [X y] is left that the difference has its digits."""
    p = left.n_fixed
    if left.n <= p or left.WW[p, p] < SHARE * full.WW[p, p]:
        return False
    return not p or float(np.linalg.eigvalsh(left.WW[:p, :p])[0]) >= SHARE
