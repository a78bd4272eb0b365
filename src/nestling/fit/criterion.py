"""The profiled REML or ML criterion with its exact gradient and second derivatives."""

import math
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.structure import Factorisation, Score, Structure
from nestling.fit.theta_map import ThetaMap


@dataclass(frozen=True, slots=True)
class Problem:
    """A structure with what turns its factorisation into a criterion.

    Attributes
    ----------
    structure : Structure
    parameters : ThetaMap
    n, p : int
        Rows and fixed effects.
    reml : bool
    constant : float
        What the change of basis and the prior weights add to the criterion.
    """

    structure: Structure
    parameters: ThetaMap
    n: int
    p: int
    reml: bool
    constant: float

    @property
    def nu(self) -> int:
        """Degrees of freedom of the residual sum of squares."""
        return self.n - self.p if self.reml else self.n


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The criterion at one theta.

    Attributes
    ----------
    theta : (n_theta,) array
    criterion : float
        REML criterion or ML deviance; infinite where the factorisation fails.
    gradient, hessian : arrays
        Derivatives to theta; the Hessian may be the average information.
    slopes : tuple of (k, k) arrays
        Derivatives D to the relative covariance of each grouping factor.
    beta : (p,) array
        Fixed effects in the basis.
    unscaled : (p, p) array
        (X'V^-1 X)^-1 in the basis.
    square : float
        r^2.
    factorisation : Factorisation
    """

    theta: FloatArray
    criterion: float
    gradient: FloatArray
    hessian: FloatArray
    slopes: tuple[FloatArray, ...]
    beta: FloatArray
    unscaled: FloatArray
    square: float
    factorisation: Factorisation


def evaluate(problem: Problem, theta: FloatArray) -> Evaluation:
    """Evaluate the criterion and its derivatives.

    1. factorise V, 2. solve for beta and r^2, 3. sum up log-determinants, 4. derivatives to each
    Sigma, 5. chain rule to theta.

    Raises
    ------
    numpy.linalg.LinAlgError
        When V or X'V^-1 X is not numerically positive definite.
    """
    parameters, nu = problem.parameters, problem.nu
    roots = parameters.roots(theta)
    factorisation = problem.structure.factorise(roots)
    beta, square, root, criterion = profile(problem, factorisation)
    p, rate = problem.p, nu / square
    contrasts = np.zeros((p + 1, p + 1))
    contrasts[:p, :p] = root.T
    contrasts[p, :p] = -beta
    contrasts[p, p] = 1.0
    residuals, fixed, slopes = [], [], []
    for H, trace in zip(factorisation.ZVW, factorisation.traces(), strict=True):
        G = contrasts @ H
        e, X = G[:, p], G[:, :p]
        slope = trace - rate * (e @ e.T)
        if problem.reml:
            flat = X.reshape(len(X), X[0].size)
            slope -= flat @ flat.T
        residuals.append(e)
        fixed.append(X)
        slopes.append(slope)
    score = Score(tuple(residuals), tuple(fixed), rate, square, problem.reml)
    hessian = factorisation.curvature(parameters.directions(roots), score)
    parameters.add_second_derivative(hessian, tuple(slopes))
    return Evaluation(
        theta=theta,
        criterion=criterion,
        gradient=parameters.gradient(tuple(slopes), roots),
        hessian=hessian,
        slopes=tuple(slopes),
        beta=beta,
        unscaled=root @ root.T,
        square=square,
        factorisation=factorisation,
    )


def profile(
    problem: Problem, factorisation: Factorisation
) -> tuple[FloatArray, float, FloatArray, float]:
    """Profile beta and sigma out: beta, r^2, a root of (X'V^-1 X)^-1, and the criterion."""
    S, p, nu = factorisation.WVW, problem.p, problem.nu
    lower = np.linalg.cholesky(S)
    determinant = factorisation.log_determinant
    square = float(lower[p, p]) ** 2
    if not (square > 0.0 and math.isfinite(determinant)):
        raise np.linalg.LinAlgError("the criterion is not finite")
    root = np.linalg.inv(lower[:p, :p]).T
    criterion = determinant + problem.constant
    criterion += nu * (1.0 + math.log(2.0 * math.pi * square / nu))
    if problem.reml:
        criterion += 2.0 * sum(map(math.log, lower.diagonal()[:p].tolist()))
    return root @ lower[p, :p], square, root, criterion
