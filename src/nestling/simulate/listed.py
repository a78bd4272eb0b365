"""The one list of calls that may stand in a dictionary, a file or an option, by what they make.

Nothing that is not on it is ever called. A new public constructor is added here; a test goes
through all public names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from nestling.design.design import Design, crossed, nested
from nestling.design.drawn_sizes import sizes
from nestling.design.observed import Observed
from nestling.errors import ArgumentTypeError
from nestling.model.families import family
from nestling.model.spreads import corr, cov, icc, sd
from nestling.simulate.assign import assign
from nestling.simulate.conditions import counterbalanced, partially_nested
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
from nestling.simulate.times import time

Calls = Mapping[str, Callable[..., Any]]


def factor(values: Any, levels: Any = None, *, ordered: bool = False) -> Any:
    """Make categories whose levels have an order of their own.

    Examples
    --------
    >>> factor(["low", "high"], levels=["low", "high"], ordered=True).codes.tolist()
    [0, 1]
    """
    import pandas as pd

    for each in (values, [] if levels is None else levels):
        if type(each) is not list:
            raise ArgumentTypeError("factor() takes a list of categories and a list of levels.")
    return pd.Categorical(values, categories=levels, ordered=ordered)


def observed(codes: Any, rows: Any) -> Design:
    """Make a design of the units of every row.

    Examples
    --------
    >>> observed({"school": [0, 0, 1], "pupil": [0, 1, 2]}, rows=[0, 1, 2]).n
    3
    """
    columns: list[Any] = [*codes.values(), rows] if isinstance(codes, dict) else [None]
    for each in columns:
        if (
            type(each) is not list
            or not 0 < len(each) == len(columns[0])
            or not all(type(code) is int and code >= 0 for code in each)
        ):
            raise ArgumentTypeError("observed() takes lists of codes from 0, one for every row.")
    for each in columns[:-1]:
        if len(set(each)) != max(each) + 1:
            raise ArgumentTypeError("observed() takes codes from 0 without gaps.")
    arrays = [np.array(each, dtype=np.intp) for each in columns]
    return Design(Observed(tuple(codes), tuple(arrays[:-1]), arrays[-1]))


def _units(call: Callable[..., Design]) -> Callable[..., Design]:
    """Let units stand in a table where their names cannot stand before an equals sign."""

    @wraps(call)
    def made(*parts: Any, **sizes: Any) -> Design:
        *first, last = parts or (None,)
        if isinstance(last, dict):
            return call(*first, **last, **sizes)
        return call(*parts, **sizes)

    return made


def _method(call: Callable[..., Design]) -> Callable[..., Design]:
    """Let a method follow a design, and nothing else."""

    @wraps(call)
    def made(design: Any, *args: Any, **given: Any) -> Design:
        if not isinstance(design, Design):
            raise ArgumentTypeError(f".{call.__name__}() follows a design, not {design!r}.")
        return _units(call)(design, *args, **given)

    made.__name__ = f".{call.__name__}"
    return made


def _by_name(*calls: Callable[..., Any]) -> Calls:
    return MappingProxyType({call.__name__: call for call in calls})


SPREADS: Final[Calls] = _by_name(sd, icc, cov, corr)
EFFECTS: Final[Calls] = _by_name(standardised, d, r2)
PREDICTORS: Final[Calls] = _by_name(
    normal, uniform, bernoulli, categorical, constant, values, lognormal, gamma, beta, t, binomial,
    poisson, empirical, time, assign, stepped_wedge, cross_over, counterbalanced,
    partially_nested,
)  # fmt: skip
DEPARTURES: Final[Calls] = _by_name(
    ar1, car1, contaminated_effects, dropout, heteroscedastic, lognormal_effects,
    lognormal_residuals, measurement_error, missing, mixture_effects, mixture_residuals, outliers,
    random_variance, skewed_effects, skewed_residuals, t_effects, t_residuals,
)  # fmt: skip
FAMILIES: Final[Calls] = _by_name(family)
DESIGNS: Final[Calls] = _by_name(
    _units(nested), _units(crossed), sizes, _method(Design.sample), _method(Design.drop),
    _method(Design.extend),
)  # fmt: skip

# Calls that only texts have: Python makes these from data.
INSIDE: Final[Calls] = _by_name(factor, observed)
