"""Time against size, both logarithmic, with the line below which memory cannot be read."""

from pathlib import Path

from benchmarks.problems import AXES, CURVES
from benchmarks.runner import Outcome


def plot(outcomes: list[Outcome], read: float, path: Path) -> None:
    """Draw all fits against rows, and every growth curve of which two points were run."""
    from matplotlib.figure import Figure

    fits = sorted((o for o in outcomes if o.problem.task == "fit"), key=lambda o: o.rows)
    panels = [("rows, all fits", "o", [(o.rows, o) for o in fits])]
    for name, curve in CURVES.items():
        ran = [(o.problem.size, o) for o in outcomes if o.problem in curve]
        if len(ran) > 1:
            panels.append((AXES[name], "o-", ran))
    # without pyplot, which takes a second to import
    figure = Figure(figsize=(5 * len(panels), 4.5), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)
    engines = list(dict.fromkeys(t.engine for o in outcomes for t in o.timings))
    for axis, (label, style, points) in zip(axes[0], panels, strict=True):
        for i, engine in enumerate(engines):
            xy = [
                (x, t.median)
                for x, o in points
                for t in o.timings
                if t.engine == engine and t.seconds
            ]
            if xy:
                axis.loglog(*zip(*xy, strict=True), style, color=f"C{i}", label=engine)
        if points:
            limit = [(x, o.bytes / read) for x, o in points]
            axis.loglog(*zip(*limit, strict=True), "k:", label="reading the columns once")
        axis.set(xlabel=label, ylabel="seconds")
        axis.grid(alpha=0.3)
    axes[0][0].legend(fontsize="small")
    figure.savefig(path, dpi=150)
