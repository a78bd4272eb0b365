"""One grouping factor, many responses.

The effects of a level enter through W = T (I + T'AT)^-1 T' alone. What is summed over levels is
linear in W, or in a congruence of it, with weights that all replicates share: those sums are
matrix products. What is left for each level and replicate are scalar steps on k x k matrices.
"""

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import BatchPoint, BatchSensitivity, BatchValue, ResponseBlocks
from nestling.fit.batch_chain import Chain
from nestling.fit.batch_levels import (
    ByClass,
    ByLevel,
    Classes,
    LevelSums,
    congruent,
    second_moments,
)
from nestling.fit.criterion import Problem
from nestling.fit.theta_map import Entries
from nestling.linalg.packed import doubling, pack, pairs, places
from nestling.linalg.stacked import cholesky, solve_lower
from nestling.statistics.sufficient import SufficientStatistics


@dataclass(frozen=True, slots=True)
class OneFactorBatch:
    """What the replicates share, per class of levels with equal Z'Z or per level, and their own.

    Attributes
    ----------
    A : (s, U, 1) array
        Z'Z, packed.
    counts : (U,) array
        Levels per class.
    products : (s U, p (p + 1) / 2) array
        Half of (Z'X)_a (Z'X)_b' + (Z'X)_b (Z'X)_a', summed over each class.
    XX : (p, p, 1) array
    entries : Entries
    chain : Chain
    traces : (m m, s s) array
        From sums of K_x Y_y over levels to tr(E K F Y) for pairs of elements of Sigma.
    nu : int
    reml : bool
    sums : LevelSums
        The responses in the levels.
    Xy : (p, R) array
    yy : (R,) array
    """

    A: FloatArray
    counts: FloatArray
    products: FloatArray
    XX: FloatArray
    entries: Entries
    chain: Chain
    traces: FloatArray
    nu: int
    reml: bool
    sums: LevelSums
    Xy: FloatArray
    yy: FloatArray

    exact = True

    @classmethod
    def of(
        cls, problem: Problem, design: SufficientStatistics, responses: ResponseBlocks
    ) -> "OneFactorBatch":
        """Arrange a design with one grouping factor."""
        (factor,), (entries,), (Zy,) = design.factors, problem.parameters.entries, responses.Zy
        k, p, J = factor.width, design.n_fixed, factor.n_levels
        ZX = np.ascontiguousarray(factor.ZW[:, :-1])
        classes = Classes.of(factor.ZZ)
        if classes.pay(k, p):
            members = classes.members()
            A = factor.ZZ[:, :, [levels[0] for levels in members]]
            counts = classes.counts.astype(float)
            XX = np.stack([np.tensordot(ZX[..., j], ZX[..., j], (2, 2)) for j in members], axis=3)
        else:
            A, counts = factor.ZZ, np.ones(J)
            XX = np.einsum("acj,bdj->acbjd", ZX, ZX)
        # half of both orders of (a, b), which stand for each other in W
        both = 0.5 * (XX + XX.transpose(2, 1, 0, 3, 4))
        kept = np.empty((len(pairs(k)), len(counts), len(pairs(p))))
        for i, (a, b) in enumerate(pairs(k)):
            for j, (c, d) in enumerate(pairs(p)):
                kept[i, :, j] = both[a, c, b, :, d]
        products = kept.reshape(len(pairs(k)) * len(counts), len(pairs(p)))
        sums: LevelSums
        if len(counts) < J:
            Xy, yy = second_moments(Zy, ZX, members)
            sums = ByClass(XX.reshape(k * p * k * len(counts), p), products * doubling(p), Xy, yy)
        else:
            sums = ByLevel(ZX.transpose(0, 2, 1).reshape(k * J, p), Zy)
        return cls(
            A=pack(A)[:, :, None],
            counts=counts,
            products=products,
            XX=design.WW[:-1, :-1, None],
            entries=entries,
            chain=Chain.of(problem.parameters),
            traces=trace_weights(entries),
            nu=problem.nu,
            reml=problem.reml,
            sums=sums,
            Xy=responses.Xy,
            yy=responses.yy,
        )

    @property
    def cells(self) -> int:
        """See `BatchKernel`."""
        return len(self.counts)

    def value(self, index: IntArray, theta: FloatArray) -> BatchValue:
        """See `BatchKernel`."""
        sums = self.sums.take(index)
        return self._profile(sums, self._factorise(theta), index)[0]

    def point(self, index: IntArray, theta: FloatArray) -> BatchPoint:
        """See `BatchKernel`."""
        second = self._second(index, theta, fixed=self.reml)
        return BatchPoint(
            theta=theta,
            criterion=second.found.criterion,
            gradient=self.chain.gradient(theta, second.slopes),
            hessian=self.chain.hessian(theta, second.slopes, second.curvature),
            slopes=second.slopes,
        )

    def sensitivity(self, index: IntArray, theta: FloatArray) -> BatchSensitivity:
        """See `BatchKernel`."""
        second = self._second(index, theta, fixed=True)
        rate, m = self.nu / second.found.square, len(theta)
        free = second.curvature + (rate / second.found.square) * second.s[:, None] * second.s
        table = self.chain.jacobian(theta)
        hessian = np.empty((m + 1, m + 1, theta.shape[1]))
        hessian[:m, :m] = self.chain.hessian(theta, second.slopes, free)
        hessian[m, :m] = 2.0 * rate * np.einsum("imr,ir->mr", table, second.s)
        hessian[:m, m] = hessian[m, :m]
        hessian[m, m] = 4.0 * self.nu
        grams = np.einsum("imr,icr->mcr", table, second.G)
        return BatchSensitivity(hessian, second.found.unscaled, grams)

    def _second(self, index: IntArray, theta: FloatArray, *, fixed: bool) -> "_Second":
        """Second derivatives in Sigma; the formulas are those of `criterion` and `one_factor`.

        1. W = T (I + T'AT)^-1 T', 2. profile, 3. F = I - AW, K = FA and e = F Z'(y - X beta),
        4. slopes and curvature.
        """
        k, p, U, R = self.entries.width, len(self.XX), self.cells, theta.shape[1]
        sums = self.sums.take(index)
        factorised = self._factorise(theta)
        found, root = self._profile(sums, factorised, index)
        rate = self.nu / found.square
        F, K = self._marginal(factorised[1])
        rest = sums.rest(found.beta)
        ee = rest.spread(F)
        E = self._congruences(F)
        m = len(E)
        s = ee.sum(axis=1)
        Y = (2.0 * rate) * ee
        slopes = np.einsum("u,sur->sr", self.counts, K) - rate * s
        G = np.empty((m, len(pairs(p)), R))
        if fixed:
            np.matmul((self.products * self._doubled).T, E.reshape(m, -1, R), out=G)
        if self.reml:
            P = ((self.products * doubling(p)) @ pack(found.unscaled)).reshape(-1, U, R)
            spread = congruent(F, P)
            slopes -= spread.sum(axis=1)
            Y += 2.0 * spread
        Y -= self.counts[:, None] * K
        sums_KY = np.einsum("xur,yur->xyr", K, Y)
        curvature = (self.traces @ sums_KY.reshape(-1, R)).reshape(m, m, R)
        half = np.einsum("pqr,mqr->mpr", root, rest.image(E))
        curvature -= 2.0 * rate * np.einsum("mpr,npr->mnr", half, half)
        if self.reml:
            curvature -= _traces_of_products(G, root)
        at = places(k)[self.entries.row, self.entries.column]
        s = self.chain.doubled * s[at]
        curvature -= (rate / found.square) * s[:, None] * s
        return _Second(found, slopes[at], s, G, curvature)

    def forms(self, index: IntArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return y'P Z E Z'P y, (m, R), and y'P y, all at one theta (m, 1)."""
        sums, (log_determinant, W) = self.sums.take(index), self._factorise(theta)
        found, _ = self._profile(sums, (log_determinant, W), index)
        s = sums.rest(found.beta).spread(self._marginal(W)[0]).sum(axis=1)
        at = places(self.entries.width)[self.entries.row, self.entries.column]
        return self.chain.doubled * s[at], found.square

    @property
    def _doubled(self) -> FloatArray:
        """2 for the elements of W that stand for two, (s U, 1)."""
        return np.repeat(doubling(self.entries.width), self.cells)[:, None]

    def _factorise(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log |V| (R,) and W (s, U, R)."""
        k, R = self.entries.width, theta.shape[1]
        T = np.zeros((k, k, R))
        T[self.entries.row, self.entries.column] = theta[self.entries.position]
        A = self.A[:, :, 0].T
        lower = np.empty((k, k, len(A), R))
        for c, d in pairs(k):
            TT = np.stack(
                [T[a, c] * T[b, d] + (T[b, c] * T[a, d] if a != b else 0.0) for a, b in pairs(k)]
            )
            np.matmul(A, TT, out=lower[d, c])
        pivots = np.ones((len(A), R))
        V = np.empty((k, k, len(A), R))
        for i in range(k):
            for j in range(i + 1):
                entry = lower[i, j]
                for h in range(j):
                    entry -= lower[i, h] * lower[j, h]
                if i == j:
                    entry += 1.0
                    np.sqrt(entry, out=entry)
                    pivots *= entry
                else:
                    entry /= lower[j, j]
            for b in range(k):
                np.copyto(V[i, b], T[b, i])
                for h in range(i):
                    V[i, b] -= lower[i, h] * V[h, b]
                V[i, b] /= lower[i, i]
        W = np.empty((len(pairs(k)), len(A), R))
        for i, (a, b) in enumerate(pairs(k)):
            np.multiply(V[0, a], V[0, b], out=W[i])
            for h in range(1, k):
                W[i] += V[h, a] * V[h, b]
        return 2.0 * (self.counts @ np.log(pivots)), W

    def _marginal(self, W: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return F = I - AW, (k, k, U, R), and K = Z'V^-1 Z = FA, (s, U, R)."""
        k, A = self.entries.width, self.A
        at = places(k)
        F = np.empty((k, k, *W.shape[1:]))
        for a, b in np.ndindex(k, k):
            np.multiply(A[at[a, 0]], W[at[0, b]], out=F[a, b])
            for c in range(1, k):
                F[a, b] += A[at[a, c]] * W[at[c, b]]
            np.subtract(float(a == b), F[a, b], out=F[a, b])
        K = np.empty_like(W)
        for i, (a, b) in enumerate(pairs(k)):
            np.multiply(F[a, 0], A[at[0, b]], out=K[i])
            for c in range(1, k):
                K[i] += F[a, c] * A[at[c, b]]
        return F, K

    def _congruences(self, F: FloatArray) -> FloatArray:
        """Return F'EF for the elements E of Sigma, (m, s, U, R)."""
        k = len(F)
        table = np.empty((len(self.entries.row), len(pairs(k)), *F.shape[2:]))
        for E, c, d in zip(table, self.entries.row, self.entries.column, strict=True):
            for i, (a, b) in enumerate(pairs(k)):
                np.multiply(F[c, a], F[d, b], out=E[i])
                if c != d:
                    E[i] += F[d, a] * F[c, b]
        return table

    def _profile(
        self, sums: LevelSums, factorised: tuple[FloatArray, FloatArray], index: IntArray
    ) -> tuple[BatchValue, FloatArray]:
        """Profile beta and sigma out; also return the inverse root of X'V^-1 X."""
        p, nu = len(self.XX), self.nu
        log_determinant, W = factorised
        R = W.shape[2]
        taken = (self.products * self._doubled).T @ W.reshape(-1, R)
        S = np.empty((p, p, R))
        for each, (a, b) in zip(taken, pairs(p), strict=True):
            np.subtract(self.XX[a, b], each, out=S[a, b])
            S[b, a] = S[a, b]
        Xy, yy = sums.absorbed(W)
        root = cholesky(S)
        inverse = solve_lower(root, np.broadcast_to(np.eye(p)[:, :, None], S.shape))
        half = np.einsum("pqr,qr->pr", inverse, self.Xy[:, index] - Xy)
        square = self.yy[index] - yy - np.einsum("pr,pr->r", half, half)
        with np.errstate(invalid="ignore", divide="ignore"):
            criterion = log_determinant + nu * (1.0 + np.log(2.0 * np.pi * square / nu))
            if self.reml:
                criterion += 2.0 * np.log(np.einsum("ppr->pr", root)).sum(axis=0)
        found = BatchValue(
            criterion=np.where(np.isfinite(criterion), criterion, np.inf),
            square=square,
            beta=np.einsum("qpr,qr->pr", inverse, half),
            unscaled=np.einsum("qpr,qsr->psr", inverse, inverse),
        )
        return found, inverse


@dataclass(frozen=True, slots=True)
class _Second:
    """What derivatives are made of, at the elements of Sigma that theta has.

    Slopes D, sums s of e'Ee, packed sums G of (Z'V^-1 X)'E Z'V^-1 X, and second derivatives.
    """

    found: BatchValue
    slopes: FloatArray
    s: FloatArray
    G: FloatArray
    curvature: FloatArray


def _traces_of_products(G: FloatArray, root: FloatArray) -> FloatArray:
    """Return tr(N G_E N G_F), (m, m, R), with N = root' root and root lower triangular."""
    p = len(root)
    left = np.einsum("pqr,mqsr->mpsr", root, G[:, places(p)])
    inside = np.empty_like(G)
    for i, (a, b) in enumerate(pairs(p)):
        inside[:, i] = np.einsum("msr,sr->mr", left[:, a, : b + 1], root[b, : b + 1])
    return np.asarray(np.einsum("mir,nir->mnr", inside * doubling(p)[:, None], inside))


def trace_weights(entries: Entries) -> FloatArray:
    """Return the weights of K_x Y_y in tr(E K F Y) symmetrised in E and F, (m m, s s)."""
    k = entries.width
    at, m = places(k), len(entries.row)
    table = np.zeros((m, m, len(pairs(k)), len(pairs(k))))
    elements = [
        {(int(a), int(b)), (int(b), int(a))}
        for a, b in zip(entries.row, entries.column, strict=True)
    ]
    for e, f in np.ndindex(m, m):
        for a, b in elements[e]:
            for c, d in elements[f]:
                table[e, f, at[b, c], at[d, a]] += 0.5
                table[f, e, at[b, c], at[d, a]] += 0.5
    return table.reshape(m * m, -1)
