"""One model fitted to many responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ModelError
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_solve import BatchSolution, solve_batch
from nestling.linalg.factor import lower_roots
from nestling.statistics.responses import response_products
from nestling.statistics.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """The estimates of R refits of one model, one row each.

    Attributes
    ----------
    names : tuple of str
        Coefficient names.
    beta, standard_errors : (R, p) arrays
        Fixed effects.
    sigma : (R,) array
        Residual standard deviations.
    roots : tuple of (R, k, k) arrays
        Per term the relative covariance factor, lower triangular with diagonal >= 0.
    criterion : (R,) array
        REML criterion or ML deviance.
    status : tuple of str
        'optimum', 'optimum on the boundary' or 'not converged'.
    evaluations : (R,) array of int
    """

    names: tuple[str, ...]
    beta: FloatArray
    standard_errors: FloatArray
    sigma: FloatArray
    roots: tuple[FloatArray, ...]
    criterion: FloatArray
    status: tuple[str, ...]
    evaluations: np.ndarray

    def __len__(self) -> int:
        """Return the number of refits."""
        return len(self.sigma)

    @property
    def covariances(self) -> tuple[FloatArray, ...]:
        """Per term the covariance matrix of its random effects, (R, k, k)."""
        variance = self.sigma[:, None, None] ** 2
        return tuple(variance * (T @ T.transpose(0, 2, 1)) for T in self.roots)

    @property
    def fixef(self) -> pd.DataFrame:
        """Fixed effects, refits by coefficients."""
        import pandas as pd

        return pd.DataFrame(self.beta, columns=list(self.names))

    @property
    def se(self) -> pd.DataFrame:
        """Standard errors of the fixed effects, refits by coefficients."""
        import pandas as pd

        return pd.DataFrame(self.standard_errors, columns=list(self.names))


def refits(fit: LmerFit, Y: FloatArray) -> Refits:
    """Fit the model of `fit` to every column of Y (n, R), sharing all that does not depend on it.

    All refits start from the optimum of `fit` and advance together; those on the boundary are
    certified by the sign test.
    """
    basis, solution = fit.basis, fit.solution
    problem, layout = solution.problem, solution.layout
    Zy, Xy, yy, b = response_products(Rows.of(fit.matrices), basis, Y)
    blocks = ResponseBlocks(Zy, Xy, yy)
    found = solve_batch(problem, fit.statistics, layout, blocks, solution.point.theta)
    G, scale = basis.transform[:-1, :-1], basis.response_scale
    _check_residuals(fit, Y, found)
    # the basis took Q b out of each response; it comes back in its coefficients
    return tabulated(fit, found, (G @ (found.beta * scale + b)).T)


def _check_residuals(fit: LmerFit, Y: FloatArray, found: BatchSolution) -> None:
    """Refuse residuals that are nothing but rounding.

    That of the response, where the fixed effects explain it. Where the random effects do, the
    search has no end, and sums of squares hold no more than half the digits.
    """
    sigma = np.sqrt(found.square / fit.solution.problem.nu) * fit.basis.response_scale
    weights = fit.matrices.weights
    square = np.einsum("ij,ij->j", Y, Y if weights is None else weights[:, None] * Y) / len(Y)
    eps = np.finfo(float).eps
    endless = np.array([status == "not converged" for status in found.status])
    rounding = 4.0 * np.where(endless, np.sqrt(eps), eps) * np.sqrt(square)
    exact = np.flatnonzero(sigma <= rounding)
    if len(exact):
        raise ModelError(
            f"The model {fit.call.formula.text!r} explains the response in column {exact[0]}, "
            f"counting from 0, exactly: its residual SD, {sigma[exact[0]]:.2g}, is no more than "
            "rounding. Leave the column out, or the predictor from which it was computed."
        )


def tabulated(fit: LmerFit, found: BatchSolution, beta: FloatArray) -> Refits:
    """Map optima from the basis of `fit` to the user's scale, but for beta (R, p), which is."""
    basis, problem = fit.basis, fit.solution.problem
    G = basis.transform[:-1, :-1]
    sigma = np.sqrt(found.square / problem.nu) * basis.response_scale
    variances = np.einsum("ab,bcr,ac->ra", G, found.unscaled, G)
    roots = []
    T = [np.zeros((len(sigma), k, k)) for k in problem.parameters.widths]
    for each, inner in zip(problem.parameters.entries, T, strict=True):
        inner[:, each.row, each.column] = found.theta[each.position].T
    for place, rotation in zip(fit.solution.layout.places, basis.rotations, strict=True):
        part = slice(place.start, place.start + place.width)
        roots.append(lower_roots(rotation @ T[place.factor][:, part, part]))
    return Refits(
        names=fit.coefficient_names,
        beta=beta,
        standard_errors=np.sqrt(variances) * sigma[:, None],
        sigma=sigma,
        roots=tuple(roots),
        criterion=found.criterion + problem.constant,
        status=found.status,
        evaluations=found.evaluations,
    )
