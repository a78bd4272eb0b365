"""Check of influence: which clusters the estimates owe too much to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.finding import Finding, said, said_p
from nestling.results.influence import Influence, influence

if TYPE_CHECKING:
    from nestling.arrays import FloatArray, IntArray
    from nestling.results.lmer_fit import LmerFit

MANY = 200
"""Levels of a grouping factor up to which each is left out in turn."""
FAR = 1.0
"""Standard errors by which one level should not move a coefficient."""
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


def _finding(found: Influence, alpha: float) -> Finding:
    topic, test = f"Influence by {found.group}", "largest Cook's distance"
    distance = np.asarray(found.cooks_distance, dtype=float)
    usable = np.isfinite(distance)
    failed = [i for i in range(len(distance)) if not found.status[i].startswith("optimum")]
    if not usable.any():
        says = found.status[0] if failed else "the model has no fixed effects"
        return Finding(topic, "not tested", f"Nothing can be left out: {says}.")
    worst = int(np.nanargmax(distance))
    top = float(distance[worst])
    # the smallest of m p values is judged as such
    p_values = np.minimum(1.0, len(distance) * found.chance)
    moves = np.nanmax(np.abs(found.dfbetas.to_numpy()), axis=1, where=usable[:, None], initial=0.0)
    parts = []
    if failed:
        parts.append(
            f"Without {found.deleted[failed[0]]}: {found.status[failed[0]]}. The model rests on "
            f"{'it' if len(failed) == 1 else f'each of {len(failed)} levels'} alone."
        )
    odd = np.flatnonzero(usable & (p_values < alpha))
    if len(odd):
        parts.append(
            f"{_labels(found, odd, distance)} disagree{'s' if len(odd) == 1 else ''} with the "
            f"others about the fixed effects ({said_p(float(np.nanmin(p_values)))})."
        )
    large = np.flatnonzero(moves > FAR)
    if len(large):
        parts.append(
            f"{_labels(found, large, distance)} move{'s' if len(large) == 1 else ''} a "
            "coefficient by more than its standard error."
        )
    if len(odd) or len(large) or top > 1.0:
        parts.append(f"The largest Cook's distance is {said(top)}. {_move(found, worst)}")
    else:
        parts.append(
            f"No level stands out: the largest Cook's distance is {said(top)}, of "
            f"{found.deleted[worst]}."
        )
    turned = _turned(found)
    if turned:
        parts.append(turned)
    verdict = "problem" if failed or top > 1.0 else "look" if len(odd) or len(large) else "fine"
    p_value = float(np.nanmin(p_values))
    return Finding(topic, verdict, " ".join(parts), test, top, p_value)  # type: ignore[arg-type]  # literals


def _labels(found: Influence, levels: IntArray, distance: FloatArray) -> str:
    """Name up to five levels, the most influential first."""
    first = levels[np.argsort(-distance[levels], kind="stable")][:5]
    labels = ", ".join(str(found.deleted[i]) for i in first)
    return f"{labels} and {len(levels) - len(first)} more" if len(levels) > len(first) else labels


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
