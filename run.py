"""Set up nestling on a fresh machine and run it or its checks.

`python3 run.py article` runs the main job, `python3 run.py check` every check and test. Both
create the virtual environment `.venv` beside this file, install what they need into it, and
print each command before they run it. Only Python 3.11 or later and pip are required.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
EXTRAS = {"article": "plot", "check": "test"}
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-logo"),
    ("pytest", "-n", "auto"),
)


def run(*command: str) -> None:
    """Print a command and run it in the virtual environment; stop at the first failure."""
    print("$", *command, flush=True)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    # one thread per process: the tests run in parallel and the models are small
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    program = BIN / command[0]
    status = subprocess.run((program, *command[1:]), cwd=ROOT, env=environment, check=False)
    if status.returncode:
        sys.exit(status.returncode)


def prepare(extra: str) -> None:
    """Create the virtual environment and install nestling with an extra."""
    if not BIN.exists():
        print(f"creating the virtual environment {ENVIRONMENT.name}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    run("python", "-m", "pip", "install", "--quiet", "--editable", f".[{extra}]")


def main() -> None:
    """Run the job named on the command line."""
    job = sys.argv[1] if len(sys.argv) > 1 else ""
    if job not in EXTRAS or sys.version_info < (3, 11):
        sys.exit("usage: python3 run.py article | check     (Python 3.11 or later)")
    prepare(EXTRAS[job])
    if job == "article":
        run("nestling", "article", *sys.argv[2:])
        return
    for check in CHECKS:
        run(*check)


if __name__ == "__main__":
    main()
