"""True or estimated values of a model's parameters, by name, on the scale people read."""

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nestling.arrays import FloatArray

if TYPE_CHECKING:
    from pandas import DataFrame, Series


class VarCorrRow(NamedTuple):
    """One row of the table of variances and covariances, with lme4's column names."""

    grp: str
    var1: str | None
    var2: str | None
    vcov: float
    sdcor: float


@dataclass(frozen=True, slots=True, eq=False)
class TermParameters:
    """The covariance matrix of one random-effects term.

    Attributes
    ----------
    group : str
        Grouping factor, as lme4 names it: 'Cluster', 'pupil:school'.
    names : tuple of str
        The k effects: '(Intercept)', 'X'.
    covariance : array (k, k)
        Variances and covariances.
    """

    group: str
    names: tuple[str, ...]
    covariance: FloatArray

    def __post_init__(self) -> None:
        self.covariance.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TermParameters):
            return NotImplemented
        return (self.group, self.names) == (other.group, other.names) and np.array_equal(
            self.covariance, other.covariance
        )

    def __hash__(self) -> int:
        return hash((self.group, self.names, self.covariance.tobytes()))


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """All parameters of a Gaussian multilevel model.

    A population holds its true values in this form and a fit its estimates, so that the two
    stand side by side.

    Attributes
    ----------
    names : tuple of str
        Coefficient names of the fixed effects, as lme4 gives them.
    beta : array (p,)
        Fixed effects.
    terms : tuple of TermParameters
        Random-effects terms, in the formula's order.
    residual : float
        Residual variance; NaN where the response's family has none.

    Examples
    --------
    >>> import numpy as np
    >>> term = TermParameters("Cluster", ("(Intercept)",), np.array([[5.0]]))
    >>> found = Parameters(("(Intercept)", "X"), np.array([2.0, 4.0]), (term,), 3.0)
    >>> found.varcorr_rows()[0]
    VarCorrRow(grp='Cluster', var1='(Intercept)', var2=None, vcov=5.0, sdcor=2.23606797749979)
    """

    names: tuple[str, ...]
    beta: FloatArray
    terms: tuple[TermParameters, ...]
    residual: float

    def __post_init__(self) -> None:
        self.beta.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameters):
            return NotImplemented
        return (
            self.names == other.names
            and np.array_equal(self.beta, other.beta)
            and self.terms == other.terms
            and np.array_equal(self.residual, other.residual, equal_nan=True)
        )

    def __hash__(self) -> int:
        # NaN has a hash of its own in every object
        residual = None if isnan(self.residual) else self.residual
        return hash((self.names, self.beta.tobytes(), self.terms, residual))

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return sqrt(self.residual)

    def fixed(self) -> "Series[float]":
        """Return the fixed effects by coefficient name."""
        import pandas as pd

        return pd.Series(self.beta.copy(), index=pd.Index(self.names, dtype=object))

    def varcorr_rows(self) -> list[VarCorrRow]:
        """Variances of each term, then its covariances, last the residual variance if there is one.

        Terms that share a grouping factor are told apart as lme4 does: 'g', 'g.1', ...
        """
        rows: list[VarCorrRow] = []
        groups = unique_names([term.group for term in self.terms])
        for group, term in zip(groups, self.terms, strict=True):
            matrix, names = term.covariance, term.names
            sds = np.sqrt(np.diag(matrix))
            for j, name in enumerate(names):
                rows.append(VarCorrRow(group, name, None, float(matrix[j, j]), float(sds[j])))
            for j, name in enumerate(names):
                for k in range(j + 1, len(names)):
                    scale = float(sds[j] * sds[k])
                    covariance = float(matrix[j, k])
                    correlation = covariance / scale if scale > 0 else nan
                    rows.append(VarCorrRow(group, name, names[k], covariance, correlation))
        if isnan(self.residual):
            return rows
        return [*rows, VarCorrRow("Residual", None, None, self.residual, self.sigma)]

    def varcorr(self) -> "DataFrame":
        """Return the same table as a DataFrame with lme4's columns grp, var1, var2, vcov, sdcor."""
        import pandas as pd

        return pd.DataFrame(self.varcorr_rows(), columns=list(VarCorrRow._fields))


def unique_names(groups: list[str]) -> list[str]:
    """Names made unique as R's make.unique does: the second 'g' is 'g.1'."""
    seen: dict[str, int] = {}
    unique = []
    for group in groups:
        count = seen.get(group, 0)
        unique.append(f"{group}.{count}" if count else group)
        seen[group] = count + 1
    return unique
