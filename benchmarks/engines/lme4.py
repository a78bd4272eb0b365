"""lme4 through Rscript, timed inside R."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

SCRIPT = Path(__file__).with_suffix(".R")


@cache
def version() -> str | None:
    """Return lme4's version, or None without R or lme4."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    ask = [rscript, "-e", "cat(as.character(packageVersion('lme4')))"]
    found = subprocess.run(ask, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None if found.returncode == 0 else None


def command(folder: Path, *, once: bool) -> list[str]:
    """Return the command that serves a job."""
    return ["Rscript", "--vanilla", str(SCRIPT), str(folder), *(["once"] * once)]
