"""The runner: `python -m benchmarks --help`."""

import argparse
from fnmatch import fnmatch
from pathlib import Path

from benchmarks.engines import NAMES, lme4
from benchmarks.machine import bandwidth, describe
from benchmarks.plot import plot
from benchmarks.problems import MAIN, PROBLEMS, Problem
from benchmarks.runner import Outcome, run, versions
from benchmarks.table import table


def main(arguments: list[str] | None = None) -> list[Outcome]:
    """Run problems and write table and plot; what is done so far is on disk after each."""
    given = _parser().parse_args(arguments)
    problems = _chosen(given.problems)
    present = versions(given.engines)
    left_out = [p.name for p in problems if p.source and not lme4.version()]
    problems = [p for p in problems if p.name not in left_out]
    read = bandwidth()
    absent = [name for name in given.engines if name not in present]
    head = "\n".join(
        (
            "# Times",
            "",
            describe(read),
            "- engines: " + ", ".join(f"{name} {v}" for name, v in present.items()),
            f"- absent: {', '.join(absent) or 'none'}",
            *([f"- left out, without lme4's data: {', '.join(left_out)}"] * bool(left_out)),
            f"- turns: up to {given.repeats} after one that warms up",
            f"- at most {given.limit:g} s a call and {given.budget:g} s of repeats an engine",
            "",
            "",
        )
    )
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "times.md").write_text(head)
    outcomes: list[Outcome] = []
    for problem in problems:
        outcome = run(
            problem, present, repeats=given.repeats, limit=given.limit, budget=given.budget
        )
        outcomes.append(outcome)
        print(table([outcome]), flush=True)
        (given.output / "times.md").write_text(head + table(outcomes))
    if given.plot:
        plot(outcomes, read, given.output / "times.png")
    return outcomes


def _chosen(patterns: list[str] | None) -> list[Problem]:
    """Return the problems that match, the main ones when nothing is said."""
    if patterns is None:
        return list(MAIN)
    for pattern in patterns:
        if not any(fnmatch(name, pattern) for name in PROBLEMS):
            raise SystemExit(f"No problem is called {pattern!r}. There are: {', '.join(PROBLEMS)}")
    return [p for name, p in PROBLEMS.items() if any(fnmatch(name, x) for x in patterns)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--problems", nargs="+", help="names or patterns, such as 'rows-*'")
    parser.add_argument("--engines", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one call")
    parser.add_argument("--budget", type=float, default=15.0, help="seconds an engine repeats for")
    parser.add_argument("--no-plot", dest="plot", action="store_false", help="the table alone")
    return parser


if __name__ == "__main__":
    main()
