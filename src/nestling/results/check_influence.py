"""Check of influence: which clusters the estimates owe too much to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.finding import Finding, said, said_p
from nestling.results.influence import Influence, influence

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit

MANY = 200
"""Levels of a grouping factor up to which each is left out in turn."""
NORMAL = 1.959963984540054


def influential(fit: LmerFit, alpha: float) -> tuple[list[Finding], tuple[Influence, ...]]:
    """Leave out the levels of each grouping factor in turn and say which ones matter."""
    found, examined = [], []
    levels = {term.group: len(term.levels) for term in fit.matrices.random}
    for group, count in levels.items():
        if count > MANY:
            says = (
                f"With {count} levels a single one can hardly matter; they were not left out one "
                f"by one. fit.influence({group!r}) does it."
            )
            found.append(Finding(f"Influence by {group}", "not tested", says))
            continue
        each = influence(fit, group)
        examined.append(each)
        found.append(_finding(each, alpha))
    return found, tuple(examined)


def chance(found: Influence) -> FloatArray:
    """Return P values of Cook's distances, each for the largest of as many.

    A cluster of average weight moves the coefficients by about V / m, so that its distance is
    near chi-squared(p) / (p m): in 4 / m, twice in a hundred clusters for p = 2.
    """
    from scipy.special import chdtrc

    m, p = found.beta_deleted.shape
    distance = found.cooks_distance.to_numpy()
    return np.asarray(np.minimum(1.0, m * chdtrc(p, p * m * distance)))


def _finding(found: Influence, alpha: float) -> Finding:
    topic, test = f"Influence by {found.group}", "largest Cook's distance"
    distance = found.cooks_distance.to_numpy()
    usable = np.isfinite(distance)
    failed = [i for i in range(len(distance)) if not found.status[i].startswith("optimum")]
    if not usable.any():
        says = found.status[0] if failed else "the model has no fixed effects"
        return Finding(topic, "not tested", f"Nothing can be left out: {says}.")
    worst = int(np.nanargmax(distance))
    top, p_values = float(distance[worst]), chance(found)
    parts = []
    if failed:
        parts.append(
            f"Without {found.deleted[failed[0]]}: {found.status[failed[0]]}. The model rests on "
            f"{'it' if len(failed) == 1 else f'each of {len(failed)} levels'} alone."
        )
    many = np.flatnonzero(usable & (p_values < alpha))
    if len(many):
        first = many[np.argsort(-distance[many], kind="stable")][:5]
        labels = ", ".join(str(found.deleted[i]) for i in first)
        more = f" and {len(many) - len(first)} more" if len(many) > len(first) else ""
        parts.append(
            f"{labels}{more} move{'s' if len(many) == 1 else ''} the fixed effects more than "
            f"chance would have it (largest Cook's distance {said(top)}, "
            f"{said_p(float(p_values[worst]))}). {_move(found, worst)}"
        )
    else:
        parts.append(
            f"No level stands out: the largest Cook's distance is {said(top)}, of "
            f"{found.deleted[worst]}."
        )
    turned = _turned(found)
    if turned:
        parts.append(turned)
    verdict = "problem" if failed or top > 1.0 else "look" if len(many) or turned else "fine"
    p_value = float(p_values[worst])
    return Finding(topic, verdict, " ".join(parts), test, top, p_value)  # type: ignore[arg-type]  # literals


def _move(found: Influence, worst: int) -> str:
    """Say which coefficient moves most without a level."""
    moves = np.abs(found.dfbetas.to_numpy()[worst])
    j = int(moves.argmax())
    return (
        f"Without {found.deleted[worst]}, {found.names[j]} goes from {said(found.beta[j], 4)} to "
        f"{said(found.beta_deleted[worst, j], 4)}, {said(moves[j], 2)} standard errors."
    )


def _turned(found: Influence) -> str:
    """Say which coefficients gain or lose significance when one level is left out."""
    z = found.beta / np.sqrt(np.diag(found.vcov))
    again = found.beta_deleted / np.sqrt(np.einsum("mpp->mp", found.vcov_deleted))
    changed = np.isfinite(again) & ((np.abs(again) > NORMAL) != (np.abs(z) > NORMAL))
    parts = []
    for j in np.flatnonzero(changed.any(axis=0)):
        if found.names[j] == "(Intercept)":  # whether it is zero is seldom a question
            continue
        levels = np.flatnonzero(changed[:, j])
        which = (
            str(found.deleted[levels[0]]) if len(levels) == 1 else f"any of {len(levels)} levels"
        )
        now = "no longer" if abs(z[j]) > NORMAL else "then"
        parts.append(f"Without {which}, {found.names[j]} is {now} 1.96 standard errors from zero.")
    return " ".join(parts)
