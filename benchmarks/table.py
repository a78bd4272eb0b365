"""The result as a Markdown table."""

from benchmarks.agreement import disagreement
from benchmarks.runner import Outcome, Timing


def table(outcomes: list[Outcome]) -> str:
    """Return a row per problem and engine: median, ratio to nestling, agreement."""
    lines = [
        "| problem | rows | engine | median | times nestling | repeats | peak MB | remarks |",
        "|---|---:|---|---:|---:|---:|---:|---|",
    ]
    for outcome in outcomes:
        base = next((t.median for t in outcome.timings if t.engine == "nestling"), None)
        for i, timing in enumerate(outcome.timings):
            place = (outcome.problem.name, f"{outcome.rows:,}") if i == 0 else ("", "")
            lines.append("| " + " | ".join((*place, *_cells(outcome, timing, base))) + " |")
    return "\n".join(lines) + "\n"


def _cells(outcome: Outcome, timing: Timing, base: float | None) -> tuple[str, ...]:
    value = timing.median
    remarks = [disagreement(outcome, timing), timing.note]
    if timing.evaluations is not None:
        remarks.append(f"evaluations: {timing.evaluations}")
    return (
        timing.engine,
        "" if value is None else seconds(value),
        "" if value is None or base is None else f"{value / base:.3g}",
        str(len(timing.seconds) or ""),
        f"{timing.peak:.0f}" if timing.peak else "",
        "; ".join(filter(None, remarks)),
    )


def seconds(value: float) -> str:
    """Return a time in s or ms, to three digits."""
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"
