"""Replicates in chunks: here or in several processes, with a progress bar when it takes long."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from time import sleep
from typing import Any, Protocol

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, ModelError
from nestling.report.progress import progress_bar
from nestling.studies.replicates import Replicates, joined
from nestling.studies.store import Store

HOPELESS = 50
"""When so many replicates at the start all fail, the study stops and says why."""

ATTEMPTS = 5
"""How often processes that were ended from outside are started again without one more result."""

PAUSE = 0.5
"""Seconds before the first new start; one more such pause before each of the next."""

GROWTH = 1.1
"""By how much the replicates grow between two looks at their Monte-Carlo error."""


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
    engine: Engine,
    n_sims: int,
    *,
    n_jobs: int = 1,
    progress: bool | None = None,
    store: Store | None = None,
    error: Callable[[Replicates], float] | None = None,
    mcse: float = 0.0,
) -> Replicates:
    """Make replicates 0 .. n_sims - 1, or as many as it takes.

    How replicates are cut into chunks, and when their error is looked at, depends on neither the
    number of processes nor what is stored: the result is the same to the last bit.

    Parameters
    ----------
    engine : Engine
    n_sims : int
    n_jobs : int
    progress : bool, optional
    store : Store, optional
        Chunks found there are read, others are written by the process that made them.
    error : callable, optional
        The largest Monte-Carlo standard error of what is asked; the study stops when it is at
        most `mcse`.
    mcse : float

    Raises
    ------
    ModelError
        When the first fifty replicates, or all of them, fail.
    """
    _check_jobs(n_jobs)
    step = engine.at_once
    parts = [range(a, min(a + step, n_sims)) for a in range(0, n_sims, step)]
    done: list[Replicates] = []
    made, good, look, note = 0, 0, 0.0, ""
    with (
        progress_bar(n_sims, "replicate", progress=progress) as bar,
        closing(_chunks(engine, parts, n_jobs, store)) as chunks,
    ):
        try:
            for part in chunks:
                done.append(part)
                made, good = made + len(part), good + int(part.fitted.sum())
                if not good and made >= min(HOPELESS, n_sims):
                    raise ModelError(_hopeless(done, made))
                if bar is not None:
                    bar.update(len(part))
                if error is not None and made >= look and made < n_sims:
                    look = GROWTH * made
                    if error(joined(done)) <= mcse:
                        note = f"stopped at a Monte-Carlo standard error of {mcse:g}"
                        break
        except KeyboardInterrupt:
            if made < 2:
                raise
            note = f"interrupted after {made} of {n_sims} replicates"
    if error is not None and not note:
        reached = error(joined(done))
        if reached > mcse:
            note = f"the Monte-Carlo standard error is still {reached:.2g}, not {mcse:g}"
    return replace(joined(done), note=note)


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


def _one(engine: Engine, part: range, store: Store | None) -> Replicates:
    """Read a chunk that is stored, or make it and store it."""
    if store is None:
        return engine.chunk(part)
    found = store.read(part)
    if found is None:
        found = engine.chunk(part)
        store.write(part, found)
    return found


def _chunks(
    engine: Engine, parts: list[range], n_jobs: int, store: Store | None
) -> Generator[Replicates, None, None]:
    """Yield the chunks in order, whoever makes them."""
    if n_jobs == 1:
        yield from (_one(engine, part, store) for part in parts)
        return
    from concurrent.futures import BrokenExecutor

    from joblib import Parallel, delayed

    work = delayed(_one)
    done = attempts = reached = 0
    while done < len(parts):
        results = Parallel(n_jobs=n_jobs, return_as="generator")(
            work(engine, part, store) for part in parts[done:]
        )
        try:
            for part in results:
                done += 1
                yield part
        except BrokenExecutor as error:
            # joblib may hand out the broken pool again before it knows that it is broken
            attempts = attempts + 1 if done == reached else 1
            reached = done
            if attempts == ATTEMPTS:
                raise ModelError(
                    f"Processes of the study broke off {ATTEMPTS} times running, often because "
                    f"memory was short: {error} Use a smaller n_jobs; with store= the finished "
                    "replicates are kept."
                ) from error
            sleep(PAUSE * attempts)
        finally:
            with warnings.catch_warnings():
                # joblib says that chunks are given up, made or not; a stopped study does that
                warnings.filterwarnings("ignore", "[0-9]+ tasks (which were|have been)")
                results.close()
