"""The ML deviance before anything but the fixed effects is profiled out.

A profile holds one parameter at a value and minimises over the others. On which scale the
parameter lives is a matter of coordinates, so this file knows none: it gives the deviance with
its derivatives to the relative covariances Sigma themselves, to log sigma^2, and to the value at
which a linear combination of the fixed effects may be held.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.criterion import Problem
from nestling.fit.structure import Score


@dataclass(frozen=True, slots=True)
class Held:
    """A combination a'beta of the fixed effects, in the basis, held at a value."""

    combination: FloatArray
    value: float


@dataclass(frozen=True, slots=True)
class Deviance:
    """The deviance and its derivatives at one Sigma and log sigma^2.

    Attributes
    ----------
    value : float
    slopes : tuple of (k, k) arrays
        Derivatives D to the Sigma of each grouping factor: tr(D E) along a symmetric E.
    gradient : (1,) or (2,) array
        Derivatives to log sigma^2 and to the held value, if there is one.
    hessian : (m + 1, m + 1) or (m + 2, m + 2) array
        Second derivatives along the m unit directions of `ThetaMap.units` and the same extras.
        The leading block is the average information where the structure has no other.
    """

    value: float
    slopes: tuple[FloatArray, ...]
    gradient: FloatArray
    hessian: FloatArray


def deviance(
    problem: Problem,
    roots: tuple[FloatArray, ...],
    log_variance: float,
    held: Held | None = None,
) -> Deviance:
    """Evaluate log|V| + n log(2 pi sigma^2) + r^2 / sigma^2 with V = I + Z Sigma Z'.

    r^2 is the least squares over beta, or over the beta with a'beta = t when a combination is
    held: r^2 + (t - a'beta)^2 / a'Na with N = (X'V^-1 X)^-1.

    1. factorise V, 2. solve for beta, 3. move it onto the constraint, 4. derivatives.

    Raises
    ------
    numpy.linalg.LinAlgError
        When V or X'V^-1 X is not numerically positive definite.
    """
    p, n, parameters = problem.p, problem.n, problem.parameters
    factorisation = problem.structure.factorise(roots)
    S = factorisation.WVW
    root = np.linalg.inv(np.linalg.cholesky(S[:p, :p])).T
    half = root.T @ S[:p, p]
    square = float(S[p, p] - half @ half)
    if not (square > 0.0 and np.isfinite(factorisation.log_determinant)):
        raise np.linalg.LinAlgError("the deviance is not finite")
    gap, norm, direction = 0.0, 1.0, np.zeros(p)
    if held is not None:
        direction = root.T @ held.combination
        norm = float(direction @ direction)
        gap = held.value - float(direction @ half)
        half = half + direction * (gap / norm)
        square += gap**2 / norm
    free = root if held is None else root - np.outer(root @ direction, direction / norm)
    rate = float(np.exp(-log_variance))
    contrast = np.append(-root @ half, 1.0)
    residuals, fixed, slopes, squares, mixed = [], [], [], [], []
    for H, trace in zip(factorisation.ZVW, factorisation.traces(), strict=True):
        e = np.einsum("kcj,c->kj", H, contrast)
        residuals.append(e)
        fixed.append(np.einsum("kij,il->klj", H[:, :-1], free))
        squares.append(e @ e.T)
        slopes.append(trace - rate * squares[-1])
        if held is not None:
            mixed.append(np.einsum("kij,i->kj", H[:, :-1], root @ direction) @ e.T)
    # an infinite square: sigma is a parameter of its own here and not profiled out
    score = Score(tuple(residuals), tuple(fixed), rate, np.inf, reml=False)
    units = parameters.units()
    m, extras = len(parameters), 1 if held is None else 2
    hessian = np.empty((m + extras, m + extras))
    hessian[:m, :m] = factorisation.curvature(units, score)
    hessian[m, :m] = hessian[:m, m] = rate * _along(units, squares)
    hessian[m, m] = rate * square
    gradient = np.empty(extras)
    gradient[0] = n - rate * square
    if held is not None:
        gradient[1] = 2.0 * rate * gap / norm
        hessian[m + 1, :m] = (2.0 * rate / norm) * _along(units, mixed)
        hessian[m + 1, m], hessian[m + 1, m + 1] = -gradient[1], 2.0 * rate / norm
        hessian[:-1, m + 1] = hessian[m + 1, :-1]
    value = factorisation.log_determinant + problem.constant
    value += n * (np.log(2.0 * np.pi) + log_variance) + rate * square
    return Deviance(float(value), tuple(slopes), gradient, hessian)


def _along(units: tuple[FloatArray, ...], matrices: list[FloatArray]) -> FloatArray:
    """Return tr(M E) along each unit direction E."""
    first, *others = (
        E.reshape(len(E), -1) @ M.ravel() for E, M in zip(units, matrices, strict=True)
    )
    return np.asarray(sum(others, first))
