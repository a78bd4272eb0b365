"""What came back from many replicates, as arrays with one row each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nestling.arrays import BoolArray, FloatArray, IntArray
from nestling.studies.asked import Asked
from nestling.studies.plan import Test


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What is measured: fixed effects, then SDs, correlations and sigma as `confint` names them.

    `asked` is what a study asks beside these.
    """

    fixed: tuple[str, ...]
    spreads: tuple[str, ...]
    asked: Asked | None = None

    @property
    def extra(self) -> tuple[str, ...]:
        """Names of the further numbers."""
        return () if self.asked is None else self.asked.keys


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """R replicates.

    Attributes
    ----------
    index : (R,) array
        Their numbers.
    fixed : (R, p) array
        Estimated fixed effects; NaN where a replicate failed.
    spreads : (R, s) array
        Estimated SDs, correlations and sigma.
    se, df : dict
        Per test (R, p) standard errors and degrees of freedom of the fixed effects.
    outcomes : tuple of str
        'regular', 'singular', 'not converged', or 'failed: ' with stage and reason.
    note : str
        Why there are as many as there are, when that was not said beforehand.
    extra : (R, e) array
        Further numbers, what a study asks beside its fixed effects; empty when it asks nothing.
    """

    index: IntArray
    fixed: FloatArray
    spreads: FloatArray
    se: dict[Test, FloatArray]
    df: dict[Test, FloatArray]
    outcomes: tuple[str, ...]
    note: str = ""
    extra: FloatArray = field(default_factory=lambda: np.empty((0, 0)))

    def __len__(self) -> int:
        """Return the number of replicates."""
        return len(self.index)

    @property
    def fitted(self) -> BoolArray:
        """Which replicates have estimates."""
        return np.array([not outcome.startswith("failed") for outcome in self.outcomes], dtype=bool)

    def taken(self, rows: IntArray) -> "Replicates":
        """Return the replicates in these rows."""
        return replace(
            self,
            index=self.index[rows],
            fixed=self.fixed[rows],
            spreads=self.spreads[rows],
            se={test: values[rows] for test, values in self.se.items()},
            df={test: values[rows] for test, values in self.df.items()},
            outcomes=tuple(self.outcomes[r] for r in rows),
            extra=self.extra[rows] if self.extra.size else self.extra,
        )

    def count(self, outcome: str) -> int:
        """Return how many replicates ended so."""
        return sum(each.startswith(outcome) for each in self.outcomes)


def joined(parts: Sequence[Replicates]) -> Replicates:
    """Return all replicates in the order of their numbers."""
    index = np.concatenate([part.index for part in parts])
    order = np.argsort(index, kind="stable")
    tests = parts[0].se
    outcomes = [outcome for part in parts for outcome in part.outcomes]
    return Replicates(
        index[order],
        np.concatenate([part.fixed for part in parts])[order],
        np.concatenate([part.spreads for part in parts])[order],
        {test: np.concatenate([part.se[test] for part in parts])[order] for test in tests},
        {test: np.concatenate([part.df[test] for part in parts])[order] for test in tests},
        tuple(outcomes[i] for i in order),
        extra=_further(parts, order),
    )


def _further(parts: Sequence[Replicates], order: IntArray) -> FloatArray:
    if not parts[0].extra.size:
        return parts[0].extra
    return np.asarray(np.concatenate([part.extra for part in parts])[order])


def failed(index: int, names: Names, tests: Sequence[Test], stage: str, why: str) -> Replicates:
    """Return one replicate that came to nothing, with the stage and the reason."""
    p, s = len(names.fixed), len(names.spreads)
    nothing = np.full((1, p), np.nan)
    return Replicates(
        np.array([index]),
        nothing,
        np.full((1, s), np.nan),
        dict.fromkeys(tests, nothing),
        dict.fromkeys(tests, nothing),
        (f"failed: {stage}: {why}",),
        extra=np.full((1, len(names.extra)), np.nan) if names.extra else np.empty((0, 0)),
    )
