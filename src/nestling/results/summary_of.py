"""From a fitted model to its summary record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nestling.model.deparse_lines import deparse_lines
from nestling.results.coefficients import term_labels
from nestling.results.contrast_tests import fit_to_test, t_tests, uncertainty
from nestling.results.row_values import residuals
from nestling.results.summary import Effects, Summary

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit


METHODS = {
    "satterthwaite": "Satterthwaite's",
    "kenward-roger": "Kenward-Roger's",
    "asymptotic": "asymptotic",
}
"""What lmerTest's heading calls them."""


def summary_of(fit: LmerFit, ddf: str | None = None) -> Summary:
    """Collect what lme4's summary shows, with degrees of freedom if a method is named."""
    summary = _plain(fit if ddf is None else fit_to_test(fit, ddf))
    if ddf is None:
        return summary
    given = uncertainty(fit, ddf)
    tests = t_tests(given, np.eye(len(summary.beta)))
    return replace(
        summary,
        df=tests.df,
        p_values=tests.p_value,
        method=METHODS[tests.method],
        adjusted_se=tests.se if tests.method == "kenward-roger" else None,
    )


def _plain(fit: LmerFit) -> Summary:
    estimates, call = fit.estimates, fit.call
    effects = []
    for label, term in zip(term_labels(fit), fit.parameters.terms, strict=True):
        sd = np.sqrt(np.diag(term.covariance))
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = term.covariance / np.outer(sd, sd)
        np.fill_diagonal(correlation, 1.0)
        effects.append(Effects(label, term.names, sd, correlation))
    return Summary(
        reml=call.reml,
        formula_lines=tuple(deparse_lines(call.formula.tree)),
        data_name=call.data_name,
        weights=call.weights,
        offset=call.offset,
        criterion=fit.criterion,
        loglik=fit.loglik,
        aic=fit.aic,
        bic=fit.bic,
        df_residual=fit.df_residual,
        nobs=fit.nobs,
        scaled_residuals=residuals(fit, "scaled"),
        effects=tuple(effects),
        sigma=estimates.sigma,
        n_groups=fit.n_groups,
        names=fit.coefficient_names,
        beta=estimates.beta,
        vcov=estimates.vcov,
        remarks=remarks(fit),
    )


def remarks(fit: LmerFit) -> tuple[str, ...]:
    """Return lme4's remarks on the fixed-effects matrix.

    The second one is about lme4's arithmetic, not nestling's; it is shown because readers of
    lme4's summaries expect it.
    """
    lines = []
    if fit.dropped:
        plural = "s" if len(fit.dropped) > 1 else ""
        lines.append(
            "fixed-effect model matrix is rank deficient so dropping "
            f"{len(fit.dropped)} column{plural} / coefficient{plural}"
        )
    columns = [fit.matrices.columns[j] for j in fit.basis.kept]
    spreads = [np.std(x, ddof=1) for x in columns if not np.isin(x, (0.0, 1.0)).all()]
    logs = np.log([spread for spread in spreads if spread > 0])
    if len(logs) and max(np.abs(logs).max(), np.ptp(logs)) > np.log(1e3):
        lines.append("Some predictor variables are on very different scales: consider rescaling")
    return tuple(lines)
