"""The profile of a parameter: the signed root of the rise in deviance along its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.fit.profile_limits import climb, optimum_of
from nestling.results.profile_limits import by_maximum_likelihood, improved, lowest_ceiling
from nestling.results.profile_parameters import ParameterName, chosen, profiled

if TYPE_CHECKING:
    from nestling.results.lmer_fit import LmerFit

REACH = 0.99
"""As lme4 does, go to where a region for all parameters at this level would end."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Zeta along the values of one parameter, all others at their optimum.

    Attributes
    ----------
    name : str
        As in `confint`.
    estimate : float
        By maximum likelihood; NaN for a correlation with an effect of zero variance.
    values : (m,) array
        Of the parameter, increasing, on the user's scale.
    zeta : (m,) array
        Signed root of the ML deviance less its minimum: a straight line where Wald's interval
        would be right. A curve ends early where the parameter's range does.
    """

    name: str
    estimate: float
    values: FloatArray
    zeta: FloatArray


def profile(
    fit: LmerFit, parm: str | Sequence[str] | None = None, points: int = 8
) -> tuple[Profile, ...]:
    """Return the profiles of parameters by maximum likelihood.

    Parameters
    ----------
    fit : LmerFit
        A fit by REML is fitted by maximum likelihood first.
    parm : None, "theta_", "beta_" or names
        As in `confint`.
    points : int
        Values on either side of the estimate, evenly spaced in zeta up to the root of the 0.99
        quantile of chi-squared with as many degrees of freedom as the model has parameters.

    Returns
    -------
    tuple of Profile
        In the order of the model.

    Examples
    --------
    >>> import numpy as np
    >>> import nestling as nl
    >>> rng = np.random.default_rng(1)
    >>> g = np.repeat(np.arange(20), 8)
    >>> y = 2.0 + rng.normal(size=20)[g] + rng.normal(size=160)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})
    >>> curve, = profile(fit, "sigma", points=2)
    >>> curve.values.round(2).tolist(), curve.zeta.round(2).tolist()
    ([0.76, 0.84, 0.92, 1.02, 1.15], [-3.37, -1.68, 0.0, 1.68, 3.37])
    """
    from scipy.special import gammaincinv

    if points < 1:
        raise ArgumentError(
            f"points={points!r} leaves nothing to draw. Give the number of values on either side "
            "of the estimate, 1 or more."
        )
    ml = by_maximum_likelihood(fit)
    reach = float(np.sqrt(2.0 * gammaincinv(0.5 * ml.n_parameters, REACH)))
    heights = np.linspace(0.0, reach, points + 1)[1:]
    return tuple(_profile(ml, what, heights) for what in chosen(ml, parm))


def _profile(ml: LmerFit, what: ParameterName, heights: FloatArray) -> Profile:
    parameter = profiled(ml, what)
    start = optimum_of(parameter.surface, parameter.estimate)
    if start.undercuts(ml.criterion):
        return _profile(improved(ml, parameter, start), what, heights)
    ceiling = lowest_ceiling(ml, what, {})
    value = parameter.units.value
    if ceiling <= 0.0:
        return Profile(what.name, np.nan, np.array([-1.0, 1.0]), np.zeros(2))
    points = [(value(start.parameter), 0.0)]
    for side in (-1, 1):
        for crossing in climb(parameter.surface, start, heights, side, ceiling=ceiling):
            if crossing.status == "lower":
                return _profile(improved(ml, parameter, crossing.trace), what, heights)
            if crossing.status != "lost" and crossing.parameter != start.parameter:
                points.append((value(crossing.parameter), crossing.zeta))
    values, zeta = np.array(sorted(points)).T
    return Profile(what.name, value(start.parameter), values, zeta)
