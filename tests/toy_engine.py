"""Engines without a model, which other processes load from here, and a store without a disk."""

import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, get_ident

import numpy as np

from nestling.studies.replicates import Replicates


@dataclass
class Toy:
    """Replicates whose estimate is their number."""

    at_once: int = 4
    interrupt_at: int | None = None
    kill: Path | None = None

    def chunk(self, indices):
        index = np.array(indices)
        if self.interrupt_at in indices:
            raise KeyboardInterrupt
        if self.kill is not None and 8 in indices and not self.kill.exists():
            self.kill.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        one = index[:, None].astype(float)
        return Replicates(index, one, one, {"z": one}, {"z": one}, ("regular",) * len(index))


@dataclass
class Where(Toy):
    """Replicates whose estimate is the number of the process that made them."""

    def chunk(self, indices):
        made = super().chunk(indices)
        return replace(made, fixed=np.full((len(made), 1), float(os.getpid())))


class Kept:
    """Chunks in memory; it has locks, so that other processes cannot even be given it."""

    def __init__(self, interrupt_at=None):
        self.parts, self.threads = {}, set()
        self.written, self.full, self.interrupt_at = Event(), Event(), interrupt_at

    def holds(self, indices):
        return indices in self.parts

    def read(self, indices):
        self.threads.add(get_ident())
        return self.parts[indices]

    def write(self, indices, part):
        if len(self.parts) == self.interrupt_at:
            raise KeyboardInterrupt
        self.threads.add(get_ident())
        self.parts[indices] = part
        self.written.set()
        if len(self.parts) == self.interrupt_at:
            self.full.set()
