"""Power studies of several models that are fitted to the same data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nestling.errors import ArgumentError, ArgumentTypeError, NestlingError, did_you_mean
from nestling.random.streams import seed_sequence
from nestling.results.drawn import Drawn
from nestling.results.lmer_fit import LmerFit
from nestling.studies.place import place_of
from nestling.studies.power_study import Power, one_power
from nestling.studies.replay import replay
from nestling.studies.store import seed_inside
from nestling.studies.study_text import html_by_model, lines_by_model
from nestling.studies.summary import Summarised

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class PowerByModel(Summarised):
    """Power with each of several models, fitted to the same replicates.

    Attributes
    ----------
    studies : mapping of str to Power
        By the name of the model.
    """

    studies: Mapping[str, Power]

    plot = Drawn("nestling.plots.study_models:ModelsPlot")

    def __getitem__(self, model: str) -> Power:
        """Return the study of one model."""
        if model not in self.studies:
            raise ArgumentError(
                f"model={model!r} was not fitted. {did_you_mean(str(model), tuple(self.studies))}"
            )
        return self.studies[model]

    @property
    def table(self) -> pd.DataFrame:
        """The table of each model's study, with a column `model` first."""
        return self._joined({name: study.table for name, study in self.studies.items()})

    @property
    def simulated(self) -> pd.DataFrame:
        """The table without its approximate powers."""
        return self._joined({name: study.simulated for name, study in self.studies.items()})

    def replay(self, index: int) -> tuple[pd.DataFrame, dict[str, LmerFit]]:
        """Return the data of one replicate and the fit of each model to them."""
        found = {
            name: replay(study.plan, study.replicates, index, rows=True)
            for name, study in self.studies.items()
        }
        return next(iter(found.values()))[0], {name: fit for name, (_, fit) in found.items()}

    def __str__(self) -> str:
        """Return the table with what the study was."""
        return "\n".join(lines_by_model("Power", self._parts, self._shown))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_by_model("Power", self._parts, self._shown)

    @property
    def _parts(self) -> dict[str, Any]:
        return {name: (study.plan, study.replicates) for name, study in self.studies.items()}

    @property
    def _shown(self) -> pd.DataFrame:
        table = self.table.drop(columns=["type1_lower", "type1_upper"])
        order = {name: place for place, name in enumerate(dict.fromkeys(table["effect"]))}
        # the same effect and test of all models one below another
        keys = table["effect"].map(order)
        return (
            table.assign(_place=keys)
            .sort_values(["_place", "test"], kind="stable")
            .drop(columns="_place")
            .set_index(["effect", "model"])
        )

    @staticmethod
    def _joined(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        for name, table in tables.items():
            table.insert(0, "model", name)
        return pd.concat(list(tables.values()), ignore_index=True)


def power_by_model(
    truth: Any,
    design: Any,
    n_sims: int,
    formulas: Mapping[Any, Any],
    *,
    seed: Any,
    store: Any,
    **options: Any,
) -> PowerByModel:
    """Make one study per model, all with the same data; see `nl.power`."""
    check_models(formulas)
    place = None if store is None else place_of(store)
    stores = {name: place and place.model(name) for name in formulas}
    seed = seed_sequence(seed_inside(place, seed))
    studies = {}
    for name, formula in formulas.items():
        try:
            studies[name] = one_power(
                truth, design, n_sims, formula=formula, seed=seed, store=stores[name], rows=True,
                **options,
            )  # fmt: skip
        except NestlingError as error:
            raise type(error)(f"formula[{name!r}]: {error}") from error
    return PowerByModel(studies)


def check_models(formulas: Mapping[Any, Any]) -> None:
    """Check models by name."""
    if not formulas:
        raise ArgumentError(
            "formula is a mapping without models. Give one formula, or several by name: "
            '{"with slope": "y ~ X + (1 + X | g)", "without": "y ~ X + (1 | g)"}.'
        )
    for name in formulas:
        if not isinstance(name, str) or not name.strip():
            raise ArgumentTypeError(f"The name of a model is {name!r}; expected text.")
