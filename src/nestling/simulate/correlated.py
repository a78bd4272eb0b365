"""Predictors that are correlated: a Gaussian copula over what each of them is."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.errors import ArgumentError, ArgumentTypeError, PopulationError
from nestling.model.spreads import Cov, number
from nestling.model.spreads import corr as spreads_and_correlations
from nestling.simulate.clustered import Clustered, Marginal
from nestling.simulate.given import Labels
from nestling.simulate.marginals import Normal


@dataclass(frozen=True, slots=True)
class Correlation:
    """Predictors drawn together: their names, what each is, the correlations of their scores."""

    names: tuple[str, ...]
    members: tuple[Marginal | Clustered, ...]
    matrix: tuple[tuple[float, ...], ...]

    @property
    def correlations(self) -> FloatArray:
        """The matrix as an array."""
        return np.array(self.matrix)


@dataclass(frozen=True, slots=True)
class Joint:
    """One of the predictors of a correlation."""

    own: Marginal | Clustered
    position: int
    group: Correlation = field(repr=False)

    @property
    def level(self) -> str | None:
        """Level of its values."""
        return self.own.level

    @property
    def distinct(self) -> int:
        """How many values it takes to show what it can be."""
        return self.own.distinct

    def prototype(self, n: int) -> AnyArray | Labels:
        """Make n values that stand for all, without chance."""
        return self.own.prototype(n)

    def __str__(self) -> str:
        pairs = zip(self.group.names, self.group.matrix[self.position], strict=True)
        others = [f"{r:g} with {name}" for i, (name, r) in enumerate(pairs) if i != self.position]
        return f"{self.own}, correlated {', '.join(others)}"


def correlated(corr: Any = None, *, cov: Any = None, **predictors: Any) -> dict[str, Joint]:
    """Describe predictors that are correlated, by a Gaussian copula.

    Parameters
    ----------
    corr : float or matrix
        Correlation of every pair, or their matrix in the order given. It is the correlation of
        the predictors' normal scores, which for two normal predictors is their own correlation.
        Parts are correlated level by level: two predictors with `icc=` in both their between
        and within parts, a Level-2 predictor with the between part of a Level-1 one.
    cov : matrix
        For normal predictors instead: their covariances, whose diagonal are the variances the
        predictors state.
    **predictors
        Names with what each is.

    Returns
    -------
    dict
        To be used as `predictors=`, or among others: `{"Z": ..., **nl.correlated(...)}`.

    Examples
    --------
    >>> import nestling as nl
    >>> print(nl.correlated(X1=nl.normal(0, 1), X2=nl.gamma(2, 1), corr=0.3)["X1"])
    nl.normal(0, 1), correlated 0.3 with X2
    """
    names = tuple(predictors)
    k = len(names)
    if k < 2:
        raise ArgumentError(f"nl.correlated() has {k} predictor(s); at least two are correlated.")
    for name, each in predictors.items():
        if not isinstance(each, Marginal | Clustered):
            raise ArgumentTypeError(
                f"nl.correlated() describes {name!r} by {each!s}; expected a distribution such as "
                "nl.normal(0, 1)."
            )
    if (corr is None) == (cov is None):
        raise ArgumentError("nl.correlated() takes corr=, or cov= for normal predictors, not both.")
    matrix = _from_covariances(predictors, cov) if corr is None else _matrix(corr, k)
    group = Correlation(names, tuple(predictors.values()), tuple(map(tuple, matrix.tolist())))
    return {name: Joint(each, i, group) for i, (name, each) in enumerate(predictors.items())}


def _matrix(corr: Any, k: int) -> FloatArray:
    if np.ndim(corr) == 0:
        r = number(corr, "nl.correlated(): corr")
        if not -1 / (k - 1) <= r <= 1:
            raise PopulationError(
                f"nl.correlated(): corr={r:g}; a correlation shared by {k} predictors is between "
                f"-1/({k} - 1) = {-1 / (k - 1):g} and 1."
            )
        return np.where(np.eye(k) > 0, 1.0, r)
    found = np.array(corr, dtype=np.float64)
    if found.shape != (k, k):
        raise PopulationError(
            f"nl.correlated(): corr= has shape {found.shape}; {k} predictors need ({k}, {k})."
        )
    return spreads_and_correlations([1.0] * k, found).covariance


def _from_covariances(predictors: dict[str, Any], cov: Any) -> FloatArray:
    covariance = Cov(tuple(map(tuple, np.array(cov, dtype=np.float64).tolist()))).covariance
    if covariance.shape[0] != len(predictors):
        raise PopulationError(
            f"nl.correlated(): cov= has {covariance.shape[0]} rows for {len(predictors)} "
            "predictors."
        )
    for name, each, variance in zip(
        predictors, predictors.values(), np.diag(covariance), strict=True
    ):
        base = each.base if isinstance(each, Clustered) else each
        if not isinstance(base, Normal):
            raise PopulationError(
                f"nl.correlated(): cov= is for normal predictors, but {name!r} is {each}; "
                "give corr=."
            )
        if abs(base.sd**2 - variance) > 1e-9 * max(variance, 1e-300):
            raise PopulationError(
                f"nl.correlated(): cov= gives {name!r} the variance {variance:g}, but {base} has "
                f"{base.sd:g}^2 = {base.sd**2:g}."
            )
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))
