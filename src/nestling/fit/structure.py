"""What the criterion asks of a structure of grouping factors: one small kernel for each."""

from dataclasses import dataclass
from typing import Protocol

from nestling.arrays import FloatArray

Roots = tuple[FloatArray, ...]
"""The relative covariance factor T of each grouping factor, (k, k)."""


@dataclass(frozen=True, slots=True)
class Score:
    """What the response says at a point, in the form that second derivatives need.

    Attributes
    ----------
    residuals : tuple of (k, J) arrays
        e = Z'V^-1 (y - X beta) per grouping factor.
    fixed : tuple of (k, p, J) arrays
        Z'V^-1 X R with R R' = (X'V^-1 X)^-1.
    rate : float
        nu / r^2, the reciprocal of the residual variance.
    square : float
        r^2, the penalised residual sum of squares.
    reml : bool
    """

    residuals: tuple[FloatArray, ...]
    fixed: tuple[FloatArray, ...]
    rate: float
    square: float
    reml: bool


class Factorisation(Protocol):
    """V = I + Z Sigma Z' factorised at one point; V^-1 is never formed.

    Attributes
    ----------
    log_determinant : float
        log |V|.
    WVW : (p + 1, p + 1) array
        [X y]'V^-1 [X y].
    ZVW : tuple of (k, p + 1, J) arrays
        Z_j'V^-1 [X y] per grouping factor.
    """

    @property
    def log_determinant(self) -> float: ...  # noqa: D102  the class says it
    @property
    def WVW(self) -> FloatArray: ...  # noqa: D102
    @property
    def ZVW(self) -> tuple[FloatArray, ...]: ...  # noqa: D102

    def apply(self, h: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """Return Z'V^-1 Z h, (k, m, J) per grouping factor like h; levels as in `ZVW`."""
        ...

    def traces(self) -> tuple[FloatArray, ...]:
        """Return the sum over levels of Z_j'V^-1 Z_j, (k, k) per grouping factor."""
        ...

    def curvature(self, directions: tuple[FloatArray, ...], score: Score) -> FloatArray:
        """Return the second derivatives of the criterion along directions of Sigma."""
        ...

    def conditional_covariances(self) -> tuple[FloatArray, ...]:
        """Return the relative conditional covariance (k, k, J) of each level's effects."""
        ...


class Structure(Protocol):
    """The sufficient statistics, arranged so that V is cheap to factorise."""

    @property
    def exact(self) -> bool:
        """Whether `curvature` is the Hessian; otherwise it is the average information."""
        ...

    def factorise(self, roots: Roots) -> Factorisation:
        """Factorise V at these T."""
        ...
