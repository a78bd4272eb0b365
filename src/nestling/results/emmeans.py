"""From a fit to estimated marginal means and trends: average the reference grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.data.columns import Numeric
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.results.contrast_tests import method_of
from nestling.results.estimability import rows_of_tests
from nestling.results.marginal_means import Cell, MarginalMeans
from nestling.results.reference_grid import Axis, Grid, axes_of, frequencies, grid_of

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit

WEIGHTS = ("equal", "proportional")
STEP = 1e-3
"""Of a numeric derivative, in units of the predictor's range."""


def emmeans(
    fit: LmerFit,
    specs: Any,
    by: Any,
    at: Mapping[str, Any] | None,
    *,
    level: float,
    ddf: str,
    weights: str,
) -> MarginalMeans:
    """Return estimated marginal means; see `LmerFit.emmeans`."""
    names, groups = _names(specs, by)
    axes = axes_of(fit, _mapping(at))
    _check(axes, (*names, *groups), weights, level)
    grid = grid_of(fit, axes)
    return _averaged(fit, grid, grid.X, grid.offset, names, groups, weights, level, ddf, "emmean")


def trends(
    fit: LmerFit,
    variable: str,
    by: Any,
    at: Mapping[str, Any] | None,
    *,
    level: float,
    ddf: str,
    weights: str,
) -> MarginalMeans:
    """Return slopes of a numeric predictor; see `LmerFit.trends`."""
    names, groups = _names(by, None)
    axes = axes_of(fit, _mapping(at))
    _check(axes, (variable, *names, *groups), weights, level)
    column = fit.frame.column(variable)
    within = {name for name, each in fit.matrices.encoding.levels.items() if name == variable}
    if not isinstance(column, Numeric) or column.kind == "logical" or within:
        raise ArgumentError(
            f"{variable!r} is a factor, which has no slope. Compare its levels by emmeans()."
        )
    rows = fit.matrices.row_index
    values = column.values if rows is None else column.values[rows]
    if variable not in {*(at or {}), *names, *groups}:
        centre = Axis(variable, (float(values.mean()),), discrete=False)
        axes = tuple(centre if axis.name == variable else axis for axis in axes)
    h = STEP * (float(values.max() - values.min()) or 1.0)
    grid = grid_of(fit, axes)
    shifted = [grid_of(fit, _moved(axes, variable, step * h)) for step in (-2, -1, 1, 2)]

    def slope(far: FloatArray, near: FloatArray, next_: FloatArray, end: FloatArray) -> FloatArray:
        return np.asarray((far - 8.0 * near + 8.0 * next_ - end) / (12.0 * h))

    X = slope(*(each.X for each in shifted))
    # rounding of differences: weights that are whole numbers are meant to be
    X = np.where(np.abs(X - np.round(X)) < 1e-9, np.round(X), X)
    offset = slope(*(each.offset for each in shifted))
    return _averaged(fit, grid, X, offset, names, groups, weights, level, ddf, f"{variable}.trend")


def _moved(axes: tuple[Axis, ...], variable: str, step: float) -> tuple[Axis, ...]:
    return tuple(
        Axis(a.name, tuple(float(v) + step for v in a.values), a.discrete)
        if a.name == variable
        else a
        for a in axes
    )


def _averaged(
    fit: LmerFit,
    grid: Grid,
    X: FloatArray,
    offset: FloatArray,
    specs: tuple[str, ...],
    by: tuple[str, ...],
    weights: str,
    level: float,
    ddf: str,
    value: str,
) -> MarginalMeans:
    """Average the rows of the grid over the predictors that are not asked for."""
    axes = grid.axes
    place = {axis.name: i for i, axis in enumerate(axes)}
    own = [place[name] for name in (*specs, *by)]
    others = [i for i in range(len(axes)) if i not in own]
    sizes = [len(axes[i].values) for i in own]
    # the first of specs varies fastest, by slowest
    cell = np.ravel_multi_index(tuple(grid.index[:, own[::-1]].T), sizes[::-1]) if own \
        else np.zeros(len(X), dtype=np.intp)  # fmt: skip
    share = np.ones(len(X))
    if weights == "proportional":
        share = frequencies(fit, [axes[i] for i in others], grid.index[:, others])
    n_cells = int(np.prod(sizes)) if own else 1
    total = np.bincount(cell, share, n_cells)
    L = np.zeros((n_cells, X.shape[1]))
    np.add.at(L, cell, X * (share / total[cell])[:, None])
    means = np.bincount(cell, offset * share, n_cells) / total
    cells = tuple(_cells(axes, own, len(specs), sizes, n_cells))
    averaged = [axes[i].name for i in others if len(axes[i].values) > 1]
    notes = []
    if averaged:
        notes.append(f"Results are averaged over the levels of: {', '.join(averaged)}")
    response = fit.matrices.response_name
    if response not in fit.frame.names:
        notes.append(f"Results are given on the {response} (not the response) scale.")
    tests = rows_of_tests(fit, L, means, method_of(ddf))
    return MarginalMeans(fit, specs, by, cells, L, means, tests, value, float(level), tuple(notes))


def _cells(
    axes: tuple[Axis, ...], own: list[int], n_specs: int, sizes: list[int], n_cells: int
) -> list[Cell]:
    cells = []
    for c in range(n_cells):
        index = np.unravel_index(c, sizes[::-1])[::-1] if own else ()
        labels = [axes[i].labels[int(k)] for i, k in zip(own, index, strict=True)]
        shown = [
            f"{axes[i].name}{label}" if axes[i].numeric else label
            for i, label in zip(own[:n_specs], labels[:n_specs], strict=True)
        ]
        cells.append(Cell(tuple(labels[:n_specs]), tuple(labels[n_specs:]), " ".join(shown)))
    return cells


def _names(specs: Any, by: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read 'A', 'A:B', '~ A | B', '1' or a list of names."""
    groups = [] if by is None else _listed("by", by)
    if isinstance(specs, str):
        text, _, condition = specs.strip().removeprefix("~").partition("|")
        groups = [*_listed("specs", condition), *groups] if condition else groups
        specs = text
    names = [] if specs is None else _listed("specs", specs)
    names = [name for name in names if name != "1" and name not in groups]
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(groups))


def _listed(argument: str, given: Any) -> list[str]:
    if isinstance(given, str):
        for separator in "*+":
            given = given.replace(separator, ":")
        given = [part.strip() for part in given.split(":") if part.strip()]
    if not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise ArgumentTypeError(
            f"{argument}={given!r}; expected the name of a predictor, 'A:B' or a list of names."
        )
    return list(given)


def _mapping(at: Any) -> Mapping[str, Any]:
    if at is not None and not isinstance(at, Mapping):
        raise ArgumentTypeError(f"at={at!r}; expected a dict from a predictor to its values.")
    return at or {}


def _check(axes: tuple[Axis, ...], names: tuple[str, ...], weights: str, level: float) -> None:
    known = [axis.name for axis in axes]
    for name in names:
        if name not in known:
            raise ArgumentError(
                f"{name!r} is not a predictor of the fixed effects. "
                f"{did_you_mean(name, known) if known else 'There are none.'}"
            )
    if weights not in WEIGHTS:
        raise ArgumentError(f"weights={weights!r}. {did_you_mean(str(weights), WEIGHTS)}")
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level={level!r} must be between 0 and 1, for instance 0.95.")
