"""One row per estimate, one row per model: broom.mixed's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.coefficients import term_labels

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


def tidy(fit: LmerFit, *, conf_int: bool, level: float) -> pd.DataFrame:
    """Return the estimates; see `LmerFit.tidy`."""
    import pandas as pd

    estimates = fit.estimates
    se = np.sqrt(np.diag(estimates.vcov))
    rows: list[tuple[str, str | None, str, float, float, float]] = [
        ("fixed", None, name, float(b), float(s), float(b / s))
        for name, b, s in zip(fit.coefficient_names, estimates.beta, se, strict=True)
    ]
    nan = float("nan")
    for label, term in zip(term_labels(fit), fit.parameters.terms, strict=True):
        sd = np.sqrt(np.diag(term.covariance))
        for i, name in enumerate(term.names):
            rows.append(("ran_pars", label, f"sd__{name}", float(sd[i]), nan, nan))
            for j in range(i + 1, len(sd)):
                product = sd[i] * sd[j]
                value = float(term.covariance[i, j] / product) if product > 0 else nan
                rows.append(("ran_pars", label, f"cor__{name}.{term.names[j]}", value, nan, nan))
    rows.append(("ran_pars", "Residual", "sd__Observation", estimates.sigma, nan, nan))
    columns = ["effect", "group", "term", "estimate", "std.error", "statistic"]
    table = pd.DataFrame(rows, columns=columns)
    if conf_int:
        limits = fit.confint("beta_", level=level, method="wald").to_numpy()
        padding = np.full((len(table) - len(limits), 2), np.nan)
        table[["conf.low", "conf.high"]] = np.vstack([limits, padding])
    return table


def glance(fit: LmerFit) -> pd.DataFrame:
    """Return one row about the model; see `LmerFit.glance`."""
    import pandas as pd

    return pd.DataFrame(
        {
            "nobs": [fit.nobs],
            "sigma": [fit.sigma],
            "logLik": [fit.loglik],
            "AIC": [fit.aic],
            "BIC": [fit.bic],
            "REMLcrit" if fit.reml else "deviance": [fit.criterion],
            "df.residual": [fit.df_residual],
        }
    )
