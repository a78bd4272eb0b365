"""The criterion in 70 digits, from the rows as they are given, at a theta on the user's scale."""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from math import prod
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.model.matrices import ModelMatrices

DIGITS = 70
TWO_PI = 2 * Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628")
_exactly = np.frompyfunc(Decimal, 1, 1)
_rounded = np.frompyfunc(float, 1, 1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says at one theta; the criterion keeps all digits."""

    criterion: Decimal
    beta: FloatArray
    vcov: FloatArray
    sigma: float


@dataclass(frozen=True, slots=True)
class Extended:
    """[Z X y]'[Z X y] in 70 digits; the columns of Z term by term, a level's effects adjacent."""

    gram: AnyArray
    widths: tuple[int, ...]
    sizes: tuple[int, ...]
    p: int
    n: int
    log_weights: Decimal

    @classmethod
    def of(cls, given: ModelMatrices, kept: IntArray | None = None) -> "Extended":
        """Take the rows of these matrices and the columns of X that are `kept`."""
        with localcontext() as context:
            context.prec = DIGITS
            n = len(given.response)
            weights = _exactly(np.ones(n) if given.weights is None else given.weights)
            y = _exactly(given.response)
            if given.offset is not None:
                y = y - _exactly(given.offset)
            columns = [_exactly(given.columns[j]) for j in _kept(given, kept)]
            places: list[AnyArray] = []
            values: list[AnyArray] = []
            start = 0
            for term in given.random:
                k = len(term.columns)
                for a, column in enumerate(term.columns):
                    places.append(start + k * term.codes + a)
                    values.append(_exactly(np.array(column)))
                start += k * len(term.levels)
            for each in (*columns, y):
                places.append(np.full(n, start))
                values.append(each)
                start += 1
            gram = np.full((start, start), Decimal(0), dtype=object)
            for row, one in zip(places, values, strict=True):
                for column, two in zip(places, values, strict=True):
                    np.add.at(gram, (row, column), one * two * weights)
            return cls(
                gram=gram,
                widths=tuple(len(term.columns) for term in given.random),
                sizes=tuple(len(term.levels) for term in given.random),
                p=len(columns),
                n=n,
                log_weights=prod(weights, start=Decimal(1)).ln(),
            )

    def at(self, theta: AnyArray, *, reml: bool) -> Answer:
        """Evaluate by one Cholesky factorisation of the cross-products of [Z Lambda, X, y]."""
        with localcontext() as context:
            context.prec = DIGITS
            lower = _cholesky(self._scaled(theta))
            q, p = len(lower) - self.p - 1, self.p
            nu = self.n - p if reml else self.n
            pivots = np.diag(lower)
            square = lower[-1, -1] ** 2
            criterion = 2 * prod(pivots[:q], start=Decimal(1)).ln() - self.log_weights
            criterion += nu * (1 + (TWO_PI * square / nu).ln())
            if reml:
                criterion += 2 * prod(pivots[q:-1], start=Decimal(1)).ln()
            inverse = _inverse(lower[q:-1, q:-1])
            sigma2 = square / nu
            return Answer(
                criterion=criterion,
                beta=_float(inverse.T @ lower[-1, q:-1]),
                vcov=_float(sigma2 * (inverse.T @ inverse)),
                sigma=float(sigma2.sqrt()),
            )

    def _scaled(self, theta: AnyArray) -> AnyArray:
        gram = self.gram.copy()
        start = used = 0
        for k, J in zip(self.widths, self.sizes, strict=True):
            T = np.full((k, k), Decimal(0), dtype=object)
            for column in range(k):
                for row in range(column, k):
                    T[row, column] = Decimal(theta[used])
                    used += 1
            for _ in range(J):
                part = slice(start, start + k)
                gram[:, part] = gram[:, part] @ T
                gram[part, :] = T.T @ gram[part, :]
                start += k
        diagonal = np.arange(start)
        gram[diagonal, diagonal] += 1
        return gram

    def decrement(self, theta: FloatArray, *, reml: bool) -> float:
        """How far the criterion would still fall: half g'H^-1 g, by differences in 70 digits.

        Elements of theta that are zero are held. An indefinite Hessian gives infinity.
        """
        with localcontext() as context:
            context.prec = DIGITS
            free = np.flatnonzero(theta)
            centre = _exactly(np.asarray(theta, dtype=float))
            step = Decimal("1e-20") * abs(centre)
            steps = np.diag(step)[free]

            def value(at: AnyArray) -> Decimal:
                return self.at(at, reml=reml).criterion

            here = value(centre)
            ahead = [value(centre + s) for s in steps]
            behind = [value(centre - s) for s in steps]
            m = len(free)
            if not m:
                return 0.0
            gradient, hessian = np.empty(m), np.empty((m, m))
            unit = Decimal("1e-20")
            for i in range(m):
                gradient[i] = float((ahead[i] - behind[i]) / (2 * unit))
                hessian[i, i] = float((ahead[i] + behind[i] - 2 * here) / unit**2)
                for j in range(i):
                    both = value(centre + steps[i] + steps[j])
                    hessian[i, j] = hessian[j, i] = float(
                        (both - ahead[i] - ahead[j] + here) / unit**2
                    )
        scale = np.sqrt(np.abs(np.diag(hessian)))
        correlation = hessian / np.outer(scale, scale)
        if np.linalg.eigvalsh(correlation)[0] <= 0.0:
            return float("inf")
        return float(0.5 * (gradient / scale) @ np.linalg.solve(correlation, gradient / scale))


def _kept(given: ModelMatrices, kept: IntArray | None) -> Any:
    return range(len(given.columns)) if kept is None else kept


def _float(values: AnyArray) -> FloatArray:
    return np.asarray(_rounded(values), dtype=float)


def _cholesky(matrix: AnyArray) -> AnyArray:
    lower = np.full_like(matrix, Decimal(0))
    for j in range(len(matrix)):
        column = matrix[j:, j] - (lower[j:, :j] @ lower[j, :j] if j else Decimal(0))
        lower[j:, j] = column / column[0].sqrt()
    return lower


def _inverse(lower: AnyArray) -> AnyArray:
    inverse = np.full_like(lower, Decimal(0))
    for i in range(len(lower)):
        inverse[i, i] = 1 / lower[i, i]
        for j in range(i):
            inverse[i, j] = -(lower[i, j:i] @ inverse[j:i, j]) / lower[i, i]
    return inverse
