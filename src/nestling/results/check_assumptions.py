"""Checks of the assumptions: collinearity, equal spread, normality, reliable random effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.conditional_modes import conditional_variances
from nestling.results.finding import Finding, Verdict, said, said_p
from nestling.results.quantiles import standardised_modes
from nestling.results.spread_tests import normality, spread_by_group, spread_by_value
from nestling.results.vif import vif

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit

MUCH, TOO_MUCH = 5.0, 10.0
"""Squared GVIF^(1/(2 Df)) from which collinearity is worth a look, and from which it hurts."""
FEW_LEVELS = 10
"""Below this many levels a test of normality finds next to nothing."""


def collinearity(fit: LmerFit) -> list[Finding]:
    """Say which terms of the fixed effects inflate one another's standard errors."""
    terms = {fit.matrices.assign[j] for j in fit.basis.kept} - {0}
    if len(terms) < 2:
        return []
    inflation = vif(fit).iloc[:, 2] ** 2
    worst = float(inflation.max())
    term = str(inflation.idxmax())
    topic, test = "Collinearity", "largest GVIF^(1/Df)"
    if worst < MUCH:
        says = f"Terms hardly depend on one another: the largest inflation is {said(worst)}."
        return [Finding(topic, "fine", says, test, worst)]
    names = ", ".join(str(name) for name in inflation.index[inflation >= MUCH])
    says = (
        f"{names}: the variances of these coefficients are up to {said(worst)} times what they "
        f"would be if the terms were independent, most for {term}."
    )
    if any(":" in str(name) for name in inflation.index):
        says += " Products of predictors that are not centred do this without harm: centre them."
    else:
        says += " Their effects are hard to tell apart; the estimates together are not affected."
    verdict: Verdict = "look" if worst < TOO_MUCH else "problem"
    return [Finding(topic, verdict, says, test, worst)]


def residuals(fit: LmerFit, alpha: float) -> list[Finding]:
    """Say whether residuals spread alike in all clusters and at all heights, and are normal."""
    values = fit.residuals("studentised")
    seen: dict[str, None] = {}
    found = []
    for term in fit.matrices.random:
        if term.group in seen:
            continue
        seen[term.group] = None
        found.append(_by_group(values, term.codes, term.group, alpha))
    found.append(_by_fitted(values, fit.fitted, alpha))
    test = normality(values)
    topic = "Normal residuals"
    if np.isnan(test.p_value):
        says = "There are too few residuals that vary."
        return [*found, Finding(topic, "not tested", says, test.name)]
    tail = float(np.nanmax(np.abs(values)))
    if test.p_value >= alpha:
        verdict: Verdict = "fine"
        says = f"Residuals look normal ({test.name}, {said_p(test.p_value)})."
    else:
        verdict = "look"
        says = (
            f"Residuals are not normal ({test.name}, {said_p(test.p_value)}); the largest is "
            f"{said(tail)} SD out. Fixed effects bear this with many rows; intervals for "
            "variances and predictions do not. See the QQ plot: a few outliers, or a skew that "
            "a transformation would mend?"
        )
    return [*found, Finding(topic, verdict, says, test.name, test.statistic, test.p_value)]


def _by_group(values: FloatArray, codes: np.ndarray, group: str, alpha: float) -> Finding:
    test = spread_by_group(values, codes)
    topic = f"Equal spread by {group}"
    if np.isnan(test.p_value):
        says = f"Fewer than two levels of {group} have three rows: spread cannot be compared."
        return Finding(topic, "not tested", says, test.name)
    if test.p_value >= alpha:
        says = f"No clear sign of unequal spread ({test.name}, {said_p(test.p_value)})."
        return Finding(topic, "fine", says, test.name, test.statistic, test.p_value)
    says = (
        f"Residuals spread more in some levels than in others ({test.name}, "
        f"{said_p(test.p_value)}): their SDs go from {said(test.smallest)} to "
        f"{said(test.largest)} times the residual SD. Standard errors are an average over "
        "levels; a variance of its own for each kind of level would fit better."
    )
    return Finding(topic, "look", says, test.name, test.statistic, test.p_value)


def _by_fitted(values: FloatArray, fitted: FloatArray, alpha: float) -> Finding:
    test = spread_by_value(values, fitted)
    topic = "Equal spread by fitted value"
    if np.isnan(test.p_value):
        says = "All fitted values are the same."
        return Finding(topic, "not tested", says, test.name)
    if test.p_value >= alpha:
        says = f"No clear sign of unequal spread ({test.name}, {said_p(test.p_value)})."
        return Finding(topic, "fine", says, test.name, test.statistic, test.p_value)
    usable = np.isfinite(values)
    rises = float(np.corrcoef(values[usable] ** 2, fitted[usable])[0, 1]) > 0
    says = (
        f"Residuals spread {'more' if rises else 'less'} where fitted values are larger "
        f"({test.name}, {said_p(test.p_value)})."
    )
    if rises:
        says += " A logarithm or a root of the response may even it out."
    return Finding(topic, "look", says, test.name, test.statistic, test.p_value)


def modes(fit: LmerFit, alpha: float) -> list[Finding]:
    """Say of each random effect whether its modes look normal and how reliable they are."""
    found = []
    reliable = reliabilities(fit)
    for name, (values, levels) in standardised_modes(fit).items():
        spoken = " by ".join(name.rsplit("|", 1))
        topic = f"Normal {spoken}"
        test = normality(values)
        if np.isnan(reliable[name]) or np.isnan(test.p_value):
            says = "The variance is estimated as zero: there are no effects to look at."
            found.append(Finding(topic, "not tested", says))
            continue
        trust = f"Their mean reliability is {said(reliable[name], 2)}"
        trust += ": most of what tells levels apart is noise." if reliable[name] < 0.5 else "."
        if len(levels) < FEW_LEVELS:
            says = f"With {len(levels)} levels no test of normality would find much. {trust}"
            found.append(Finding(topic, "not tested", says))
        elif test.p_value >= alpha:
            says = f"Effects look normal ({test.name}, {said_p(test.p_value)}). {trust}"
            found.append(Finding(topic, "fine", says, test.name, test.statistic, test.p_value))
        else:
            says = (
                f"Effects are not normal ({test.name}, {said_p(test.p_value)}). Look for outlying "
                f"levels, or a predictor of theirs that is missing. {trust}"
            )
            found.append(Finding(topic, "look", says, test.name, test.statistic, test.p_value))
    return found


def reliabilities(fit: LmerFit) -> dict[str, float]:
    """Return per effect the mean over levels of 1 - conditional variance / variance.

    The share of a conditional mode's prior variance that the data have settled. NaN where the
    variance is zero.
    """
    solution = fit.solution
    blocks = conditional_variances(
        solution.problem, fit.statistics, solution.layout, fit.basis, solution.point, fit.sigma
    )
    found = {}
    for term, place, covariance in zip(
        fit.matrices.random, solution.layout.places, fit.estimates.covariances, strict=True
    ):
        for j, name in enumerate(term.names):
            own = blocks[place.factor][:, place.start + j, place.start + j]
            prior = float(covariance[j, j])
            zero = prior <= (1e-4 * fit.sigma) ** 2
            found[f"{name}|{term.group}"] = (
                float("nan") if zero else float(1.0 - own.mean() / prior)
            )
    return found
