"""What every replicate of a study does: simulate, fit, measure."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.design.design import Design
from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.model.expressions import names_in
from nestling.model.formula import Formula, parse
from nestling.model.terms import expand
from nestling.random.replicate_seed import ReplicateSeed
from nestling.random.streams import named_child, seed_sequence
from nestling.simulate.population import Population
from nestling.simulate.seeds import PREDICTOR
from nestling.studies.questions import LRT, NOTHING, Questions

Test = Literal["z", "satterthwaite", "kenward-roger"]
TESTS: tuple[Test, ...] = ("z", "satterthwaite", "kenward-roger")

METHOD: dict[Test, str] = {
    "z": "asymptotic",
    "satterthwaite": "satterthwaite",
    "kenward-roger": "kenward-roger",
}

Draw = Literal["redrawn", "fixed"]
"""Whether predictors are drawn anew for each replicate or once for all."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One study.

    Attributes
    ----------
    truth : Population
    design : Design
    formula : Formula
        The model that is fitted; it may differ from the truth's.
    reml : bool
    tests : tuple of str
        Of the fixed effects: 'z', 'satterthwaite', 'kenward-roger'.
    predictors : {"redrawn", "fixed"}
    seed : SeedSequence
        Replicate i has the i-th streams of it, whatever else is run.
    questions : Questions
        What is asked beside these tests of each fixed effect.
    """

    truth: Population
    design: Design
    formula: Formula
    reml: bool
    tests: tuple[Test, ...]
    predictors: Draw
    seed: np.random.SeedSequence
    questions: Questions = NOTHING

    def stream(self, index: int) -> ReplicateSeed:
        """Return the seed of one replicate."""
        same = (PREDICTOR, self.design_seed) if self.predictors == "fixed" else None
        return ReplicateSeed(self.seed, index, same)

    @property
    def design_seed(self) -> np.random.SeedSequence:
        """Return the seed of predictors that are drawn once for all replicates."""
        return named_child(self.seed, "predictors")

    @property
    def contrasts(self) -> dict[str, Any] | None:
        """Contrasts of the truth's factors that the fitted model has; None where there are none."""
        fixed = self.formula.fixed
        nodes = () if fixed is None else expand(fixed).expressions
        used = {name for node in nodes for name in names_in(node)}
        return {name: each for name, each in self.truth.contrasts.items() if name in used} or None

    @property
    def same_scale(self) -> bool:
        """Whether the fitted coefficients are on the scale of the truth's: its link is none."""
        return same_scale(self.truth)

    @property
    def true_values(self) -> dict[str, float]:
        """Fixed effects by name."""
        parameters = self.truth.parameters
        return dict(zip(parameters.names, parameters.beta.tolist(), strict=True))

    def true_beta(self, names: tuple[str, ...]) -> FloatArray:
        """Return the true value of each coefficient.

        NaN where the truth has no such name, or has it on the scale of a link.
        """
        if not self.same_scale:
            return np.full(len(names), np.nan)
        return np.array([self.true_values.get(name, np.nan) for name in names])


def same_scale(truth: Population) -> bool:
    """Whether a population's effects are on the scale of the response: its link is none."""
    return truth.family.link == "identity"


def _has_offset(formula: Formula) -> bool:
    return formula.fixed is not None and bool(expand(formula.fixed).offsets)


def make_plan(
    truth: Any,
    design: Any,
    *,
    formula: Any,
    reml: Any,
    test: Any,
    predictors: Any,
    seed: Any,
    questions: Questions | None = None,
) -> Plan:
    """Check the arguments that all studies share; with `questions` "lrt" is a test too."""
    if not isinstance(truth, Population):
        raise ArgumentTypeError(
            f"truth is of type {type(truth).__name__}; expected an nl.Population, the model with "
            "its true values. fit.population() makes one from a fit."
        )
    if not isinstance(design, Design):
        raise ArgumentTypeError(
            f"design is of type {type(design).__name__}; expected a design such as "
            "nl.nested(Cluster=20, ID=50)."
        )
    if not isinstance(reml, bool | np.bool_):
        raise ArgumentTypeError(f"reml={reml!r} must be True or False.")
    if predictors not in ("redrawn", "fixed"):
        raise ArgumentError(
            f"predictors={predictors!r}. {did_you_mean(str(predictors), ['redrawn', 'fixed'])} "
            "'redrawn' draws new values of the predictors in every replicate, 'fixed' draws them "
            "once."
        )
    analysed = (
        truth.formula if formula is None else parse(str(getattr(formula, "formula", formula)))
    )
    if formula is None and not same_scale(truth) and _has_offset(truth.formula):
        raise ArgumentError(
            f"The truth's formula has an offset, {truth.formula.text}, on the scale of the "
            f"{truth.family.link} link; a linear mixed model would take it for one on the scale of "
            "the response. Say with formula= which model is to be fitted."
        )
    given = [test] if isinstance(test, str) else test
    known = TESTS if questions is None else (*TESTS, LRT)
    if not isinstance(given, list | tuple) or not given:
        raise ArgumentTypeError(
            f"test={test!r}; expected one of {', '.join(map(repr, known))}, or a list of them."
        )
    lrt = questions is not None and LRT in given
    tests = _tests([each for each in given if not (lrt and each == LRT)], known)
    asked = replace(NOTHING if questions is None else questions, lrt=lrt)
    seeds = seed_sequence(seed)
    if predictors == "fixed":
        design = design.draw(named_child(seeds, "sizes"))
    return Plan(truth, design, analysed, bool(reml), tests, predictors, seeds, asked)


def _tests(given: list[Any], names: tuple[str, ...]) -> tuple[Test, ...]:
    found: list[Test] = []
    for each in given:
        known = next((name for name in TESTS if name == each), None)
        if known is None:
            raise ArgumentError(f"test={each!r}. {did_you_mean(str(each), names)}")
        if known not in found:
            found.append(known)
    return tuple(found)


def sims(n_sims: Any) -> int:
    """Check a number of replicates."""
    if isinstance(n_sims, bool) or not isinstance(n_sims, int | np.integer):
        raise ArgumentTypeError(f"n_sims={n_sims!r}; expected a whole number of replicates.")
    if n_sims < 2:
        raise ArgumentError(f"n_sims={n_sims}; expected at least 2 replicates, better 1000.")
    return int(n_sims)


def share(value: Any, name: str) -> float:
    """Check a number strictly between 0 and 1: alpha, a confidence level."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if isinstance(value, bool) or not 0.0 < number < 1.0:
        raise ArgumentError(f"{name}={value!r}; expected a number between 0 and 1, such as 0.05.")
    return number


def error_wanted(mcse: Any) -> float | None:
    """Check a Monte-Carlo standard error at which to stop."""
    return None if mcse is None else share(mcse, "mcse")
