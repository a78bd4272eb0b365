"""What a response adds to the levels of one grouping factor.

Level by level, or gathered by classes of levels with equal Z'Z: then only the second moments of
Z'[X y] within each class count, which are fewer numbers when there are many more levels than
classes.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import some
from nestling.linalg.packed import pairs, places


class Rest(Protocol):
    """What is left of a response in the levels, r = Z'(y - X beta)."""

    def spread(self, F: FloatArray) -> FloatArray:
        """Return the sums over each class of F r (F r)', (s, U, R) for F of (k, k, U, R)."""
        ...

    def image(self, E: FloatArray) -> FloatArray:
        """Return the sums over all levels of (Z'X)'E r, (m, p, R) for E of (m, s, U, R)."""
        ...


class LevelSums(Protocol):
    """The sums that responses need."""

    def take(self, index: IntArray) -> "LevelSums":
        """Return those of some responses."""
        ...

    def absorbed(self, W: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the sums over levels of (Z'X)'W Z'y and (Z'y)'W Z'y for W of (s, U, R)."""
        ...

    def rest(self, beta: FloatArray) -> Rest:
        """Return what fixed effects (p, R) leave."""
        ...


@dataclass(frozen=True, slots=True)
class ByLevel:
    """Level by level.

    Attributes
    ----------
    BX : (k J, p) array
        Z'X.
    Zy : (k, J, R) array
    """

    BX: FloatArray
    Zy: FloatArray

    def take(self, index: IntArray) -> "ByLevel":
        """See `LevelSums`."""
        return ByLevel(self.BX, some(self.Zy, index))

    def absorbed(self, W: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `LevelSums`."""
        u = _times(W, self.Zy)
        return self.BX.T @ _flat(u), np.einsum("ajr,ajr->r", u, self.Zy)

    def rest(self, beta: FloatArray) -> "RestByLevel":
        """See `LevelSums`."""
        return RestByLevel(self.BX, self.Zy - (self.BX @ beta).reshape(self.Zy.shape))


@dataclass(frozen=True, slots=True)
class RestByLevel:
    """See `Rest`."""

    BX: FloatArray
    r: FloatArray

    def spread(self, F: FloatArray) -> FloatArray:
        """See `Rest`."""
        k = len(F)
        e = np.empty_like(self.r)
        for a in range(k):
            np.multiply(F[a, 0], self.r[0], out=e[a])
            for b in range(1, k):
                e[a] += F[a, b] * self.r[b]
        return np.stack([e[a] * e[b] for a, b in pairs(k)])

    def image(self, E: FloatArray) -> FloatArray:
        """See `Rest`."""
        z = np.empty((len(E), *self.r.shape))
        for each, out in zip(E, z, strict=True):
            _times(each, self.r, out)
        return np.asarray(np.matmul(self.BX.T, z.reshape(len(E), -1, z.shape[-1])))


@dataclass(frozen=True, slots=True)
class ByClass:
    """Gathered by classes.

    Attributes
    ----------
    XX : (k p k U, p) array
        Sums over each class of (Z'X)(Z'X)'.
    quadratic : (s U, p (p + 1) / 2) array
        What a product of two coefficients adds to the second moments of r.
    Xy : (k, p, k, U, R) array
        Sums over each class of (Z'X)(Z'y)'.
    yy : (s, U, R) array
        Sums over each class of Z'y (Z'y)'.
    """

    XX: FloatArray
    quadratic: FloatArray
    Xy: FloatArray
    yy: FloatArray

    def take(self, index: IntArray) -> "ByClass":
        """See `LevelSums`."""
        return ByClass(self.XX, self.quadratic, some(self.Xy, index), some(self.yy, index))

    def absorbed(self, W: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `LevelSums`."""
        k, p = self.Xy.shape[:2]
        Xy, yy = np.zeros((p, self.yy.shape[-1])), np.zeros(self.yy.shape[-1])
        for i, (a, b) in enumerate(pairs(k)):
            share = np.einsum("ur,ur->r", W[i], self.yy[i])
            Xy += np.einsum("ur,pur->pr", W[i], self.Xy[a, :, b])
            if a != b:
                Xy += np.einsum("ur,pur->pr", W[i], self.Xy[b, :, a])
            yy += share if a == b else 2.0 * share
        return Xy, yy

    def rest(self, beta: FloatArray) -> "RestByClass":
        """See `LevelSums`."""
        k, p, R = len(self.Xy), self.Xy.shape[1], self.Xy.shape[4]
        products = np.stack([beta[c] * beta[d] for c, d in pairs(p)]) if p else np.empty((0, R))
        rr = self.yy + (self.quadratic @ products).reshape(self.yy.shape)
        for i, (a, b) in enumerate(pairs(k)):
            rr[i] -= np.einsum("pur,pr->ur", self.Xy[a, :, b] + self.Xy[b, :, a], beta)
        Xr = self.Xy - (self.XX @ beta).reshape(self.Xy.shape)
        return RestByClass(Xr, rr)


@dataclass(frozen=True, slots=True)
class RestByClass:
    """See `Rest`: (Z'X) r' and r r' summed over each class."""

    Xr: FloatArray
    rr: FloatArray

    def spread(self, F: FloatArray) -> FloatArray:
        """See `Rest`."""
        return congruent(F, self.rr)

    def image(self, E: FloatArray) -> FloatArray:
        """See `Rest`."""
        k = len(self.Xr)
        sums = np.zeros((len(E), self.Xr.shape[1], self.Xr.shape[-1]))
        for i, (a, b) in enumerate(pairs(k)):
            both = self.Xr[a, :, b] if a == b else self.Xr[a, :, b] + self.Xr[b, :, a]
            sums += np.einsum("mur,pur->mpr", E[:, i], both)
        return sums


@dataclass(frozen=True, slots=True)
class Classes:
    """Levels with equal Z'Z.

    Attributes
    ----------
    order : (J,) array
        The levels class by class.
    counts : (U,) array
    """

    order: IntArray
    counts: IntArray

    @classmethod
    def of(cls, ZZ: FloatArray) -> "Classes":
        """Find the classes of (k, k, J) blocks; the same to the last digit is meant."""
        k, J = ZZ.shape[0], ZZ.shape[2]
        lower = np.ascontiguousarray(ZZ[np.tril_indices(k)].T)
        keys = lower.view(np.dtype((np.void, lower.dtype.itemsize * lower.shape[1]))).ravel()
        number = np.unique(keys, return_inverse=True)[1].reshape(J)
        return cls(np.argsort(number, kind="stable"), np.bincount(number))

    def members(self) -> list[IntArray]:
        """Return the levels of each class."""
        return np.split(self.order, np.cumsum(self.counts)[:-1])

    def pay(self, k: int, p: int) -> bool:
        """Whether moments of the classes are fewer numbers than the levels have."""
        return len(self.counts) * k * (k * p + k) < 0.7 * k * len(self.order)


def second_moments(
    Zy: FloatArray, ZX: FloatArray, members: list[IntArray]
) -> tuple[FloatArray, FloatArray]:
    """Return (Z'X)(Z'y)' (k, p, k, U, R) and Z'y (Z'y)' (s, U, R), summed over each class."""
    k, p, _ = ZX.shape
    R = Zy.shape[2]
    Xy = np.empty((k, p, k, len(members), R))
    yy = np.empty((len(pairs(k)), len(members), R))
    for u, levels in enumerate(members):
        y = Zy[:, levels]
        X = ZX[:, :, levels].reshape(k * p, len(levels))
        for b in range(k):
            Xy[:, :, b, u] = (X @ y[b]).reshape(k, p, R)
        for i, (a, b) in enumerate(pairs(k)):
            yy[i, u] = np.einsum("jr,jr->r", y[a], y[b])
    return Xy, yy


def congruent(F: FloatArray, S: FloatArray) -> FloatArray:
    """Return F S F' for stacks of matrices (k, k, ...) and packed symmetric ones (s, ...)."""
    k, at = len(F), places(len(F))
    FS = np.empty((k, k, *np.broadcast_shapes(F.shape[2:], S.shape[1:])))
    for a in range(k):
        for b in range(k):
            np.multiply(F[a, 0], S[at[0, b]], out=FS[a, b])
            for c in range(1, k):
                FS[a, b] += F[a, c] * S[at[c, b]]
    product = np.empty((S.shape[0], *FS.shape[2:]))
    for i, (a, b) in enumerate(pairs(k)):
        np.multiply(FS[a, 0], F[b, 0], out=product[i])
        for c in range(1, k):
            product[i] += FS[a, c] * F[b, c]
    return product


def _times(S: FloatArray, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Return packed symmetric matrices (s, ...) times vectors (k, ...)."""
    k = len(x)
    at = places(k)
    out = np.empty((k, *np.broadcast_shapes(S.shape[1:], x.shape[1:]))) if out is None else out
    for a in range(k):
        np.multiply(S[at[a, 0]], x[0], out=out[a])
        for b in range(1, k):
            out[a] += S[at[a, b]] * x[b]
    return out


def _flat(stack: FloatArray) -> FloatArray:
    return stack.reshape(stack.shape[0] * stack.shape[1], stack.shape[2])
