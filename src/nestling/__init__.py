"""Multilevel models: write, simulate, fit, compare, plan.

Write a model as it is taught, simulate data from it, fit it as R's lme4 does, and set what came
back beside what was put in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nestling import errors
from nestling._version import __version__

if TYPE_CHECKING:
    from nestling.design.design import Design, crossed, nested
    from nestling.design.drawn_sizes import sizes
    from nestling.model.equations import Equations
    from nestling.model.families import family
    from nestling.model.levels import levels
    from nestling.model.levels_of import levels_of
    from nestling.model.spreads import corr, cov, icc, sd
    from nestling.random.rrandom import RRandom
    from nestling.results.compare import compare
    from nestling.results.compare_models import compare_models
    from nestling.results.likelihood_ratio import anova
    from nestling.results.lmer import lmer
    from nestling.results.lmer_fit import LmerFit
    from nestling.results.summary import Summary
    from nestling.simulate.assign import assign, factorial
    from nestling.simulate.cell_means import cell_means
    from nestling.simulate.conditions import counterbalanced, partially_nested
    from nestling.simulate.correlated import correlated
    from nestling.simulate.describe import bernoulli, categorical, constant, normal, uniform, values
    from nestling.simulate.describe_distributions import (
        beta,
        binomial,
        empirical,
        gamma,
        lognormal,
        poisson,
        t,
    )
    from nestling.simulate.dropout import dropout
    from nestling.simulate.effect_scales import d, r2, standardised
    from nestling.simulate.effect_shapes import (
        contaminated_effects,
        lognormal_effects,
        mixture_effects,
        skewed_effects,
        t_effects,
    )
    from nestling.simulate.heteroscedastic import heteroscedastic
    from nestling.simulate.measurement_error import measurement_error
    from nestling.simulate.missing import missing
    from nestling.simulate.population import Population
    from nestling.simulate.random_variance import random_variance
    from nestling.simulate.residual_shapes import (
        lognormal_residuals,
        mixture_residuals,
        outliers,
        skewed_residuals,
        t_residuals,
    )
    from nestling.simulate.sequences import cross_over, stepped_wedge
    from nestling.simulate.serial import ar1, car1
    from nestling.simulate.study_toml import study_toml
    from nestling.simulate.times import time
    from nestling.studies.find_design import find_design
    from nestling.studies.power import power
    from nestling.studies.power_curve import power_curve
    from nestling.studies.precision_curve import precision_curve
    from nestling.studies.recovery import recovery
    from nestling.studies.study_time import study_time

# Each name is loaded when it is first used: a fit does not wait for studies and figures.
_PLACES = {
    "design.design": ("Design", "crossed", "nested"),
    "design.drawn_sizes": ("sizes",),
    "model.equations": ("Equations",),
    "model.families": ("family",),
    "model.levels": ("levels",),
    "model.levels_of": ("levels_of",),
    "model.spreads": ("corr", "cov", "icc", "sd"),
    "random.rrandom": ("RRandom",),
    "results.compare": ("compare",),
    "results.compare_models": ("compare_models",),
    "results.likelihood_ratio": ("anova",),
    "results.lmer": ("lmer",),
    "results.lmer_fit": ("LmerFit",),
    "results.summary": ("Summary",),
    "simulate.assign": ("assign", "factorial"),
    "simulate.cell_means": ("cell_means",),
    "simulate.conditions": ("counterbalanced", "partially_nested"),
    "simulate.correlated": ("correlated",),
    "simulate.describe": ("bernoulli", "categorical", "constant", "normal", "uniform", "values"),
    "simulate.describe_distributions": (
        "beta",
        "binomial",
        "empirical",
        "gamma",
        "lognormal",
        "poisson",
        "t",
    ),
    "simulate.dropout": ("dropout",),
    "simulate.effect_scales": ("d", "r2", "standardised"),
    "simulate.effect_shapes": (
        "contaminated_effects",
        "lognormal_effects",
        "mixture_effects",
        "skewed_effects",
        "t_effects",
    ),
    "simulate.heteroscedastic": ("heteroscedastic",),
    "simulate.measurement_error": ("measurement_error",),
    "simulate.missing": ("missing",),
    "simulate.population": ("Population",),
    "simulate.random_variance": ("random_variance",),
    "simulate.residual_shapes": (
        "lognormal_residuals",
        "mixture_residuals",
        "outliers",
        "skewed_residuals",
        "t_residuals",
    ),
    "simulate.sequences": ("cross_over", "stepped_wedge"),
    "simulate.serial": ("ar1", "car1"),
    "simulate.study_toml": ("study_toml",),
    "simulate.times": ("time",),
    "studies.find_design": ("find_design",),
    "studies.power": ("power",),
    "studies.power_curve": ("power_curve",),
    "studies.precision_curve": ("precision_curve",),
    "studies.recovery": ("recovery",),
    "studies.study_time": ("study_time",),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _PLACE_OF:
        raise AttributeError(f"module 'nestling' has no attribute {name!r}")
    found = getattr(import_module(f"nestling.{_PLACE_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "Design",
    "Equations",
    "LmerFit",
    "Population",
    "RRandom",
    "Summary",
    "__version__",
    "anova",
    "ar1",
    "assign",
    "bernoulli",
    "beta",
    "binomial",
    "car1",
    "categorical",
    "cell_means",
    "compare",
    "compare_models",
    "constant",
    "contaminated_effects",
    "corr",
    "correlated",
    "counterbalanced",
    "cov",
    "cross_over",
    "crossed",
    "d",
    "dropout",
    "empirical",
    "errors",
    "factorial",
    "family",
    "find_design",
    "gamma",
    "heteroscedastic",
    "icc",
    "levels",
    "levels_of",
    "lmer",
    "lognormal",
    "lognormal_effects",
    "lognormal_residuals",
    "measurement_error",
    "missing",
    "mixture_effects",
    "mixture_residuals",
    "nested",
    "normal",
    "outliers",
    "partially_nested",
    "poisson",
    "power",
    "power_curve",
    "precision_curve",
    "r2",
    "random_variance",
    "recovery",
    "sd",
    "sizes",
    "skewed_effects",
    "skewed_residuals",
    "standardised",
    "stepped_wedge",
    "study_time",
    "study_toml",
    "t",
    "t_effects",
    "t_residuals",
    "time",
    "uniform",
    "values",
]
