"""A problem on disk: plain binary columns that every engine reads, in Python or R."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.problems import Problem

SEED = 20231


@dataclass(frozen=True, slots=True)
class Job:
    """What an engine gets: the question and the folder of the data."""

    folder: Path
    name: str
    task: str
    formula: str
    n: int
    responses: int
    columns: dict[str, str]
    effects: list[tuple[str, list[str]]]
    budget: float

    @classmethod
    def read(cls, folder: Path) -> Job:
        """Read the job of a folder."""
        return cls(folder=folder, **json.loads((folder / "job.json").read_text()))

    def arrays(self) -> dict[str, Any]:
        """Return the columns as fresh arrays."""
        return {
            name: np.fromfile(self.folder / name, dtype=dtype)
            for name, dtype in self.columns.items()
        }

    def frame(self) -> Any:
        """Return the columns as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.arrays())

    def new_responses(self) -> Any:
        """Return the (n, responses) array of new responses."""
        return np.fromfile(self.folder / "responses", dtype="<f8").reshape(-1, self.n).T


def write(problem: Problem, folder: Path, budget: float) -> Job:
    """Simulate a problem with nestling and write its job."""
    import nestling as nl

    folder.mkdir(parents=True)
    data = _simulated(problem) if problem.source is None else _from_lme4(problem.source, folder)
    columns = {}
    for name in (*(group for group, _ in problem.effects), *problem.predictors, "y"):
        values = data[name].to_numpy()
        # the response is a number even where its values are whole
        columns[name] = "<f8" if values.dtype.kind == "f" or name == "y" else "<i4"
        values.astype(columns[name]).tofile(folder / name)
    if problem.task == "refit":
        drawn = nl.lmer(problem.formula, data).simulate(problem.responses, SEED)
        np.asarray(drawn).T.tofile(folder / "responses")
    facts = {
        "name": problem.name,
        "task": problem.task,
        "formula": problem.formula,
        "n": len(data),
        "responses": problem.responses,
        "columns": columns,
        "effects": problem.effects,
        "budget": budget,
    }
    (folder / "job.json").write_text(json.dumps(facts))
    return Job.read(folder)


def _simulated(problem: Problem) -> Any:
    data = problem.population().simulate(problem.design(), seed=SEED)
    if problem.rows is None:
        return data
    kept = np.random.default_rng(SEED).choice(len(data), problem.rows, replace=False)
    return data.iloc[np.sort(kept)]


def _from_lme4(name: str, folder: Path) -> Any:
    """Let R write a data set of lme4's to a file and read it; factors as their codes."""
    import pandas as pd

    path = folder / f"{name}.csv"
    write = (
        f"d <- lme4::{name}; d[] <- lapply(d, function(x) if (is.factor(x)) as.integer(x) else x);"
        f" write.csv(d, '{path}', row.names = FALSE)"
    )
    rscript = str(shutil.which("Rscript"))
    subprocess.run([rscript, "--vanilla", "-e", write], check=True, capture_output=True)
    return pd.read_csv(path)
