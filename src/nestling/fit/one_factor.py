"""One grouping factor: V is block diagonal and each level a k x k problem of its own."""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.structure import Roots, Score
from nestling.linalg.stacked import (
    cholesky,
    congruence,
    crossproduct,
    log_determinant,
    multiply,
    solve_lower,
)


@dataclass(frozen=True, slots=True)
class OneFactor:
    """Levels of one grouping factor, those with equal Z'Z gathered in classes.

    Attributes
    ----------
    A : (k, k, U) array
        Z'Z of each class.
    B : (k, c, U, r) array
        Z'[X y] of r pseudo-levels per class that have the second moments of its levels.
    C : (c, c) array
        [X y]'[X y].
    counts : (U,) array or None
        Levels per class; None when every class is one level.
    """

    A: FloatArray
    B: FloatArray
    C: FloatArray
    counts: FloatArray | None

    exact = True

    def factorise(self, roots: Roots) -> "OneFactorFactorisation":
        """Factorise I + T'AT for every class."""
        (T,) = roots
        k, c = self.B.shape[:2]
        inner = congruence(T, self.A)
        inner[np.arange(k), np.arange(k)] += 1.0
        lower = cholesky(inner)
        V = solve_lower(lower, T.T[:, :, None])
        VA = multiply(V, self.A)
        VB = np.einsum("abu,bcur->acur", V, self.B)
        flat = VB.transpose(1, 0, 2, 3).reshape(c, -1)
        return OneFactorFactorisation(
            structure=self,
            log_determinant=log_determinant(lower, self.counts),
            V=V,
            K=self.A - crossproduct(VA, VA),
            WVW=self.C - flat @ flat.T,
            H=self.B - np.einsum("bau,bcur->acur", VA, VB),
        )


@dataclass(frozen=True, slots=True)
class OneFactorFactorisation:
    """See `nestling.fit.structure.Factorisation`; K = Z'V^-1 Z and H = Z'V^-1 [X y] by class."""

    structure: OneFactor
    log_determinant: float
    V: FloatArray
    K: FloatArray
    WVW: FloatArray
    H: FloatArray

    @property
    def ZVW(self) -> tuple[FloatArray, ...]:
        """Z'V^-1 [X y] of each pseudo-level."""
        return (self.H.reshape(*self.H.shape[:2], -1),)

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h of each pseudo-level."""
        k, m, _ = h[0].shape
        image = np.einsum("abu,bmur->amur", self.K, h[0].reshape(k, m, self.K.shape[2], -1))
        return (image.reshape(h[0].shape),)

    def traces(self) -> tuple[FloatArray, ...]:
        """Return the sum of K over levels."""
        counts = self.structure.counts
        return (self.K.sum(axis=2) if counts is None else self.K @ counts,)

    def curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        """Return the exact Hessian along symmetric directions E, F of Sigma.

        -tr KEKF + 2 tr(EKFU) - 2c v_E'N v_F - (c / r^2) s_E s_F - [REML] tr(N G_E N G_F), where
        U = c ee' + [REML] H_X N H_X' and v, s, G are the sums of H_X'Ee, e'Ee, H_X'EH_X.
        """
        (E,), (e,), (X,) = directions, score.residuals, score.fixed
        m, k = E.shape[:2]
        p = X.shape[1]
        counts = self.structure.counts
        K = self.K.reshape(k * k, -1)
        U = score.rate * e[:, None] * e[None, :]
        if score.reml:
            U += np.einsum("aij,bij->abj", X, X)
        U = U.reshape(k, k, K.shape[1], -1).sum(axis=3).reshape(k * k, -1)
        KK = ((K if counts is None else K * counts) @ K.T).reshape(k, k, k, k)
        KU = (K @ U.T).reshape(k, k, k, k)
        flat = E.reshape(m, k * k)
        # tr(K E K F) pairs K_ab E_bc K_cd F_da, and tr(E K F U) pairs E_ab K_bc F_cd U_da
        hessian = -flat @ KK.transpose(1, 2, 3, 0).reshape(k * k, -1) @ flat.T
        mixed = flat @ KU.transpose(3, 0, 1, 2).reshape(k * k, -1) @ flat.T
        hessian += mixed + mixed.T
        eX = X.reshape(k * p, X.shape[2])
        v = flat @ (eX @ e.T).reshape(k, p, k).transpose(0, 2, 1).reshape(k * k, p)
        s = flat @ (e @ e.T).reshape(k * k)
        hessian -= 2.0 * score.rate * v @ v.T + (score.rate / score.square) * np.outer(s, s)
        if score.reml:
            XX = (eX @ eX.T).reshape(k, p, k, p).transpose(0, 2, 1, 3).reshape(k * k, p * p)
            G = flat @ XX
            hessian -= G @ G.T
        return np.asarray(hessian)

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return T (I + T'AT)^-1 T' of each class."""
        return (crossproduct(self.V, self.V),)
