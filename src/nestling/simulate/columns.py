"""The rows of a study: ids of its units and the predictors drawn at their levels."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nestling.arrays import AnyArray
from nestling.design.design import Design
from nestling.errors import DesignError, did_you_mean
from nestling.simulate.given import Labels
from nestling.simulate.predictors import Fixed, Predictor, Stream

if TYPE_CHECKING:
    from pandas import DataFrame

Columns: TypeAlias = dict[str, AnyArray | Labels]


def draw_columns(
    design: Design, predictors: Mapping[str, Predictor], streams: Mapping[str, Stream]
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

    Raises
    ------
    DesignError
        When a predictor has the name of a unit, or a level the design does not have.
    """
    codes = design.codes()
    columns: Columns = {name: values + 1 for name, values in codes.items()}
    for name, predictor in predictors.items():
        if name in codes:
            raise DesignError(
                f"{name!r} is a unit of the design and also a predictor; rename one of them."
            )
        unit = unit_of(design, predictor.level, f"The predictor {name!r}")
        n = design.n if unit is None else design.sizes[unit]
        if isinstance(predictor, Fixed):
            values = predictor.column(n)
        else:
            values = predictor.draw(streams[name], n)
        if unit is not None:
            rows = codes[unit]
            values = values.take(rows) if isinstance(values, Labels) else values[rows]
        columns[name] = values
    return columns


def unit_of(design: Design, level: str | None, what: str) -> str | None:
    """Find the unit a level names; None where every row has a value of its own.

    'pupil:school' is the innermost of the units it names, since units are numbered over the
    whole study.

    Examples
    --------
    >>> from nestling.design.design import nested
    >>> unit_of(nested(school=2, pupil=3, test=2), "pupil:school", "X")
    'pupil'
    """
    if level is None:
        return None
    named = level.split(":")
    for part in named:
        if part not in design.names:
            raise DesignError(
                f"{what} has level={level!r}, but the design has no unit {part!r}. "
                f"{did_you_mean(part, design.names)}"
            )
    innermost = max(named, key=design.names.index)
    outside = set(named) - {innermost, *design.inside[innermost]}
    if outside:
        raise DesignError(
            f"{what} has level={level!r}, but {innermost!r} is not nested in "
            f"{', '.join(sorted(outside))}; one value per combination is not a level of the design."
        )
    return None if design.sizes[innermost] == design.n else innermost


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
        values = predictor.prototype(n)
        if isinstance(values, np.ndarray):
            # another order for each numeric predictor, so that no two are alike
            values = np.roll(values, position)
        shown[name] = values
    return shown
