"""Who makes the chunks of a study: this process, others, or a cluster."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import closing
from time import sleep
from typing import Any, Protocol

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, ModelError, NestlingWarning
from nestling.studies.replicates import Replicates

ATTEMPTS = 5
"""How often processes that were ended from outside are started again without one more result."""

PAUSE = 0.5
"""Seconds before the first new start; one more such pause before each of the next."""

AT_A_TIME = 4
"""Chunks per worker that are given out together where results come back together."""

Made = tuple[range, Replicates]


class Engine(Protocol):
    """A way to make replicates; any of them can be made alone."""

    @property
    def at_once(self) -> int:
        """Replicates that are made together."""
        ...

    def chunk(self, indices: Sequence[int]) -> Replicates:
        """Make these replicates."""
        ...


def workers_of(n_jobs: Any) -> int:
    """Return how many chunks are made at a time.

    None is 1, or what `joblib.parallel_config` says where the caller is inside one.
    """
    if n_jobs is None:
        # a caller inside parallel_config has imported joblib; for others it stays away
        joblib = sys.modules.get("joblib")
        return 1 if joblib is None else int(joblib.effective_n_jobs(None))
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer):
        raise ArgumentTypeError(
            f"n_jobs={n_jobs!r}; expected a whole number of processes, or None for those of "
            "joblib.parallel_config."
        )
    if n_jobs == 0:
        raise ArgumentError(
            "n_jobs=0; expected 1 or more, -1 for one per processor, -2 for all processors but one."
        )
    if n_jobs == 1:
        return 1
    from joblib import effective_n_jobs

    return int(effective_n_jobs(int(n_jobs)))


def made(engine: Engine, parts: Sequence[range], n_jobs: Any) -> Generator[Made, None, None]:
    """Yield the chunks as they are finished, each with its replicates' numbers.

    Raises
    ------
    ModelError
        When processes are ended from outside again and again.
    """
    if n_jobs == 1 or workers_of(n_jobs) == 1:
        yield from ((part, engine.chunk(part)) for part in parts)
        return
    with warnings.catch_warnings():
        # threads share the filters of warnings, and leave them as the last one found them
        warnings.simplefilter("ignore", NestlingWarning)
        # joblib says that chunks are given up, made or not; a stopped study does that
        warnings.filterwarnings("ignore", "[0-9]+ tasks (which were|have been)")
        yield from _made_elsewhere(engine, parts, n_jobs)


def _made_elsewhere(
    engine: Engine, parts: Sequence[range], n_jobs: Any
) -> Generator[Made, None, None]:
    """Yield the chunks as they are finished, with new workers for those that broke off."""
    from concurrent.futures import BrokenExecutor

    missing = dict.fromkeys(parts)
    attempts = reached = 0
    while missing:
        try:
            with closing(_arriving(engine, list(missing), n_jobs)) as arriving:
                for part, chunk in arriving:
                    del missing[part]
                    yield part, chunk
        except BrokenExecutor as error:
            # joblib may hand out the broken pool again before it knows that it is broken
            attempts = attempts + 1 if len(missing) == reached else 1
            reached = len(missing)
            if attempts == ATTEMPTS:
                raise ModelError(
                    f"Processes of the study broke off {ATTEMPTS} times running, often because "
                    f"memory was short: {error} Use a smaller n_jobs; with store= the finished "
                    "replicates are kept."
                ) from error
            sleep(PAUSE * attempts)


def _arriving(engine: Engine, parts: list[range], n_jobs: Any) -> Generator[Made, None, None]:
    """Yield the chunks in the order in which they arrive, until one pool of workers ends."""
    from joblib import Parallel, delayed

    work = delayed(_work)
    jobs = None if n_jobs is None else int(n_jobs)
    try:
        pool = Parallel(n_jobs=jobs, return_as="generator_unordered")
    except ValueError:
        # the backend gives nothing back before all is done
        step = AT_A_TIME * workers_of(n_jobs)
        for a in range(0, len(parts), step):
            yield from Parallel(n_jobs=jobs)(work(engine, part) for part in parts[a : a + step])
        return
    yield from pool(work(engine, part) for part in parts)


def _work(engine: Engine, part: range) -> Made:
    return part, engine.chunk(part)
