"""The same truth on every scale, side by side."""

from typing import TYPE_CHECKING

import numpy as np

from nestling.design.design import Design
from nestling.errors import PopulationError
from nestling.simulate import latent_text
from nestling.simulate.column_moments import moments_of
from nestling.simulate.level_shares import level_shares
from nestling.simulate.population_text import aligned
from nestling.simulate.times import Time

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
    """Write how reliable means of clusters are: between / (between + what differs within).

    Units nested in a cluster add their variance over their number, rows add residuals and what
    random slopes make of columns that differ within. Crossed factors, which clusters share, are
    left out.
    """
    if design is None:
        return []
    means, spreads = _cluster_variances(truth, design)
    units = {group: max(group.split(":"), key=design.names.index) for group in intercepts}
    codes = design.codes()
    lines = []
    for group in intercepts:
        rows = np.bincount(codes[units[group]])
        between, inner = means[group], spreads[group] + truth.parameters.residual
        noise = inner / rows
        said = f"{inner:.6g} / {rows.mean():g}"
        for other, unit in units.items():
            if units[group] not in design.inside[unit]:
                continue
            first = np.unique(codes[unit], return_index=True)[1]
            held = np.bincount(codes[units[group]][first], minlength=rows.size)
            noise = noise + means[other] / held
            said = f"{means[other]:.6g} / {held.mean():g} + {said}"
        if not (between + noise > 0).all():
            continue
        reliability = float((between / (between + noise)).mean())
        if (noise == noise[0]).all():
            lines.append(
                f"Reliability of the means of {group}, {rows[0]:g} rows each: {between:.6g} / "
                f"({between:.6g} + {said}) = {reliability:.4g}"
            )
        else:
            lines.append(
                f"Reliability of the means of {group}, {rows.min():g} to {rows.max():g} rows each, "
                f"on average: {reliability:.4g}"
            )
    return ["", *lines]


def _cluster_variances(
    truth: "Population", design: Design
) -> tuple[dict[str, float], dict[str, float]]:
    """Return per grouping factor the variance of its effects at the mean of their columns.

    Also what they add to the variance within clusters where the columns differ; 0 where the
    columns' moments are not known.
    """
    means: dict[str, float] = {}
    spreads: dict[str, float] = {}
    try:
        columns = moments_of(truth.formula, truth.needs, truth.predictors, design)
    except PopulationError:
        columns = None
    for position, term in enumerate(truth.parameters.terms):
        if columns is not None:
            z, weights = columns.effects[position], columns.weights
            centre = z @ weights
            whole = (z * weights) @ z.T
            mean = float(centre @ term.covariance @ centre)
            spread = max(float((term.covariance * whole).sum()) - mean, 0.0)
            # columns that are the same in all clusters move their means alike
            spread = spread if _differs(truth, term.names) else 0.0
        else:
            k = term.names.index(INTERCEPT) if INTERCEPT in term.names else None
            mean, spread = (0.0 if k is None else float(term.covariance[k, k])), 0.0
        means[term.group] = means.get(term.group, 0.0) + mean
        spreads[term.group] = spreads.get(term.group, 0.0) + spread
    return means, spreads


def _differs(truth: "Population", names: tuple[str, ...]) -> bool:
    """Whether columns with random effects differ between clusters by chance: not plain times."""
    return any(
        not (isinstance(each, Time) and not each.random)
        for name, each in truth.predictors.items()
        if any(name in column for column in names)
    )
