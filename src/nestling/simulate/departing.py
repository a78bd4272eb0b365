"""The departures of one simulation at work, each with its own stream."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.simulate.departures import (
    DataDeparture,
    Departure,
    EffectDeparture,
    ResidualDeparture,
    Rows,
)
from nestling.simulate.effects import Scores

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Departing:
    """Departures in their order, and the stream of each by its label."""

    departures: tuple[Departure, ...]
    streams: Mapping[str, np.random.Generator]

    def scores(self) -> dict[str, Scores]:
        """Return what draws the effects of grouping factors that are not normal."""
        return {
            each.group: partial(each.scores, self.streams[each.label])
            for each in self.departures
            if isinstance(each, EffectDeparture)
        }

    def reshaped(self, residuals: FloatArray, rows: Rows) -> FloatArray:
        """Return standard residuals after all departures of residuals."""
        for each in self.departures:
            if isinstance(each, ResidualDeparture):
                residuals = each.reshape(self.streams[each.label], residuals, rows)
        return residuals

    def changed(self, rows: Rows) -> "DataFrame":
        """Return the data after all departures that change them; rows are numbered anew."""
        data = rows.data
        for each in self.departures:
            if isinstance(each, DataDeparture):
                data = each.change(self.streams[each.label], replace(rows, data=data))
        return data if len(data) == len(rows.data) else data.reset_index(drop=True)
