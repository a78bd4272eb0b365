"""A truth whose response is not normal, on every scale: those of the link, and the mean of y."""

from math import isnan, nan
from typing import TYPE_CHECKING

from nestling.design.design import Design
from nestling.errors import PopulationError
from nestling.model.families_means import Binomial
from nestling.model.scales import INTERCEPT
from nestling.simulate.column_moments import Moments, moments_of
from nestling.simulate.latent import average_row
from nestling.simulate.population_text import aligned

if TYPE_CHECKING:
    from nestling.simulate.population import Population

LATENT = "response around its mean"


def described(truth: "Population", design: Design | None) -> str:
    """Write spreads as variance, SD, correlation and latent-scale ICC, and the mean of y."""
    family, why = truth.family, ""
    moments, mean, own = None, nan, nan
    try:
        moments = moments_of(truth.formula, truth.needs, truth.predictors, design)
        mean = average_row(moments, truth.parameters.beta, truth.parameters.terms).mean(family)
        own = family.latent(mean)
    except PopulationError as error:
        why = str(error).partition(" State")[0]
        own = nan if family.needs_mean else family.latent(nan)
    lines = [f"Family: {family}, {family.link} link", ""]
    lines += _spreads(truth, own)
    lines += ["", f"Variance of the {LATENT} on this scale: {family.latent_words}"]
    if moments is not None and not isnan(own):
        lines += ["", *_shares(truth, moments, own)]
    lines += ["", *(_mean(truth, mean) if not why else [f"The mean of y is not told: {why}"])]
    lines += _reliabilities(truth, design, own)
    return "\n".join(line.rstrip() for line in lines)


def _spreads(truth: "Population", own: float) -> list[str]:
    """Write a table of spreads, the response's own as its last row."""
    parameters = truth.parameters
    total = own + sum(_intercepts(truth).values())
    rows = [("Groups", "Name", "Variance", "SD", "Covariance", "Corr", "ICC")]
    for grp, one, two, vcov, sdcor in parameters.varcorr_rows():
        share = f"{vcov / total:.4g}" if one == INTERCEPT and two is None and total > 0 else ""
        if two is None:
            rows.append((grp, one or "", f"{vcov:.6g}", f"{sdcor:.6g}", "", "", share))
        else:
            rows.append((grp, f"{one}, {two}", "", "", f"{vcov:.6g}", f"{sdcor:.4g}", ""))
    if not isnan(own):
        rows.append(("(latent)", "", f"{own:.6g}", f"{own**0.5:.6g}", "", "", f"{own / total:.4g}"))
    heading = f"Spreads, on the {truth.family.link} scale:"
    return [heading, *(f"  {line}" for line in aligned(rows, (2, 3, 4, 5, 6)))]


def _shares(truth: "Population", moments: Moments, own: float) -> list[str]:
    """Write where the variance on the scale of the link comes from."""
    beta, covariance = truth.parameters.beta, moments.covariance
    parts = [("fixed effects", float(beta @ covariance @ beta))]
    for term, square in zip(truth.parameters.terms, moments.squares, strict=True):
        parts.append((f"random effects of {term.group}", float((term.covariance * square).sum())))
    parts.append((LATENT, own))
    total = sum(part for _, part in parts)
    rows = [(f"Variance on the {truth.family.link} scale", "", "share")]
    rows += [(name, f"{value:.6g}", f"{value / total:.4g}") for name, value in parts]
    rows.append(("total", f"{total:.6g}", "1"))
    effects = [("Fixed effects", "value", "standardised on this scale")]
    for j, name in enumerate(truth.parameters.names):
        slope = beta[j] * (max(covariance[j, j], 0.0) / total) ** 0.5
        effects.append((name, f"{beta[j]:.6g}", "" if name == INTERCEPT else f"{slope:.4g}"))
    return [*aligned(rows, (1, 2)), "", *aligned(effects, (1, 2))]


def _mean(truth: "Population", mean: float) -> list[str]:
    """Write the mean of y of an average row."""
    family = truth.family
    over = "at random effects of 0" if family.link == "inverse" else "over the random effects"
    lines = [f"Mean of y at the average (predictors at their means, {over}): {mean:.6g}"]
    if isinstance(family, Binomial) and family.trials != 1:
        lines[0] = lines[0].replace("Mean of y", "Chance of a success", 1)
        if not isinstance(family.trials, str):
            lines.append(f"Mean of y, {family.trials} trials: {mean * family.trials:.6g}")
    return lines


def _reliabilities(truth: "Population", design: Design | None, own: float) -> list[str]:
    """Write how reliable means of clusters are on this scale."""
    if design is None or isnan(own):
        return []
    lines = [""]
    for group, variance in _intercepts(truth).items():
        innermost = max(group.split(":"), key=design.names.index)
        m = design.n / design.sizes[innermost]
        lines.append(
            f"Latent reliability of the means of {group}, {m:g} rows each: {variance:.6g} / "
            f"({variance:.6g} + {own:.6g} / {m:g}) = {variance / (variance + own / m):.4g}"
        )
    return lines


def _intercepts(truth: "Population") -> dict[str, float]:
    """Variance of each random intercept by grouping factor."""
    return {
        term.group: float(term.covariance[k, k])
        for term in truth.parameters.terms
        for k, name in enumerate(term.names)
        if name == INTERCEPT
    }
