"""The parameters that have a profile: their names in lme4's order, coordinates and units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from nestling.errors import ArgumentError, ArgumentTypeError, did_you_mean
from nestling.fit.profile_coordinates import (
    LEAST_SIGMA,
    Coordinates,
    Correlation,
    Frame,
    Itself,
    Spread,
)
from nestling.fit.profile_surface import Surface

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit

Kind = Literal["sd", "correlation", "sigma", "coefficient"]


@dataclass(frozen=True, slots=True)
class ParameterName:
    """What a parameter is.

    Attributes
    ----------
    name : str
        As lme4 names it with `oldNames = FALSE`.
    kind : str
    term : int
        Random term, -1 for sigma and coefficients.
    effects : tuple of int
        The effects of the term whose SD or correlation it is, or the coefficient.
    """

    name: str
    kind: Kind
    term: int
    effects: tuple[int, ...]


def parameter_names(fit: LmerFit) -> tuple[ParameterName, ...]:
    """List SDs and correlations term by term, by columns of the lower triangle; sigma; fixef."""
    found: list[ParameterName] = []
    for t, term in enumerate(fit.matrices.random):
        for j, effect in enumerate(term.names):
            found.append(ParameterName(f"sd_{effect}|{term.group}", "sd", t, (j,)))
            for i in range(j + 1, len(term.names)):
                name = f"cor_{term.names[i]}.{effect}|{term.group}"
                found.append(ParameterName(name, "correlation", t, (j, i)))
    found.append(ParameterName("sigma", "sigma", -1, ()))
    found += [
        ParameterName(name, "coefficient", -1, (j,)) for j, name in enumerate(fit.coefficient_names)
    ]
    return tuple(found)


def chosen(fit: LmerFit, parm: str | Sequence[str] | None) -> tuple[ParameterName, ...]:
    """Select parameters: all, "theta_", "beta_" or names; in the order of the model."""
    names = parameter_names(fit)
    if parm is None:
        return names
    if not isinstance(parm, Iterable):
        raise ArgumentTypeError(
            f"parm={parm!r} is not a name or a list of names. Give names of parameters, 'theta_' "
            "for the SDs, correlations and sigma, or 'beta_' for the fixed effects."
        )
    wanted = [parm] if isinstance(parm, str) else list(parm)
    known = [each.name for each in names]
    for name in wanted:
        if not isinstance(name, str):
            raise ArgumentTypeError(
                f"parm holds {name!r}. Give names of parameters, 'theta_' for the SDs, "
                "correlations and sigma, or 'beta_' for the fixed effects."
            )
        if name not in known and name not in ("theta_", "beta_"):
            raise ArgumentError(
                f"parm={name!r} is not a parameter of this model. "
                f"{did_you_mean(name, [*known, 'theta_', 'beta_'])}"
            )
    group = {"coefficient": "beta_"}
    return tuple(
        each for each in names if each.name in wanted or group.get(each.kind, "theta_") in wanted
    )


@dataclass(frozen=True, slots=True)
class Units:
    """From a parameter's coordinate to its value on the user's scale.

    Attributes
    ----------
    kind : str
    factor, shift : float
    """

    kind: Kind
    factor: float
    shift: float

    def value(self, coordinate: float) -> float:
        """Return the user's value."""
        if self.kind == "correlation":
            return float(np.sin(coordinate))
        if self.kind == "sigma":
            share = float(np.exp(0.5 * coordinate))
            return 0.0 if share < 1.01 * LEAST_SIGMA else self.factor * share
        return self.factor * (coordinate - self.shift)


@dataclass(frozen=True, slots=True)
class ProfiledParameter:
    """A parameter, its surface, and where the estimates stand on it."""

    what: ParameterName
    surface: Surface
    units: Units
    estimate: FloatArray


def profiled(fit: LmerFit, what: ParameterName) -> ProfiledParameter:
    """Place a parameter of an ML fit on its surface."""
    solution, basis = fit.solution, fit.basis
    problem, point = solution.problem, solution.point
    origin = float(np.log(point.square / problem.nu))
    sigma = float(np.exp(0.5 * origin)) * basis.response_scale
    held, coordinates = 0.0, Itself.residual(problem.parameters)
    units = Units(what.kind, sigma, 0.0)
    if what.kind == "coefficient":
        (j,) = what.effects
        combination = basis.transform[j, :-1]
        coordinates = Itself.coefficient(problem.parameters, combination)
        held = float(combination @ point.beta)
        units = Units(what.kind, basis.response_scale, float(basis.transform[j, -1]))
    elif what.kind != "sigma":
        return _covariance_parameter(fit, what, origin, sigma)
    surface = Surface(problem, coordinates, origin)
    return ProfiledParameter(what, surface, units, surface.optimum(point.theta, held))


def _covariance_parameter(
    fit: LmerFit, what: ParameterName, origin: float, sigma: float
) -> ProfiledParameter:
    problem = fit.solution.problem
    rows = fit.basis.rotations[what.term][list(what.effects)]
    frame = Frame.of(problem.parameters, fit.solution.layout.places[what.term], rows)
    units = Units(what.kind, sigma * float(np.linalg.norm(rows[0])), 0.0)
    coordinates: Coordinates = Correlation(frame)
    if what.kind == "sd":
        coordinates = Spread(frame, len(problem.parameters))
    surface = Surface(problem, coordinates, origin)
    return ProfiledParameter(what, surface, units, surface.optimum(fit.solution.point.theta))
