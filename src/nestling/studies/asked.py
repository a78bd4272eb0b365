"""What is asked of every replicate beside its fixed effects, and under which name it is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.results.lmer_fit import LmerFit
from nestling.studies.plan import Plan, Test
from nestling.studies.questions import LRT, Hypothesis
from nestling.studies.variance_tests import Reduction, reductions_of

P, P_NULL = "p", "p0"
"""A p value, and that of the same test where the hypothesis is true."""

VARIANCE = "variance"
"""The likelihood-ratio test of a random effect."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The questions of a plan, read for the coefficients of its fitted model.

    Attributes
    ----------
    fixed : tuple of str
        Names of the coefficients.
    hypotheses : tuple of Hypothesis
    lrt : tuple of Hypothesis
        Coefficients and hypotheses with a likelihood-ratio test.
    reductions : tuple of Reduction
        Random effects with a likelihood-ratio test.
    beta : (p,) array
        True values of the coefficients, NaN where there are none.
    tests : tuple of str
        By which contrasts and joint hypotheses are tested.
    """

    fixed: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    lrt: tuple[Hypothesis, ...]
    reductions: tuple[Reduction, ...]
    beta: FloatArray
    tests: tuple[Test, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of hypotheses, then of random effects, that are tested."""
        return (
            *(each.name for each in self.hypotheses),
            *(each.name for each in self.reductions),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names of all numbers that a replicate gives, in the order of a row."""
        keys = [key("estimate", each.name) for each in self.hypotheses if not each.joint]
        for each in self.hypotheses:
            parts = (P, P_NULL) if each.joint else ("se", "df")
            keys += [key(part, each.name, test) for test in self.tests for part in parts]
        keys += [key(part, each.name, LRT) for each in self.lrt for part in (P, P_NULL)]
        keys += [key(part, each.name, VARIANCE) for each in self.reductions
                 for part in (P, P_NULL)]  # fmt: skip
        return tuple(keys)


def key(what: str, name: str, test: str = "hypothesis") -> str:
    """Return the name of a number: 'p lrt X'."""
    return f"{what} {test} {name}"


def asked_of(plan: Plan, fit: LmerFit) -> Asked:
    """Read a plan's questions; `fit` is any fit of its model.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        When they name what the model does not have.
    """
    names = tuple(fit.matrices.names)
    hypotheses = plan.questions.of(names)
    own: tuple[Hypothesis, ...] = ()
    if plan.questions.lrt:
        rows = np.eye(len(names))
        singles = tuple(Hypothesis(name, rows[[j]], np.zeros(1)) for j, name in enumerate(names))
        own = singles + hypotheses
    reductions = reductions_of(fit, plan.questions.variances)
    return Asked(names, hypotheses, own, reductions, plan.true_beta(names), plan.tests)
