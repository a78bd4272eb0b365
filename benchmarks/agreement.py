"""Whether the engines found the same: looked at before any time is compared."""

from benchmarks.runner import Outcome, Timing

CRITERION = 1e-3
"""Deviance units above the lowest criterion that count as the same optimum."""
ESTIMATES = 1e-3
"""Relative difference of fixed effects (or of the limits of sigma) that counts as the same."""


def disagreement(outcome: Outcome, timing: Timing) -> str:
    """Return what an engine has otherwise than nestling, or an empty text."""
    ours = next((t for t in outcome.timings if t.engine == "nestling" and t.seconds), None)
    if ours is None or timing is ours or not timing.seconds:
        return _above(outcome, timing)
    worst = max(
        (abs(a - b) / max(1.0, abs(b)) for a, b in zip(timing.beta, ours.beta, strict=False)),
        default=0.0,
    )
    return _above(outcome, timing) or (f"estimates differ by {worst:.1g}" * (worst > ESTIMATES))


def _above(outcome: Outcome, timing: Timing) -> str:
    """Return how far the criterion is above the lowest of the run."""
    if timing.criterion is None or not timing.seconds:
        return ""
    lowest = min(t.criterion for t in outcome.timings if t.criterion is not None)
    above = timing.criterion - lowest
    return f"criterion {above:.2g} above the lowest" if above > CRITERION else ""
