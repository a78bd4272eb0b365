"""One design, many responses: what the batched kernels of the structures have in common.

The replicates share Z'Z, Z'X and X'X; only Z'y, X'y and y'y are their own. Replicates stand
along the last axis of every array, so that each scalar step of a small matrix algorithm is one
vectorised operation.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.statistics.sufficient import FactorBlocks, SufficientStatistics

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class ResponseBlocks:
    """What R responses have of their own: Z'y per factor (k, J, R), X'y (p, R) and y'y (R,)."""

    Zy: tuple[FloatArray, ...]
    Xy: FloatArray
    yy: FloatArray

    def __len__(self) -> int:
        """Return the number of responses."""
        return len(self.yy)

    def statistics(self, design: SufficientStatistics, r: int) -> SufficientStatistics:
        """Return the sufficient statistics of one response."""
        WW = design.WW.copy()
        WW[:-1, -1] = WW[-1, :-1] = self.Xy[:, r]
        WW[-1, -1] = self.yy[r]
        factors = []
        for factor, Zy in zip(design.factors, self.Zy, strict=True):
            ZW = factor.ZW.copy()
            ZW[:, -1] = Zy[:, :, r]
            factors.append(FactorBlocks(factor.ZZ, ZW))
        return replace(design, WW=WW, factors=tuple(factors))


@dataclass(frozen=True, slots=True)
class BatchValue:
    """The criterion of R replicates, each at its own theta.

    Attributes
    ----------
    criterion, square : (R,) arrays
        Without the problem's constant; infinite where the factorisation fails.
    beta : (p, R) array
    unscaled : (p, p, R) array
        (X'V^-1 X)^-1.
    """

    criterion: FloatArray
    square: FloatArray
    beta: FloatArray
    unscaled: FloatArray


@dataclass(frozen=True, slots=True)
class BatchPoint:
    """The criterion of R replicates with its derivatives, each at its own theta.

    Attributes
    ----------
    theta, gradient : (m, R) arrays
    criterion : (R,) array
        Infinite where the factorisation fails.
    hessian : (m, m, R) array
    slopes : (m, R) array
        Derivatives to the elements of Sigma that stand where those of theta do: D_ab, which a
        symmetric pair of elements has twice.
    """

    theta: FloatArray
    criterion: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    slopes: FloatArray


@dataclass(frozen=True, slots=True)
class BatchSensitivity:
    """How the covariance matrices of the fixed effects move, and how far they may be off.

    Attributes
    ----------
    hessian : (m + 1, m + 1, R) array
        Of the criterion in theta and log sigma, sigma not profiled out.
    unscaled : (p, p, R) array
        N = (X'V^-1 X)^-1.
    grams : (m, p (p + 1) / 2, R) array
        X'V^-1 V_i V^-1 X, packed, with V_i the derivative of V to theta_i: N changes by N
        times it times N.
    """

    hessian: FloatArray
    unscaled: FloatArray
    grams: FloatArray


class BatchKernel(Protocol):
    """Evaluates the criterion of many responses to one design.

    Attributes
    ----------
    exact : bool
        Whether a point's Hessian is exact; otherwise it is the average information.
    """

    @property
    def exact(self) -> bool: ...  # noqa: D102  the class says it

    @property
    def cells(self) -> int:
        """Levels that each replicate works on: the size of its share of the cache."""
        ...

    def value(self, index: IntArray, theta: FloatArray) -> BatchValue:
        """Return the criterion of some replicates, each at its own theta, (m, len(index))."""
        ...

    def point(self, index: IntArray, theta: FloatArray) -> BatchPoint:
        """Return the criterion of some replicates with its derivatives."""
        ...

    def forms(self, index: IntArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return y'P Z E Z'P y for the elements E of Sigma, and y'P y, all at one theta (m, 1)."""
        ...

    def sensitivity(self, index: IntArray, theta: FloatArray) -> BatchSensitivity:
        """Return what degrees of freedom after Satterthwaite need."""
        ...


Batch = TypeVar("Batch", bound="DataclassInstance")
"""A record of arrays whose last axis is that of the replicates."""


def take(batch: Batch, index: IntArray) -> Batch:
    """Return some of the replicates."""
    return type(batch)(*(getattr(batch, f.name)[..., index] for f in fields(batch)))


def joined(parts: list[Batch]) -> Batch:
    """Return the replicates of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    return type(first)(
        *(np.concatenate([getattr(p, f.name) for p in parts], axis=-1) for f in fields(first))
    )


def in_pieces(
    evaluate: Callable[[IntArray, FloatArray], Batch], index: IntArray, theta: FloatArray, size: int
) -> Batch:
    """Evaluate some replicates, so many at a time.

    Where a theta has no criterion, infinities and NaN say so, without a warning.
    """
    starts = range(0, max(1, len(index)), size)
    with np.errstate(all="ignore"):
        return joined([evaluate(index[a : a + size], theta[:, a : a + size]) for a in starts])


def some(stack: FloatArray, index: IntArray) -> FloatArray:
    """Return some replicates of a stack, (..., R); neighbours are not copied."""
    if len(index) and index[-1] - index[0] + 1 == len(index):
        return stack[..., int(index[0]) : int(index[-1]) + 1]
    return stack[..., index]
