"""Estimates with their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.model.parameters import Parameters, TermParameters, unique_names

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


def fixef(fit: LmerFit) -> pd.Series[float]:
    """Return the fixed effects by name."""
    import pandas as pd

    return pd.Series(fit.estimates.beta, index=list(fit.coefficient_names), name="fixef")


def standard_errors(fit: LmerFit) -> pd.Series[float]:
    """Return the standard errors of the fixed effects by name."""
    import pandas as pd

    values = np.sqrt(np.diag(fit.estimates.vcov))
    return pd.Series(values, index=list(fit.coefficient_names), name="se")


def vcov(fit: LmerFit) -> pd.DataFrame:
    """Return the covariance matrix of the fixed effects."""
    import pandas as pd

    names = list(fit.coefficient_names)
    return pd.DataFrame(fit.estimates.vcov, index=names, columns=names)


def parameters(fit: LmerFit) -> Parameters:
    """Return the estimates in the form in which a population holds its true values."""
    estimates = fit.estimates
    return Parameters(
        names=fit.coefficient_names,
        beta=estimates.beta,
        terms=tuple(
            TermParameters(term.group, term.names, covariance)
            for term, covariance in zip(fit.matrices.random, estimates.covariances, strict=True)
        ),
        residual=estimates.sigma**2,
    )


def term_labels(fit: LmerFit) -> list[str]:
    """Name the terms as lme4 does: a grouping factor's second term gets the suffix .1."""
    return unique_names([term.group for term in fit.matrices.random])
