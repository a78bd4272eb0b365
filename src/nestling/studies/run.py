"""Replicates in chunks: here or in several processes, with a progress bar when it takes long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, ModelError
from nestling.studies.replicates import Replicates, joined

PATIENCE = 1.0
"""Seconds before the progress bar appears."""

HOPELESS = 50
"""When so many replicates at the start all fail, the study stops and says why."""


class Engine(Protocol):
    """A way to make replicates; any of them can be made alone."""

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        ...

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        ...


def run(
    engine: Engine, n_sims: int, *, n_jobs: int = 1, progress: bool | None = None
) -> Replicates:
    """Make replicates 0 .. n_sims - 1.

    Raises
    ------
    ModelError
        When the first fifty replicates, or all of them, fail.
    """
    _check_jobs(n_jobs)
    step = engine.at_once
    if n_jobs != 1:
        # a few chunks per job, so that none waits long for the last
        step = max(1, min(step, -(-n_sims // (4 * max(n_jobs, 1)))))
    parts = [range(a, min(a + step, n_sims)) for a in range(0, n_sims, step)]
    done: list[Replicates] = []
    made, good = 0, 0
    with _bar(n_sims, progress) as bar:
        for part in _chunks(engine, parts, n_jobs):
            done.append(part)
            made, good = made + len(part), good + int(part.fitted.sum())
            if not good and made >= min(HOPELESS, n_sims):
                raise ModelError(_hopeless(done, made))
            if bar is not None:
                bar.update(len(part))
    return joined(done)


def _check_jobs(n_jobs: Any) -> None:
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer):
        raise ArgumentTypeError(f"n_jobs={n_jobs!r}; expected a whole number of processes.")
    if n_jobs == 0 or n_jobs < -1:
        raise ArgumentError(f"n_jobs={n_jobs}; expected 1 or more, or -1 for one per processor.")


def _hopeless(done: list[Replicates], made: int) -> str:
    outcomes = [outcome for part in done for outcome in part.outcomes]
    common = max(set(outcomes), key=outcomes.count).removeprefix("failed: ")
    return (
        f"All of the first {made} replicates failed, {outcomes.count('failed: ' + common)} of them "
        f"for this reason: {common} Change the design or the model; a study without estimates "
        "says nothing about power."
    )


def _chunks(engine: Engine, parts: list[range], n_jobs: int) -> Iterable[Replicates]:
    if n_jobs == 1:
        return (engine.chunk(part) for part in parts)
    from joblib import Parallel, delayed

    work = delayed(engine.chunk)
    results: Iterable[Replicates] = Parallel(n_jobs=n_jobs, return_as="generator")(
        work(part) for part in parts
    )
    return results


def _bar(total: int, progress: bool | None) -> AbstractContextManager[Any]:
    """Return tqdm's bar; unless asked for, only in a terminal and after a second."""
    if progress is False:
        return nullcontext()
    from tqdm import tqdm

    bar: AbstractContextManager[Any] = tqdm(
        total=total,
        unit="replicate",
        leave=False,
        delay=0.0 if progress else PATIENCE,
        disable=None if progress is None else False,
    )
    return bar
