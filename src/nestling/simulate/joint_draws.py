"""Draws of predictors that share scores with their cluster or with each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.design.design import Design
from nestling.errors import DesignError
from nestling.simulate.clustered import Clustered, Marginal
from nestling.simulate.correlated import Joint
from nestling.simulate.draw import effects_root
from nestling.simulate.drawing import Stream, standard_normals
from nestling.simulate.given import Labels
from nestling.simulate.units import enclosing, unit_of

# None stands for the rows.
Unit = str | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Standard normal scores by predictor and unit, drawn once and then shared."""

    design: Design
    codes: Mapping[str, IntArray]
    streams: Mapping[str, Stream]
    raw: dict[str, dict[Unit, FloatArray]] = field(default_factory=dict)

    def units(self, name: str, predictor: Marginal | Clustered) -> tuple[Unit, ...]:
        """List the units at which a predictor has a part: clusters, then its own."""
        own = unit_of(self.design, predictor.level, f"The predictor {name!r}")
        if not isinstance(predictor, Clustered):
            return (own,)
        return *(
            enclosing(self.design, own, unit, f"The predictor {name!r}")
            for unit, _ in predictor.icc
        ), own

    def of(self, name: str, predictor: Marginal | Clustered) -> dict[Unit, FloatArray]:
        """Draw the scores of a predictor, at every unit where it has a part."""
        if name not in self.raw:
            stream = self.streams[name]
            self.raw[name] = {
                unit: standard_normals(stream, self.design.n if unit is None else self.size(unit))
                for unit in self.units(name, predictor)
            }
        return self.raw[name]

    def size(self, unit: str) -> int:
        """Return how many units there are."""
        return self.design.sizes[unit]

    def correlated(self, joint: Joint) -> dict[Unit, FloatArray]:
        """Combine the scores of a predictor with those of the predictors before it."""
        group, matrix = joint.group, joint.group.correlations
        members = list(zip(group.names, group.members, strict=True))
        places = [self.units(*member) for member in members]
        self._check_shared(joint, places)
        own: dict[Unit, FloatArray] = {}
        for unit in places[joint.position]:
            there = [i for i in range(joint.position + 1) if unit in places[i]]
            row = effects_root(matrix[np.ix_(there, there)])[-1]
            total = row[0] * self.of(*members[there[0]])[unit]
            for weight, i in zip(row[1:], there[1:], strict=True):
                total = total + weight * self.of(*members[i])[unit]
            own[unit] = total
        return own

    def _check_shared(self, joint: Joint, places: list[tuple[Unit, ...]]) -> None:
        for i, name in enumerate(joint.group.names[: joint.position]):
            r = joint.group.matrix[joint.position][i]
            if r != 0 and not set(places[i]) & set(places[joint.position]):
                here, there = (
                    places[k][-1] or "the rows of the study" for k in (joint.position, i)
                )
                raise DesignError(
                    f"{joint.group.names[joint.position]!r} varies between {here} alone and "
                    f"{name!r} between {there} alone, so they have no level at which they could "
                    f"correlate {r:g}. Give the lower one an icc=, a share between the units of "
                    "the other, or the correlation 0."
                )


def draw_joint(
    name: str, predictor: Clustered | Joint, scores: Scores
) -> dict[str, AnyArray | Labels]:
    """Draw the columns of a predictor with parts or correlations."""
    own = predictor.own if isinstance(predictor, Joint) else predictor
    found = scores.correlated(predictor) if isinstance(predictor, Joint) else scores.of(name, own)
    units = scores.units(name, own)
    if not isinstance(own, Clustered):
        made = own.at_scores(found[units[0]])
        if units[0] is None:
            return {name: made}
        rows = scores.codes[units[0]]
        return {name: made.take(rows) if isinstance(made, Labels) else made[rows]}
    clusters = [unit for unit in units[:-1] if unit is not None]
    inner = found[units[-1]]
    values, parts = own.values(
        [found[unit] for unit in clusters],
        [scores.codes[unit] for unit in clusters],
        inner if units[-1] is None else inner[scores.codes[units[-1]]],
    )
    columns: dict[str, AnyArray | Labels] = {name: values}
    if parts:
        within = np.asarray(values) - sum(parts)
        columns |= dict(zip(own.part_names(name), [within, *parts], strict=True))
    return columns
