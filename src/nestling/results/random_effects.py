"""Conditional modes of the random effects as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, did_you_mean
from nestling.results.conditional_modes import conditional_variances, inner_modes, modes

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit


def term_modes(fit: LmerFit) -> tuple[FloatArray, ...]:
    """Return the conditional modes per term, (J, k)."""
    solution = fit.solution
    inner = inner_modes(solution.problem, fit.statistics, solution.point)
    return modes(solution.layout, fit.basis, inner)


def ranef(fit: LmerFit, *, cond_var: bool) -> dict[str, pd.DataFrame]:
    """Return conditional modes per grouping factor; see `LmerFit.ranef`."""
    import pandas as pd

    layout, terms = fit.solution.layout, fit.matrices.random
    values = term_modes(fit)
    variances = (
        conditional_variances(
            fit.solution.problem, fit.statistics, layout, fit.basis, fit.solution.point, fit.sigma
        )
        if cond_var
        else None
    )
    frames = {}
    for factor, members in enumerate(layout.members):
        first = terms[members[0]]
        frame = pd.DataFrame(
            np.column_stack([values[term] for term in members]),
            index=pd.Index(np.asarray(first.levels), name=first.group),
            columns=[name for term in members for name in terms[term].names],
        )
        if variances is not None:
            frame.attrs["cond_var"] = variances[factor]
        frames[first.group] = frame
    return frames


def coef(fit: LmerFit) -> dict[str, pd.DataFrame]:
    """Return the sum of fixed effects and conditional modes; see `LmerFit.coef`."""
    frames = {}
    fixed = fit.fixef
    for group, frame in ranef(fit, cond_var=False).items():
        names = [*fixed.index, *(name for name in frame.columns if name not in fixed.index)]
        total = frame.reindex(columns=names, fill_value=0.0)
        frames[group] = total + fixed.reindex(names, fill_value=0.0)
    return frames


def caterpillar_data(fit: LmerFit, group: str | None, level: float) -> pd.DataFrame:
    """Return modes with intervals, in order; see `LmerFit.caterpillar_data`."""
    import pandas as pd

    from nestling.results.confint import normal_quantile

    z = normal_quantile(level)
    frames = ranef(fit, cond_var=True)
    if group is not None and group not in frames:
        raise ArgumentError(
            f"group={group!r} is not a grouping factor. {did_you_mean(str(group), list(frames))}"
        )
    parts = []
    for name, frame in frames.items():
        if group not in (None, name):
            continue
        sds = np.sqrt(np.einsum("jkk->jk", frame.attrs["cond_var"]))
        for k, effect in enumerate(frame.columns):
            modes = frame.iloc[:, k].to_numpy()
            order = np.argsort(modes, kind="stable")
            mode, sd = modes[order], sds[order, k]
            parts.append(
                pd.DataFrame(
                    {
                        "group": name,
                        "level": frame.index.to_numpy()[order],
                        "effect": effect,
                        "mode": mode,
                        "sd": sd,
                        "lower": mode - z * sd,
                        "upper": mode + z * sd,
                        "ordered": np.arange(1, len(mode) + 1),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)
