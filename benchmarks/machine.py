"""The conditions of a run: machine, threads, load, memory bandwidth."""

import os
import platform
import time
from pathlib import Path

import numpy as np


def bandwidth() -> float:
    """Return bytes read per second by one thread: the best of three sums over 64 MB."""
    block = np.ones(2**23)
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        block.sum()
        times.append(time.perf_counter() - begin)
    return block.nbytes / min(times)


def describe(read: float) -> str:
    """Return a Markdown list of the conditions."""
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return "\n".join(
        (
            f"- processor: {_processor()}, {os.cpu_count()} cores; BLAS on 1 thread everywhere",
            f"- system: {platform.system()} {platform.machine()}",
            f"- Python {platform.python_version()}, NumPy {np.__version__}",
            f"- load averages at the start: {load}",
            f"- memory read by one thread: {read / 1e9:.1f} GB/s",
        )
    )


def _processor() -> str:
    """Return the processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
