"""The engines: one file each, all with the same three names.

`version()` gives the installed version or None when the engine is absent; `command(job, once)`
is the process that serves a job; `start(job)` gives the call to be timed and how to read its
answer: `criterion` (-2 log restricted likelihood), `beta` (fixed effects) and, where several
responses are fitted, `done`, how many were.
"""

import sys
import time
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

NAMES = (
    "nestling",
    "lme4",
    "statsmodels",
    "glmm",
    "mixedlm",
    "lme_python",
    "gpboost",
    "mcpower",
)


def installed(package: str) -> str | None:
    """Return the version of a Python package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def python_worker(engine: str, folder: Path, *, once: bool) -> list[str]:
    """Return the command that serves a job with a Python engine."""
    return [sys.executable, "-m", "benchmarks.worker", engine, str(folder), *(["once"] * once)]


def each(fit: Callable[[Any], Any], responses: Any, budget: float) -> list[Any]:
    """Fit one response after another until the time is spent."""
    end, done = time.perf_counter() + budget, []
    for y in columns(responses):
        done.append(fit(y))
        if time.perf_counter() > end:
            break
    return done


def columns(responses: Any) -> Iterable[Any]:
    """Return the columns of a matrix, each contiguous."""
    return iter(responses.T.copy())


def bars(job: Any) -> list[tuple[str, list[str]]]:
    """Return the random-effects terms of a job: grouping factor and slopes."""
    return [(group, list(names)) for group, names in job.effects]
