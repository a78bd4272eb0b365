"""One engine on one job, in a process of its own.

Answers each line of standard input with one line of JSON: seconds of the timed call alone, what
was estimated, and the peak memory. `once` instead of lines: one call, for a fresh process.
"""

import json
import resource
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.job import Job

MEMORY = 8 * 2**30
"""More than this is refused to a process, so that one engine cannot stop the run."""
QUICK = ("fit", "matrices")
TURN = 0.1
"""Seconds for which quick fits are repeated within one turn."""


def main(engine: str, folder: str, once: str = "") -> None:
    """Serve one engine."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    adapter, job = import_module(f"benchmarks.engines.{engine}"), Job.read(Path(folder))
    if once:
        _reply(_timed(adapter, job))
        return
    for _ in sys.stdin:
        try:
            _reply(_timed(adapter, job))
        except (Exception, MemoryError) as error:  # noqa: BLE001  a peer may fail in any way
            _reply({"error": f"{type(error).__name__}: {str(error).strip()[:200]}"})
            return


def _timed(adapter: Any, job: Job) -> dict[str, Any]:
    """Prepare anew (fresh frame), time the call, then read the answer.

    A quick fit is done again until a turn has lasted long enough; its time is the median.
    """
    seconds: list[float] = []
    while not seconds or (job.task in QUICK and sum(seconds) < TURN):
        call, answer = adapter.start(job)
        begin = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": median(seconds), "peak": _peak(), **answer(result)}


def _peak() -> float:
    """Return the process's peak memory in MB, 0 where the system does not tell it."""
    status = Path("/proc/self/status")
    text = status.read_text() if status.exists() else ""
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024 if "VmHWM:" in text else 0.0


def _reply(answer: dict[str, Any]) -> None:
    sys.__stdout__.write("\n@" + json.dumps(answer) + "\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
