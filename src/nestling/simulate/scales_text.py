"""The same truth on every scale, side by side."""

from typing import TYPE_CHECKING

from nestling.design.design import Design
from nestling.errors import PopulationError
from nestling.simulate import latent_text
from nestling.simulate.column_moments import moments_of
from nestling.simulate.level_shares import level_shares
from nestling.simulate.population_text import aligned

if TYPE_CHECKING:
    from nestling.simulate.population import Population

INTERCEPT = "(Intercept)"


def described(truth: "Population", design: Design | None) -> str:
    """Write spreads as variance, SD, correlation, ICC; effects as shares of the variance of y."""
    if not truth.family.has_residual:
        return latent_text.described(truth, design)
    parameters = truth.parameters
    intercepts = {
        term.group: float(term.covariance[k, k])
        for term in parameters.terms
        for k, name in enumerate(term.names)
        if name == INTERCEPT
    }
    total = sum(intercepts.values()) + parameters.residual
    rows = [("Groups", "Name", "Variance", "SD", "Covariance", "Corr", "ICC")]
    for grp, one, two, vcov, sdcor in parameters.varcorr_rows():
        share = ""
        if ((one == INTERCEPT and two is None) or one is None) and total > 0:
            share = f"{vcov / total:.4g}"
        if two is None:
            rows.append((grp, one or "", f"{vcov:.6g}", f"{sdcor:.6g}", "", "", share))
        else:
            rows.append((grp, f"{one}, {two}", "", "", f"{vcov:.6g}", f"{sdcor:.4g}", ""))
    lines = ["Spreads:", *(f"  {line}".rstrip() for line in aligned(rows, (2, 3, 4, 5, 6))), ""]
    lines += _variance_of_y(truth, design)
    lines += _by_level(truth, design)
    return "\n".join([*lines, *_reliabilities(truth, design, intercepts)])


def _variance_of_y(truth: "Population", design: Design | None) -> list[str]:
    """Write where the variance of y comes from, when the predictors tell."""
    parameters = truth.parameters
    try:
        moments = moments_of(truth.formula, truth.needs, truth.predictors, design)
    except PopulationError as error:
        return [str(error)]
    beta, covariance = parameters.beta, moments.covariance
    parts = [("fixed effects", float(beta @ covariance @ beta))]
    for term, square in zip(parameters.terms, moments.squares, strict=True):
        parts.append((f"random effects of {term.group}", float((term.covariance * square).sum())))
    parts.append(("residual", parameters.residual))
    total = sum(part for _, part in parts)
    rows = [("Variance of y", "", "share")]
    rows += [(name, f"{v:.6g}", f"{v / total:.4g}" if total else "") for name, v in parts]
    rows.append(("total", f"{total:.6g}", "1"))
    lines = aligned(rows, (1, 2))
    effects = [("Fixed effects", "value", "standardised", "R-squared alone")]
    for j, name in enumerate(parameters.names):
        variance = float(beta[j] ** 2 * covariance[j, j])
        slope = variance**0.5 * (1 if beta[j] >= 0 else -1) / total**0.5 if total else 0.0
        shown = ("", "") if name == INTERCEPT else (f"{slope:.4g}", f"{slope**2:.4g}")
        effects.append((name, f"{beta[j]:.6g}", *shown))
    return [*lines, "", *aligned(effects, (1, 2, 3))]


def _by_level(truth: "Population", design: Design | None) -> list[str]:
    """Write R-squared by source and level, where there is one grouping factor."""
    try:
        table = level_shares(truth, design)
    except PopulationError:
        return []  # several grouping factors, or predictors without known moments
    rows = [("R-squared by level", "", "variance", "of total", "within", "between")]
    for part, (what, variance, *shares) in zip(table.index, table.to_numpy(), strict=True):
        shown = (f"{share:.4g}" if share > 0 else "" for share in shares)
        rows.append((what, part, f"{variance:.6g}", *shown))
    return ["", *aligned(rows, (2, 3, 4, 5))]


def _reliabilities(
    truth: "Population", design: Design | None, intercepts: dict[str, float]
) -> list[str]:
    """Write how reliable means of clusters are: between / (between + residual / rows)."""
    if design is None:
        return []
    lines = []
    for group, variance in intercepts.items():
        innermost = max(group.split(":"), key=design.names.index)
        m = design.n / design.sizes[innermost]
        noise = truth.parameters.residual / m
        if variance + noise > 0:
            lines.append(
                f"Reliability of the means of {group}, {m:g} rows each: {variance:.6g} / "
                f"({variance:.6g} + {truth.parameters.residual:.6g} / {m:g}) = "
                f"{variance / (variance + noise):.4g}"
            )
    return ["", *lines]
