"""Replicates in chunks: here or in several processes, with a progress bar when it takes long."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Protocol

from nestling.errors import ModelError
from nestling.report.progress import progress_bar
from nestling.studies.replicates import Replicates, joined
from nestling.studies.store import Store
from nestling.studies.workers import made, workers_of

HOPELESS = 50
"""When so many replicates at the start all fail, the study stops and says why."""

GROWTH = 1.1
"""By how much the replicates grow between two looks at their Monte-Carlo error."""


class Engine(Protocol):
    """A way to make replicates; any of them can be made alone."""

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        ...

    @property
    def how(self) -> str:
        """How replicates are made, in a few words."""
        ...

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        ...


def run(
    engine: Engine,
    n_sims: int,
    *,
    n_jobs: Any = None,
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
    n_jobs : int, optional
    progress : bool, optional
    store : Store, optional
        Chunks found there are read, others are written as soon as they arrive. Workers know
        nothing of it.
    error : callable, optional
        The largest Monte-Carlo standard error of what is asked; the study stops when it is at
        most `mcse`.
    mcse : float

    Raises
    ------
    ModelError
        When the first fifty replicates, or all of them, fail.
    """
    workers_of(n_jobs)  # says now when it cannot be
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


def _hopeless(done: list[Replicates], made: int) -> str:
    outcomes = [outcome for part in done for outcome in part.outcomes]
    common = max(set(outcomes), key=outcomes.count).removeprefix("failed: ")
    return (
        f"All of the first {made} replicates failed, {outcomes.count('failed: ' + common)} of them "
        f"for this reason: {common} Change the design or the model; a study without estimates "
        "says nothing about power."
    )


def _chunks(
    engine: Engine, parts: list[range], n_jobs: Any, store: Store | None
) -> Generator[Replicates, None, None]:
    """Yield the chunks in order, whoever makes them; only this process has the store."""
    missing = [part for part in parts if store is None or not store.holds(part)]
    wanted, early = set(missing), dict[range, Replicates]()
    with closing(made(engine.chunk, missing, n_jobs)) as arriving:
        for part in parts:
            if store is not None and part not in wanted:
                yield store.read(part)
                continue
            while part not in early:
                finished, chunk = next(arriving)
                if store is not None:
                    store.write(finished, chunk)
                early[finished] = chunk
            yield early.pop(part)
