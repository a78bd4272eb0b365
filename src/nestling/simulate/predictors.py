"""All kinds of predictors a population may have."""

from typing import TypeAlias

from nestling.simulate.continuous import Beta, Gamma, Lognormal, StudentT
from nestling.simulate.counts import Binomial, Empirical, Poisson
from nestling.simulate.drawing import Stream
from nestling.simulate.marginals import (
    Bernoulli,
    Categorical,
    Constant,
    Given,
    Normal,
    Uniform,
)

Random: TypeAlias = (
    Normal
    | Uniform
    | Bernoulli
    | Categorical
    | Lognormal
    | Gamma
    | Beta
    | StudentT
    | Binomial
    | Poisson
    | Empirical
)
Fixed: TypeAlias = Constant | Given
Predictor: TypeAlias = Random | Fixed

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Constant",
    "Empirical",
    "Fixed",
    "Gamma",
    "Given",
    "Lognormal",
    "Normal",
    "Poisson",
    "Predictor",
    "Random",
    "Stream",
    "StudentT",
    "Uniform",
]
