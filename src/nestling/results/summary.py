"""What lme4's summary shows, as a record; `summary_text` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """The random effects of one term.

    Attributes
    ----------
    label : str
        Grouping factor; its second term has the suffix .1.
    names : tuple of str
    sd : (k,) array
        Standard deviations.
    correlation : (k, k) array
    """

    label: str
    names: tuple[str, ...]
    sd: FloatArray
    correlation: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """The summary of a linear mixed model.

    `print` shows lme4's text; notebooks show tables.

    Attributes
    ----------
    reml : bool
    formula_lines : tuple of str
        The formula as R deparses it.
    data_name : str
    weights, offset : str or None
        How they were given.
    criterion, loglik, aic, bic : float
    df_residual, nobs : int
    scaled_residuals : (n,) array
    effects : tuple of Effects
    sigma : float
        Residual standard deviation.
    n_groups : dict
    names : tuple of str
        Coefficient names.
    beta : (p,) array
    vcov : (p, p) array
    df, p_values : (p,) arrays or None
        Of the t values, where a method for degrees of freedom was asked for.
    method : str
        That method as lmerTest names it: "Satterthwaite's" or "Kenward-Roger's".
    adjusted_se : (p,) array or None
        Standard errors where they are not those of `vcov` (Kenward-Roger).
    remarks : tuple of str
        What lme4 says about the fixed-effects matrix: columns dropped, scales far apart.
    messages : tuple of str
        What is said about the search for the optimum.
    optimizer : str
        Whose messages they are.
    """

    reml: bool
    formula_lines: tuple[str, ...]
    data_name: str
    weights: str | None
    offset: str | None
    criterion: float
    loglik: float
    aic: float
    bic: float
    df_residual: int
    nobs: int
    scaled_residuals: FloatArray
    effects: tuple[Effects, ...]
    sigma: float
    n_groups: dict[str, int]
    names: tuple[str, ...]
    beta: FloatArray
    vcov: FloatArray
    df: FloatArray | None = None
    p_values: FloatArray | None = None
    method: str = ""
    adjusted_se: FloatArray | None = None
    remarks: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    optimizer: str = ""

    @property
    def is_reml(self) -> bool:
        """Whether REML differs from maximum likelihood here: without fixed effects it does not."""
        return self.reml and len(self.beta) > 0

    @property
    def se(self) -> FloatArray:
        """Standard errors of the fixed effects."""
        if self.adjusted_se is not None:
            return self.adjusted_se
        return np.asarray(np.sqrt(np.diag(self.vcov)))

    @property
    def t_values(self) -> FloatArray:
        """Fixed effects divided by their standard errors."""
        return self.beta / self.se

    @property
    def coefficients(self) -> pd.DataFrame:
        """The table of fixed effects, with lme4's or lmerTest's columns."""
        import pandas as pd

        columns = {"Estimate": self.beta, "Std. Error": self.se}
        if self.df is not None:
            columns["df"] = self.df
        columns["t value"] = self.t_values
        if self.p_values is not None:
            columns["Pr(>|t|)"] = self.p_values
        return pd.DataFrame(columns, index=list(self.names))

    def __str__(self) -> str:
        """Return lme4's text."""
        from nestling.results.summary_text import summary_lines

        return "\n".join(summary_lines(self))

    def __repr__(self) -> str:
        """Return lme4's text, as R shows a summary that is named."""
        return str(self)

    def _repr_html_(self) -> str:
        from nestling.results.summary_html import summary_html

        return summary_html(self)

    def to_latex(self) -> str:
        """Return the tables of fixed and random effects in LaTeX (booktabs)."""
        from nestling.results.summary_tables import summary_latex

        return summary_latex(self)
