"""Who does the work of a study: this process, others, or a cluster."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from time import sleep
from typing import Any, TypeVar

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, ModelError, NestlingWarning

ATTEMPTS = 5
"""How often processes that were ended from outside are started again without one more result."""

PAUSE = 0.5
"""Seconds before the first new start; one more such pause before each of the next."""

AT_A_TIME = 4
"""Parts per worker that are given out together where results come back together."""

T = TypeVar("T")


def workers_of(n_jobs: Any) -> int:
    """Return how many parts are made at a time.

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


def made(
    make: Callable[[range], T], parts: Sequence[range], n_jobs: Any
) -> Generator[tuple[range, T], None, None]:
    """Yield what is made for each part as it is finished, beside the part.

    Raises
    ------
    ModelError
        When processes are ended from outside again and again.
    """
    if n_jobs == 1 or workers_of(n_jobs) == 1:
        yield from ((part, make(part)) for part in parts)
        return
    with warnings.catch_warnings():
        # threads share the filters of warnings, and leave them as the last one found them
        warnings.simplefilter("ignore", NestlingWarning)
        # joblib says that tasks are given up, done or not; a stopped study does that
        warnings.filterwarnings("ignore", "[0-9]+ tasks (which were|have been)")
        yield from _made_elsewhere(make, parts, n_jobs)


def _made_elsewhere(
    make: Callable[[range], T], parts: Sequence[range], n_jobs: Any
) -> Generator[tuple[range, T], None, None]:
    """Start workers again for what is missing when they broke off."""
    from concurrent.futures import BrokenExecutor

    missing = dict.fromkeys(parts)
    attempts = reached = 0
    while missing:
        try:
            with closing(_arriving(make, list(missing), n_jobs)) as arriving:
                for part, found in arriving:
                    del missing[part]
                    yield part, found
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


def _arriving(
    make: Callable[[range], T], parts: list[range], n_jobs: Any
) -> Generator[tuple[range, T], None, None]:
    """Yield in the order of arrival, until the workers are done or break off."""
    from joblib import Parallel, delayed

    work = delayed(_work)
    jobs = None if n_jobs is None else int(n_jobs)
    try:
        pool = Parallel(n_jobs=jobs, return_as="generator_unordered")
    except ValueError:
        # the backend gives nothing back before all is done
        step = AT_A_TIME * workers_of(n_jobs)
        for a in range(0, len(parts), step):
            yield from Parallel(n_jobs=jobs)(work(make, part) for part in parts[a : a + step])
        return
    yield from pool(work(make, part) for part in parts)


def _work(make: Callable[[range], T], part: range) -> tuple[range, T]:
    return part, make(part)
