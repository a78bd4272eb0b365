"""What replicates that were fitted together have come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import FloatArray, IntArray
from nestling.fit.batch import BatchSensitivity
from nestling.fit.batch_kenward_roger import BatchKenwardRoger
from nestling.fit.batch_satterthwaite import degrees_of_freedom
from nestling.fit.batch_solve import BatchSolution
from nestling.results.bootstrap_values import values_of
from nestling.results.likelihood import SINGULAR
from nestling.results.lmer_fit import LmerFit
from nestling.results.profile_parameters import parameter_names
from nestling.results.refits import tabulated
from nestling.studies.batch_answers import (
    Answers,
    Deviances,
    Known,
    hypothesis_answers,
    likelihood_ratio_answers,
)
from nestling.studies.plan import Plan, Test
from nestling.studies.replicates import Names, Replicates


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """How to learn what tests need, which is done only for tests that are asked for.

    Attributes
    ----------
    sensitivity, adjusted, deviances, others : callables
        For Satterthwaite's test, Kenward and Roger's, likelihood ratios, and further answers.
    """

    sensitivity: Callable[[], BatchSensitivity]
    adjusted: Callable[[], BatchKenwardRoger]
    deviances: Deviances
    others: Callable[[], Answers] = dict


def measured_together(
    plan: Plan, names: Names, fit: LmerFit, index: IntArray, found: BatchSolution, asking: Asking
) -> Replicates:
    """Measure replicates whose responses were without X beta.

    Adding it moves the estimates, and neither tests nor intervals.
    """
    rows = fit.basis.transform[:-1, :-1]
    beta = (rows @ found.beta * fit.basis.response_scale).T
    beta += np.nan_to_num(plan.true_beta(fit.coefficient_names))
    table = tabulated(fit, found, beta)
    parameters = tuple(each for each in parameter_names(fit) if each.kind != "coefficient")
    spreads = values_of(parameters, table.beta, table.sigma, table.roots)
    known = Known(
        asking.sensitivity() if "satterthwaite" in plan.tests else None,
        asking.adjusted() if "kenward-roger" in plan.tests else None,
    )
    se: dict[Test, FloatArray] = {}
    df: dict[Test, FloatArray] = {}
    for test in plan.tests:
        se[test], df[test] = table.standard_errors, np.full_like(table.standard_errors, np.inf)
        if test == "satterthwaite" and known.sensitivity is not None:
            df[test] = degrees_of_freedom(known.sensitivity, rows).T
        if test == "kenward-roger" and known.adjusted is not None:
            se[test] = table.sigma[:, None] * np.sqrt(known.adjusted.variance(rows).T)
            df[test] = known.adjusted.df(rows).T
    singular = np.zeros(len(index), dtype=bool)
    for T in table.roots:
        singular |= (np.einsum("rkk->rk", T) < SINGULAR).any(axis=1)
    outcomes = tuple(
        status if status == "not converged" else "singular" if edge else "regular"
        for status, edge in zip(found.status, singular, strict=True)
    )
    made = Replicates(index, beta, spreads[:, : len(names.spreads)], se, df, outcomes)
    if names.asked is None:
        return made
    answers = hypothesis_answers(fit, names.asked, found, table, known)
    answers |= likelihood_ratio_answers(fit, names.asked, asking.deviances)
    answers |= asking.others()
    return replace(made, extra=np.column_stack([answers[name] for name in names.extra]))


def can_adjust(plan: Plan, fit: LmerFit) -> bool:
    """Whether Kenward and Roger's test can be made for many fits together, if it is asked for."""
    alone = "kenward-roger" not in plan.tests
    return alone or (plan.reml and len(fit.statistics.factors) == 1)
