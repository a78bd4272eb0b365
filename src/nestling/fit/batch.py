"""One design, many responses: every replicate's criterion and derivatives in one sweep.

The replicates share Z'Z, Z'X and X'X; only Z'y, X'y and y'y are their own. Each step of the
one-factor kernel is carried out for all levels and replicates together, the replicates along
the last axis.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.theta_map import ThetaMap
from nestling.linalg.stacked import cholesky, crossproduct, multiply, solve_lower


@dataclass(frozen=True, slots=True)
class BatchDesign:
    """What the replicates share: one grouping factor, levels along the axis before the last.

    Attributes
    ----------
    A : (k, k, J, 1) array
        Z'Z.
    BX : (k, p, J, 1) array
        Z'X.
    XX : (p, p, 1) array
        X'X.
    parameters : ThetaMap
    n : int
        Rows.
    reml : bool
    """

    A: FloatArray
    BX: FloatArray
    XX: FloatArray
    parameters: ThetaMap
    n: int
    reml: bool

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.BX.shape[1])

    @property
    def nu(self) -> int:
        """Degrees of freedom of the residual sum of squares."""
        return self.n - self.p if self.reml else self.n


@dataclass(frozen=True, slots=True)
class Responses:
    """What each replicate has of its own.

    Attributes
    ----------
    Zy : (k, J, R) array
    Xy : (p, R) array
    yy : (R,) array
    """

    Zy: FloatArray
    Xy: FloatArray
    yy: FloatArray

    def take(self, index: IntArray) -> "Responses":
        """Return some of the replicates."""
        return Responses(self.Zy[:, :, index], self.Xy[:, index], self.yy[index])


@dataclass(frozen=True, slots=True)
class BatchPoint:
    """Criterion and derivatives of R replicates, each at its own theta.

    Attributes
    ----------
    theta, gradient : (m, R) arrays
    criterion, square : (R,) arrays
        Infinite where the factorisation fails.
    hessian : (m, m, R) array
    slopes : (k, k, R) array
    beta : (p, R) array
    unscaled : (p, p, R) array
        (X'V^-1 X)^-1.
    """

    theta: FloatArray
    criterion: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    slopes: FloatArray
    beta: FloatArray
    unscaled: FloatArray
    square: FloatArray


def evaluate_batch(design: BatchDesign, responses: Responses, theta: FloatArray) -> BatchPoint:
    """Evaluate all replicates: the steps and formulas of `criterion` and `one_factor`."""
    k, p, nu = design.A.shape[0], design.p, design.nu
    T = _roots(design.parameters, theta)
    # 1. factorise I + T'AT
    AT = np.einsum("abju,bcr->acjr", design.A, T)
    inner = np.einsum("abr,acjr->bcjr", T, AT)
    inner[np.arange(k), np.arange(k)] += 1.0
    lower = cholesky(inner)
    log_determinant = 2.0 * sum(np.log(lower[i, i]).sum(axis=0) for i in range(k))
    V = solve_lower(lower, T.transpose(1, 0, 2)[:, :, None, :])
    VX = np.einsum("abjr,bpju->apjr", V, design.BX)
    Vy = np.einsum("abjr,bjr->ajr", V, responses.Zy)
    # 2. profile beta and sigma out
    SXX = design.XX - np.einsum("apjr,aqjr->pqr", VX, VX)
    SXy = responses.Xy - np.einsum("apjr,ajr->pr", VX, Vy)
    Syy = responses.yy - np.einsum("ajr,ajr->r", Vy, Vy)
    root_X = cholesky(SXX)
    identity = np.broadcast_to(np.eye(p)[:, :, None], SXX.shape)
    inverse = solve_lower(root_X, identity)
    half = np.einsum("pqr,qr->pr", inverse, SXy)
    beta = np.einsum("qpr,qr->pr", inverse, half)
    square = Syy - np.einsum("pr,pr->r", half, half)
    with np.errstate(invalid="ignore", divide="ignore"):
        criterion = log_determinant + nu * (1.0 + np.log(2.0 * np.pi * square / nu))
        if design.reml:
            criterion += 2.0 * sum(np.log(root_X[i, i]) for i in range(p))
    criterion = np.where(np.isfinite(criterion), criterion, np.inf)
    # 3. Z'V^-1 Z, Z'V^-1 X R and Z'V^-1 (y - X beta)
    VA = np.einsum("abjr,bcju->acjr", V, design.A)
    K = design.A - crossproduct(VA, VA)
    X = multiply(design.BX - crossproduct(VA, VX), inverse.transpose(1, 0, 2)[:, :, None, :])
    Hy = responses.Zy - np.einsum("bajr,bjr->ajr", VA, Vy)
    e = Hy - np.einsum("apjr,pr->ajr", X, half)
    rate = nu / square
    # 4. slopes and second derivatives in Sigma, 5. chain rule to theta
    U = rate * np.einsum("ajr,bjr->abjr", e, e)
    if design.reml:
        U += np.einsum("apjr,bpjr->abjr", X, X)
    slopes = K.sum(axis=2) - U.sum(axis=2)
    curvature = _curvature(design.reml, K, U, X, e, rate, square)
    gradient, hessian = _chain(design.parameters, T, slopes, curvature)
    return BatchPoint(
        theta=theta,
        criterion=criterion,
        gradient=gradient,
        hessian=hessian,
        slopes=slopes,
        beta=beta,
        unscaled=np.einsum("qpr,qsr->psr", inverse, inverse),
        square=square,
    )


def _roots(parameters: ThetaMap, theta: FloatArray) -> FloatArray:
    """T of every replicate, (k, k, R)."""
    (entries,) = parameters.entries
    T = np.zeros((entries.width, entries.width, theta.shape[1]))
    T[entries.row, entries.column] = theta[entries.position]
    return T


def _curvature(
    reml: bool,
    K: FloatArray,
    U: FloatArray,
    X: FloatArray,
    e: FloatArray,
    rate: FloatArray,
    square: FloatArray,
) -> FloatArray:
    """Second derivatives along pairs of unsymmetrised directions of Sigma, (k, k, k, k, R)."""
    KU = np.einsum("bcjr,dajr->abcdr", K, U)
    tensor = KU + np.einsum("abcdr->cdabr", KU) - np.einsum("dajr,bcjr->abcdr", K, K)
    v = np.einsum("apjr,bjr->abpr", X, e)
    v = 0.5 * (v + v.transpose(1, 0, 2, 3))
    s = np.einsum("ajr,bjr->abr", e, e)
    tensor -= 2.0 * rate * np.einsum("abpr,cdpr->abcdr", v, v)
    tensor -= (rate / square) * np.einsum("abr,cdr->abcdr", s, s)
    if reml:
        G = np.einsum("apjr,bqjr->abpqr", X, X)
        tensor -= np.einsum("abpqr,cdpqr->abcdr", G, G)
    return np.asarray(tensor)


def _chain(
    parameters: ThetaMap, T: FloatArray, slopes: FloatArray, tensor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """From derivatives in Sigma to the gradient (m, R) and the Hessian (m, m, R) in theta."""
    (entries,) = parameters.entries
    k, R = T.shape[0], T.shape[2]
    DT = np.einsum("abr,bcr->acr", slopes, T)
    gradient = 2.0 * DT[entries.row, entries.column]
    half = np.zeros((len(parameters), k, k, R))
    half[entries.position, entries.row] = T.transpose(1, 0, 2)[entries.column]
    E = (half + half.transpose(0, 2, 1, 3)).reshape(len(parameters), k * k, R)
    hessian = np.einsum(
        "mxr,xyr,nyr->mnr", E, tensor.reshape(k * k, k * k, R), E, optimize=_CHAIN_PATH
    )
    second = 2.0 * slopes[entries.row[:, None], entries.row]
    return gradient, hessian + second * entries.same_column[:, :, None]


_CHAIN_PATH = ["einsum_path", (0, 1), (0, 1)]
