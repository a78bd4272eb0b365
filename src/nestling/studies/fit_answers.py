"""The questions of a study answered by one fit."""

from __future__ import annotations

import numpy as np

from nestling.arrays import BoolArray, FloatArray
from nestling.results.constrained import constrained_deviance
from nestling.results.contrast_tests import Uncertainty, f_test, t_tests
from nestling.results.lmer_fit import LmerFit
from nestling.results.refit import with_criterion
from nestling.studies.asked import P_NULL, Asked, P, key
from nestling.studies.plan import Test
from nestling.studies.questions import LRT, Hypothesis


def hypothesis_answers(
    fit: LmerFit, asked: Asked, known: dict[Test, Uncertainty]
) -> dict[str, float]:
    """Test contrasts by t and joint hypotheses by F, by every method."""
    kept = _kept(fit, asked)
    found: dict[str, float] = {}
    for each in asked.hypotheses:
        L = _weights(each, kept)
        if L is None:
            continue
        for test, given in known.items():
            if each.joint:
                found[key(P, each.name, test)] = f_test(given, L, each.null).p_value
                target = each.truth(asked.beta)
                if np.isfinite(target).all():
                    found[key(P_NULL, each.name, test)] = f_test(given, L, target).p_value
            else:
                rows = t_tests(given, L)
                found[key("se", each.name, test)] = float(rows.se[0])
                found[key("df", each.name, test)] = float(rows.df[0])
        if not each.joint:
            found[key("estimate", each.name)] = float((L @ fit.estimates.beta)[0])
    return found


def likelihood_ratio_answers(fit: LmerFit, asked: Asked) -> dict[str, float]:
    """Test coefficients and hypotheses by likelihood ratios, fits by ML."""
    from scipy.special import chdtrc

    if not asked.lrt:
        return {}
    kept, ml = _kept(fit, asked), with_criterion(fit, reml=False)
    full = ml.criterion
    found: dict[str, float] = {}
    for each in asked.lrt:
        L = _weights(each, kept)
        if L is None:
            continue
        for what, value in ((P, each.null), (P_NULL, each.truth(asked.beta))):
            if np.isfinite(value).all():
                ratio = max(constrained_deviance(ml, L, value) - full, 0.0)
                found[key(what, each.name, LRT)] = float(chdtrc(len(L), ratio))
    return found


def _kept(fit: LmerFit, asked: Asked) -> BoolArray:
    """Return which of the model's coefficients were estimated."""
    return np.array([name in fit.coefficient_names for name in asked.fixed], dtype=bool)


def _weights(each: Hypothesis, kept: BoolArray) -> FloatArray | None:
    """Return rows for the estimated coefficients; None where others are used."""
    return None if each.L[:, ~kept].any() else each.L[:, kept]
