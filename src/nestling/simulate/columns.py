"""The rows of a study: ids of its units and the predictors drawn at their levels."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nestling.arrays import AnyArray, IntArray
from nestling.design.design import Design
from nestling.errors import DesignError
from nestling.simulate.assignment import Assignment, Places
from nestling.simulate.given import Labels
from nestling.simulate.joint_draws import Scores, draw_joint
from nestling.simulate.predictors import (
    Clustered,
    Computed,
    Fixed,
    Joint,
    Predictor,
    Random,
    Stream,
    Time,
    column_names,
    in_order,
)
from nestling.simulate.units import enclosing, unit_of

if TYPE_CHECKING:
    from pandas import DataFrame

Columns: TypeAlias = dict[str, AnyArray | Labels]

# Keeps the place of a column that is computed when the others are there.
NOT_YET = np.empty(0)


def draw_columns(
    design: Design,
    predictors: Mapping[str, Predictor],
    streams: Mapping[str, Stream],
    codes: Mapping[str, IntArray] | None = None,
) -> Columns:
    """Draw the columns of a study: ids from 1 of every unit, then every predictor.

    A predictor of a level is drawn once per unit of it, in the units' order, and repeated for
    the rows of the unit.

    Parameters
    ----------
    design : Design
    predictors : mapping
        Name to predictor, drawn in this order.
    streams : mapping
        The stream of every predictor that is random.
    codes : mapping, optional
        `design.codes()`, when more than one study is drawn.

    Raises
    ------
    DesignError
        When a predictor has the name of a unit, or a level the design does not have.
    """
    codes = design.codes() if codes is None else codes
    columns: Columns = {name: values + 1 for name, values in codes.items()}
    scores = Scores(design, codes, streams)
    for name, predictor in predictors.items():
        for column in column_names(name, predictor):
            if column in codes:
                raise DesignError(
                    f"{column!r} is a unit of the design and also a predictor; rename one of them."
                )
        if isinstance(predictor, Clustered | Joint):
            columns |= draw_joint(name, predictor, scores)
        elif isinstance(predictor, Computed):
            columns[name] = NOT_YET
        elif isinstance(predictor, Assignment):
            columns[name] = _assigned(name, predictor, design, codes, columns, streams.get(name))
        else:
            columns[name] = _drawn(name, predictor, design, codes, streams.get(name))
    compute(columns, predictors)
    return columns


def _drawn(
    name: str,
    predictor: Random | Fixed | Time,
    design: Design,
    codes: Mapping[str, IntArray],
    stream: Stream | None,
) -> AnyArray | Labels:
    """Draw a predictor once per unit of its level and repeat it for the rows of the unit."""
    unit = unit_of(design, predictor.level, f"The predictor {name!r}")
    n = design.n if unit is None else design.sizes[unit]
    values: AnyArray | Labels
    if isinstance(predictor, Fixed):
        values = predictor.column(n)
    elif isinstance(predictor, Time):
        values = predictor.draw(_clusters(name, predictor, design, codes, unit), stream)
    else:
        assert stream is not None  # seeds.py makes one for every random predictor
        values = predictor.draw(stream, n)
    if unit is None:
        return values
    rows = codes[unit]
    return values.take(rows) if isinstance(values, Labels) else values[rows]


def _assigned(
    name: str,
    assignment: Assignment,
    design: Design,
    codes: Mapping[str, IntArray],
    columns: Columns,
    stream: Stream | None,
) -> AnyArray | Labels:
    """Assign a treatment to the units of its level, which know what was drawn before."""
    unit = unit_of(design, assignment.level, f"The predictor {name!r}")
    before = {each: values for each, values in columns.items() if values is not NOT_YET}
    values = assignment.draw(Places(name, design, codes, unit, before), stream)
    if unit is None:
        return values
    rows = codes[unit]
    return values.take(rows) if isinstance(values, Labels) else values[rows]


def _clusters(
    name: str, time: Time, design: Design, codes: Mapping[str, IntArray], unit: str | None
) -> IntArray:
    """Find the cluster of each unit that has a time."""
    n = design.n if unit is None else design.sizes[unit]
    if time.cluster is None and unit is not None and not design.inside[unit]:
        return np.zeros(n, dtype=np.intp)
    if time.cluster is None and unit is None and all(design.sizes[u] == n for u in design.names):
        return np.zeros(n, dtype=np.intp)
    cluster = codes[enclosing(design, unit, time.cluster, f"The predictor {name!r}")]
    if unit is None:
        return cluster
    first = np.empty(n, dtype=np.intp)
    first[codes[unit]] = cluster
    return first


def compute(columns: Columns, predictors: Mapping[str, Predictor]) -> None:
    """Fill in the predictors that are computed from others."""
    computed = {name: each for name, each in predictors.items() if isinstance(each, Computed)}
    for name in in_order(computed, set(columns) - set(computed)):
        inputs = {each: columns[each] for each in computed[name].names if each in columns}
        columns[name] = computed[name].values(name, to_frame(inputs))


def to_frame(columns: Columns) -> "DataFrame":
    """Make a pandas frame; categories become pandas categories in their own order."""
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.Categorical.from_codes(
                values.codes, categories=pd.Index(values.labels), ordered=values.ordered
            )
            if isinstance(values, Labels)
            else values
            for name, values in columns.items()
        },
        copy=False,
    )


def prototype(predictors: Mapping[str, Predictor], n: int) -> Columns:
    """Make n rows that show what each predictor can be, without chance."""
    shown: Columns = {}
    for position, (name, predictor) in enumerate(predictors.items()):
        if isinstance(predictor, Computed):
            shown[name] = NOT_YET
            continue
        values = predictor.prototype(n)
        if isinstance(values, np.ndarray):
            # another order for each numeric predictor, so that no two are alike
            values = np.roll(values, position)
        shown[name] = values
        for k, part in enumerate(column_names(name, predictor)[1:]):
            shown[part] = np.roll(np.asarray(values, dtype=np.float64), k + len(predictors))
    return shown
