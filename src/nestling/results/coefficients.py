"""Fixed effects and variance components with their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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


def varcorr(fit: LmerFit) -> pd.DataFrame:
    """Return variances and covariances as `as.data.frame(VarCorr(fit))` orders them.

    Per term the variances, then the covariances by columns of the lower triangle; last the
    residual. `sdcor` is an SD in rows of variances and a correlation in rows of covariances.
    """
    import pandas as pd

    estimates = fit.estimates
    rows: list[tuple[str, str | None, str | None, float, float]] = []
    for label, term, covariance in zip(
        term_labels(fit), fit.matrices.random, estimates.covariances, strict=True
    ):
        sd = np.sqrt(np.diag(covariance))
        rows += [
            (label, name, None, float(covariance[i, i]), float(sd[i]))
            for i, name in enumerate(term.names)
        ]
        for j in range(len(sd)):
            for i in range(j + 1, len(sd)):
                product = sd[i] * sd[j]
                correlation = covariance[i, j] / product if product > 0 else np.nan
                rows.append(
                    (label, term.names[j], term.names[i], float(covariance[i, j]), correlation)
                )
    sigma = estimates.sigma
    rows.append(("Residual", None, None, sigma**2, sigma))
    return pd.DataFrame(rows, columns=["grp", "var1", "var2", "vcov", "sdcor"])


def term_labels(fit: LmerFit) -> list[str]:
    """Name the terms as lme4 does: a grouping factor's second term gets the suffix .1."""
    seen: dict[str, int] = {}
    labels = []
    for term in fit.matrices.random:
        count = seen.get(term.group, 0)
        seen[term.group] = count + 1
        labels.append(f"{term.group}.{count}" if count else term.group)
    return labels
