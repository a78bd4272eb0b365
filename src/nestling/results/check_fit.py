"""Checks of the fit itself: did the search arrive, is it singular, were columns dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.finding import Finding, said
from nestling.results.influence import components
from nestling.results.likelihood import SINGULAR

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit


def convergence(fit: LmerFit) -> Finding:
    """Say whether the search found an optimum."""
    found = fit.convergence
    slope = float(np.abs(found.gradient).max(initial=0.0))
    if found.status == "not converged":
        return Finding("Convergence", "problem", found.remedy, "largest slope", slope)
    where = " on the boundary of the parameter space" if "boundary" in found.status else ""
    plural = "" if found.evaluations == 1 else "s"
    says = f"The search found an optimum{where} in {found.evaluations} evaluation{plural}."
    return Finding("Convergence", "fine", says, "largest slope", slope)


def singularity(fit: LmerFit) -> Finding:
    """Say which variance is zero or which correlation is one."""
    roots = fit.estimates.roots
    smallest = min(float(np.diag(T).min()) for T in roots)
    if not fit.is_singular:
        says = "No variance is estimated as zero and no correlation as one."
        return Finding("Singularity", "fine", says, "smallest diagonal of theta", smallest)
    values = components(fit, fit.estimates)
    named = []
    for name, value in values.items():
        if name.startswith("sd_") and value < 10 * SINGULAR * fit.sigma:
            named.append(f"the variance of {_spoken(name)} is zero")
        elif name.startswith("cor_") and abs(value) > 1.0 - 1e-4:
            named.append(f"the correlation {_spoken(name)} is {said(round(value))}")
    what = "; ".join(named) or "the random effects of a term vary in fewer directions than it has"
    says = (
        f"The fit is singular: {what}. The data do not support the term as it stands: leave it "
        "out, or its correlations (||). Fixed effects and their standard errors remain usable."
    )
    return Finding("Singularity", "look", says, "smallest diagonal of theta", smallest)


def _spoken(name: str) -> str:
    effect, group = name.split("_", 1)[1].rsplit("|", 1)
    return f"{effect} by {group}"


def dropped(fit: LmerFit) -> list[Finding]:
    """Say which columns of X were dropped, if any."""
    if not fit.dropped:
        return []
    one = len(fit.dropped) == 1
    says = (
        f"X has less than full rank: {', '.join(fit.dropped)} "
        f"{'repeats' if one else 'repeat'} what other columns say and "
        f"{'was' if one else 'were'} dropped. Leave {'it' if one else 'them'} out of the formula."
    )
    return [Finding("Rank of X", "look", says, "columns dropped", float(len(fit.dropped)))]
