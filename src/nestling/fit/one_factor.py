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
from nestling.statistics.sufficient import SufficientStatistics


@dataclass(frozen=True, slots=True)
class OneFactor:
    """Levels of one grouping factor, those with equal Z'Z gathered in classes.

    Attributes
    ----------
    A : (k, k, U) array
        Z'Z of each class.
    B : (k, c, r, U) array
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

    @classmethod
    def of(cls, statistics: SufficientStatistics) -> "OneFactor":
        """Arrange statistics of one factor level by level, without gathering equal ones."""
        (factor,) = statistics.factors
        return cls(factor.ZZ, factor.ZW[:, :, None], statistics.WW, None)

    def factorise(self, roots: Roots) -> "OneFactorFactorisation":
        """Factorise I + T'AT for every class."""
        (T,) = roots
        k, c, r, U = self.B.shape
        inner = congruence(T, self.A)
        for i in range(k):
            inner[i, i] += 1.0
        lower = cholesky(inner)
        V = solve_lower(lower, T.T[:, :, None])
        both = np.concatenate([self.A, self.B.reshape(k, c * r, U)], axis=1)
        half = multiply(V, both)
        both -= crossproduct(half[:, :k], half)
        flat = half[:, k:].reshape(k, c, r * U).transpose(1, 0, 2).reshape(c, k * r * U)
        return OneFactorFactorisation(
            structure=self,
            log_determinant=log_determinant(lower, self.counts),
            V=V,
            K=both[:, :k],
            WVW=self.C - flat @ flat.T,
            H=both[:, k:].reshape(k, c, r * U),
        )


@dataclass(frozen=True, slots=True)
class OneFactorFactorisation:
    """See `nestling.fit.structure.Factorisation`; K = Z'V^-1 Z by class."""

    structure: OneFactor
    log_determinant: float
    V: FloatArray
    K: FloatArray
    WVW: FloatArray
    H: FloatArray

    @property
    def ZVW(self) -> tuple[FloatArray, ...]:
        """Z'V^-1 [X y] of each pseudo-level."""
        return (self.H,)

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h of each pseudo-level."""
        k, m, _ = h[0].shape
        image = np.einsum("abu,bmru->amru", self.K, h[0].reshape(k, m, -1, self.K.shape[2]))
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
        counts = self.structure.counts
        # in this scale every term is a product: rows of X times R, then e times the root of c
        G = np.concatenate([X, np.sqrt(score.rate) * e[:, None]], axis=1)
        width, levels = G.shape[1:]
        said = G if score.reml else G[:, -1:]
        U = np.einsum("aij,bij->abj", said, said).reshape(k * k, -1, self.K.shape[2]).sum(axis=1)
        K = self.K.reshape(k * k, -1)
        C = (K if counts is None else K * counts) - 2.0 * U
        # tr(K E C F) pairs K_ab E_bc C_cd F_da
        pairs = (K @ C.T).reshape(k, k, k, k).transpose(1, 2, 3, 0).reshape(k * k, k * k)
        flat = E.reshape(m, k * k)
        traces = flat @ pairs @ flat.T
        G = G.reshape(k * width, levels)
        sums = (G @ G.T).reshape(k, width, k, width).transpose(0, 2, 1, 3)
        products = (flat @ sums.reshape(k * k, width * width)).reshape(m, width, width)
        nu = score.rate * score.square
        products[:, -1, -1] *= 1.0 / np.sqrt(nu) if nu > 0.0 else 0.0
        if not score.reml:
            products[:, :-1, :-1] = 0.0
        flat = products.reshape(m, width * width)
        return np.asarray(-0.5 * (traces + traces.T) - flat @ flat.T)

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return T (I + T'AT)^-1 T' of each class."""
        return (crossproduct(self.V, self.V),)
