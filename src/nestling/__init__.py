"""Multilevel models: write, simulate, fit, compare, plan.

Write a model as it is taught, simulate data from it, fit it as R's lme4 does, and set what came
back beside what was put in.
"""

from nestling import errors
from nestling._version import __version__
from nestling.design.design import Design, crossed, nested
from nestling.model.equations import Equations
from nestling.model.levels import levels
from nestling.model.levels_of import levels_of
from nestling.model.spreads import corr, cov, icc, sd
from nestling.plots.fit_plots import FitPlots
from nestling.random.rrandom import RRandom
from nestling.results.compare import compare
from nestling.results.compare_models import compare_models
from nestling.results.likelihood_ratio import anova
from nestling.results.lmer import lmer
from nestling.results.lmer_fit import LmerFit
from nestling.results.summary import Summary
from nestling.simulate.correlated import correlated
from nestling.simulate.describe import (
    bernoulli,
    categorical,
    constant,
    normal,
    uniform,
    values,
)
from nestling.simulate.describe_distributions import (
    beta,
    binomial,
    empirical,
    gamma,
    lognormal,
    poisson,
    t,
)
from nestling.simulate.effect_scales import d, r2, standardised
from nestling.simulate.population import Population
from nestling.simulate.times import time
from nestling.studies.power import power
from nestling.studies.recovery import recovery

LmerFit.plot.by(FitPlots)

__all__ = [
    "Design",
    "Equations",
    "LmerFit",
    "Population",
    "RRandom",
    "Summary",
    "__version__",
    "anova",
    "bernoulli",
    "beta",
    "binomial",
    "categorical",
    "compare",
    "compare_models",
    "constant",
    "corr",
    "correlated",
    "cov",
    "crossed",
    "d",
    "empirical",
    "errors",
    "gamma",
    "icc",
    "levels",
    "levels_of",
    "lmer",
    "lognormal",
    "nested",
    "normal",
    "poisson",
    "power",
    "r2",
    "recovery",
    "sd",
    "standardised",
    "t",
    "time",
    "uniform",
    "values",
]
