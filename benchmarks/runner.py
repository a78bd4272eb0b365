"""All engines of a problem in turn: first engine, second, ..., and again."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.engines import NAMES, python_worker
from benchmarks.job import Job, write
from benchmarks.problems import Problem

LIBRARIES = ("OPENBLAS", "OMP", "MKL")
ONE_THREAD = {
    **{f"{library}_NUM_THREADS": "1" for library in LIBRARIES},
    "POLARS_MAX_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
}
ROOT = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Timing:
    """What one engine did on one problem; `note` says why there is no time."""

    engine: str
    seconds: list[float] = field(default_factory=list)
    criterion: float | None = None
    beta: list[float] = field(default_factory=list)
    peak: float = 0.0
    done: int = 1
    evaluations: int | None = None
    note: str = ""

    @property
    def median(self) -> float | None:
        """Median seconds, or None."""
        return median(self.seconds) if self.seconds else None

    def take(self, answer: dict[str, Any], responses: int) -> None:
        """Add one answer; where only some responses were done, scale to all."""
        self.done = int(answer.get("done", 1))
        scale = responses / self.done if responses else 1.0
        self.seconds.append(answer["seconds"] * scale)
        self.criterion = answer.get("criterion")
        self.beta = answer["beta"]
        self.peak = answer["peak"]
        self.evaluations = answer.get("evaluations")
        if responses and self.done < responses:
            self.note = f"{self.done} of {responses} fitted, scaled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """All engines on one problem."""

    problem: Problem
    rows: int
    bytes: int
    timings: list[Timing]


class Served:
    """The process of one engine on one job."""

    def __init__(self, engine: str, job: Job) -> None:
        self.engine, self.job, self.process = engine, job, None

    def ask(self, limit: float) -> dict[str, Any]:
        """Return one answer, or an `error`; a process that is over the limit is ended.

        The limit holds for the call with its untimed preparation.
        """
        begin = time.perf_counter()
        once = self.job.task == "first"
        if self.process is None:
            self.process = _start(self.engine, self.job.folder, once=once)
        if not once:
            try:
                self.process.stdin.write(b"run\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                return {"error": "the process ended"}
        answer = self._read(limit)
        if once:
            self.end()
            answer["seconds"] = time.perf_counter() - begin
        return answer

    def _read(self, limit: float) -> dict[str, Any]:
        end, text = time.perf_counter() + limit, b""
        stream = self.process.stdout.fileno()
        while (left := end - time.perf_counter()) > 0:
            if not select.select([stream], [], [], left)[0]:
                break
            part = os.read(stream, 65536)
            text += part
            line = text.rpartition(b"\n@")[2]
            if b"\n@" in text and line.endswith(b"\n"):
                return json.loads(line)
            if not part:
                return {"error": "the process ended"}
        self.end()
        return {"error": f"over {limit:g} s"}

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def _start(engine: str, folder: Path, *, once: bool) -> subprocess.Popen[bytes]:
    adapter = import_module(f"benchmarks.engines.{engine}")
    command = getattr(adapter, "command", None)
    words = command(folder, once=once) if command else python_worker(engine, folder, once=once)
    return subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | ONE_THREAD,
        cwd=ROOT,
    )


def versions(engines: Iterable[str] = NAMES) -> dict[str, str]:
    """Return the engines that are present, with their versions."""
    found = {name: import_module(f"benchmarks.engines.{name}").version() for name in engines}
    return {name: version for name, version in found.items() if version}


def run(
    problem: Problem, engines: Iterable[str], *, repeats: int, limit: float, budget: float
) -> Outcome:
    """Run one problem: every engine once per turn, until its budget of seconds is spent.

    The first of several turns warms up (late imports, compiled code) and never counts; every
    engine gets at least one turn that does.
    """
    folder = Path(tempfile.mkdtemp(prefix="nestling-benchmark-"))
    try:
        job = write(problem, folder / "job", budget)
        timings = [Timing(name) for name in engines if name in problem.engines]
        served = {t.engine: Served(t.engine, job) for t in timings}
        spent = dict.fromkeys(served, 0.0)
        for turn in range(repeats + (repeats > 1)):
            counts = turn > 0 or repeats == 1
            for timing in timings:
                name = timing.engine
                if spent[name] > budget and (timing.seconds or timing.note):
                    continue
                answer = served[name].ask(limit)
                spent[name] += answer.get("seconds", 0.0)
                if "error" in answer:
                    timing.note = answer["error"]
                    spent[name] = inf
                elif counts:
                    timing.take(answer, problem.responses)
        for one in served.values():
            one.end()
        return Outcome(problem, job.n, _input_bytes(job), timings)
    finally:
        shutil.rmtree(folder)


def _input_bytes(job: Job) -> int:
    return sum((job.folder / name).stat().st_size for name in job.columns)
