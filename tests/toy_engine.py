"""An engine without a model; in a module of its own, so that other processes can load it."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

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
