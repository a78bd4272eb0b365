"""Predictors that blocks may be made of: those with few values."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from nestling.errors import PopulationError
from nestling.simulate.assign import Assigned
from nestling.simulate.predictors import Computed, Predictor, Time

# As many rows show a continuum, of which more fractions than MOST are different.
ROWS: Final = 240
MOST: Final = 100


def check_blocks(predictors: Mapping[str, Predictor]) -> None:
    """Refuse blocks by a predictor whose every value is a block of its own.

    Raises
    ------
    PopulationError
        When a treatment is blocked by numbers of a continuum or by what is computed.
    """
    for name, each in predictors.items():
        if not isinstance(each, Assigned):
            continue
        for block in each.blocks:
            if block == name:
                raise PopulationError(f"The predictor {name!r} is blocked by itself.")
            if block in predictors:
                _check(name, block, predictors[block])


def _check(name: str, block: str, predictor: Predictor) -> None:
    if isinstance(predictor, Computed):
        raise PopulationError(
            f"The predictor {name!r} is blocked by {block!r}, which is computed when all others "
            "are drawn. Block by a predictor that is drawn itself."
        )
    if _is_continuous(predictor):
        raise PopulationError(
            f"The predictor {name!r} is blocked by {block!r}, {predictor}, whose values are all "
            "different: every unit would be a block of its own. Block by a predictor with few "
            "values, such as nl.categorical() or nl.bernoulli(), or by a unit of the design."
        )


def _is_continuous(predictor: Predictor) -> bool:
    if isinstance(predictor, Computed):
        return False
    if isinstance(predictor, Time):
        return predictor.random
    shown = predictor.prototype(ROWS)
    if not isinstance(shown, np.ndarray) or shown.dtype.kind != "f":
        return False
    values = np.unique(shown)
    return values.size > MOST and bool((values != np.round(values)).any())
