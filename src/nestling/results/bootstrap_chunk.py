"""What a chunk of bootstrap replicates gives, and how refits become it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import ArgumentTypeError, NestlingError, NestlingWarning
from nestling.fit.batch import ResponseBlocks
from nestling.fit.batch_solve import solve_batch
from nestling.fit.choose import structure_of
from nestling.fit.criterion import evaluate
from nestling.fit.solve import pose, solve
from nestling.results.bootstrap_values import errors_of, value_names, values_of
from nestling.results.estimates import estimates
from nestling.results.likelihood import SINGULAR
from nestling.results.profile_parameters import ParameterName, parameter_names
from nestling.results.refits import tabulated

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.results.lmer_fit import LmerFit
    from nestling.statistics.sufficient import SufficientStatistics

Statistic = Callable[["LmerFit"], Any]
"""A function of a fit: a number, a sequence, a dict or a Series of numbers."""

THIN = 1e-8
"""X'X of resampled clusters, which is I for the whole sample, must keep this least eigenvalue."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Replicates one after the other.

    Attributes
    ----------
    values : (R, P) array
        NaN where a refit failed.
    outcomes : tuple of str
        'regular', 'singular', 'not converged' or 'failed: why'.
    errors : (R, P) array
        Standard errors as `errors_of` gives them: of coefficients always, of other parameters
        where they were asked for.
    """

    values: FloatArray
    outcomes: tuple[str, ...]
    errors: FloatArray


def joined(chunks: list[Chunk]) -> Chunk:
    """Return all replicates."""
    return Chunk(
        np.concatenate([each.values for each in chunks]),
        tuple(outcome for each in chunks for outcome in each.outcomes),
        np.concatenate([each.errors for each in chunks]),
    )


def failed(width: int, reason: str) -> Chunk:
    """Return one replicate that could not be fitted."""
    nothing = np.full((1, width), np.nan)
    return Chunk(nothing, (f"failed: {reason}",), nothing)


def from_responses(
    fit: LmerFit, blocks: ResponseBlocks, shift: FloatArray, *, errors: bool
) -> Chunk:
    """Refit to responses known by their products; `shift` (p, R) is what the basis took out."""
    problem, layout = fit.solution.problem, fit.solution.layout
    R = len(blocks.yy)
    try:
        found = solve_batch(problem, fit.statistics, layout, blocks, fit.solution.point.theta)
    except np.linalg.LinAlgError as error:
        if R == 1:
            return failed(len(value_names(fit)), str(error))
        one_by_one = [
            from_responses(fit, _taken(blocks, r), shift[:, r : r + 1], errors=errors)
            for r in range(R)
        ]
        return joined(one_by_one)
    G = fit.basis.transform[:-1, :-1]
    table = tabulated(fit, found, (G @ (found.beta * fit.basis.response_scale + shift)).T)
    names = parameter_names(fit)
    measured = np.full((R, len(value_names(fit))), np.nan)
    if errors:
        for r in range(R):
            own = replace(
                problem, structure=structure_of(blocks.statistics(fit.statistics, r)), constant=0.0
            )
            measured[r] = errors_of(fit, own, evaluate(own, found.theta[:, r]), names)
    else:
        measured[:, _coefficients(names)] = table.standard_errors
    singular = np.zeros(R, dtype=bool)
    for T in table.roots:
        singular |= (np.einsum("rkk->rk", T) < SINGULAR).any(axis=1)
    return Chunk(
        values_of(names, table.beta, table.sigma, table.roots),
        tuple(_outcome(status, bool(s)) for status, s in zip(found.status, singular, strict=True)),
        measured,
    )


def from_statistics(fit: LmerFit, statistics: SufficientStatistics, *, errors: bool) -> Chunk:
    """Refit to the sufficient statistics of other rows in the basis of `fit`."""
    p, width, layout = statistics.n_fixed, len(value_names(fit)), fit.solution.layout
    if statistics.n <= p or np.linalg.eigvalsh(statistics.WW[:p, :p])[0] < THIN:
        reason = "the clusters drawn leave a fixed effect without information"
        return failed(width, reason)
    start = None if fit.is_singular else fit.solution.point.theta
    try:
        problem = pose(statistics, fit.basis, layout, reml=fit.reml)
        solution = solve(problem, statistics, layout, start)
    except np.linalg.LinAlgError as error:
        return failed(width, str(error))
    found = estimates(problem, layout, fit.basis, solution.point)
    names = parameter_names(fit)
    values = values_of(
        names, found.beta[None], np.array([found.sigma]), [T[None] for T in found.roots]
    )
    singular = any(bool((np.diag(T) < SINGULAR).any()) for T in found.roots)
    measured = np.full((1, width), np.nan)
    if errors:
        measured[0] = errors_of(fit, problem, solution.point, names)
    else:
        measured[0, _coefficients(names)] = np.sqrt(np.diag(found.vcov))
    return Chunk(values, (_outcome(solution.convergence.status, singular),), measured)


def from_fit(make: Callable[[], LmerFit], statistic: Statistic, names: tuple[str, ...]) -> Chunk:
    """Refit in full and ask the caller's statistic."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        try:
            refit = make()
        except (NestlingError, np.linalg.LinAlgError) as error:
            return failed(len(names), str(error))
    values = np.array([list(asked(statistic, refit).values())])
    if values.shape[1] != len(names):
        return failed(len(names), "the statistic changed its length")
    outcome = _outcome(refit.convergence.status, refit.is_singular)
    return Chunk(values, (outcome,), np.full_like(values, np.nan))


def asked(statistic: Statistic, fit: LmerFit) -> dict[str, float]:
    """Return the caller's statistic of a fit as numbers by name."""
    answer = statistic(fit)
    if hasattr(answer, "items"):
        return {str(name): float(value) for name, value in answer.items()}
    try:
        values = np.atleast_1d(np.asarray(answer, dtype=float))
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"statistic returned a {type(answer).__name__}. Return a number, a sequence of "
            "numbers, or a dict or Series of numbers by name."
        ) from error
    if len(values) == 1:
        return {getattr(statistic, "__name__", "statistic"): float(values[0])}
    return {f"t{i + 1}": float(value) for i, value in enumerate(values)}


def _coefficients(names: Sequence[ParameterName]) -> list[int]:
    """Positions of the coefficients, which are in the order of the model."""
    return [i for i, each in enumerate(names) if each.kind == "coefficient"]


def _outcome(status: str, singular: bool) -> str:
    if status == "not converged":
        return status
    return "singular" if singular else "regular"


def _taken(blocks: ResponseBlocks, r: int) -> ResponseBlocks:
    index = slice(r, r + 1)
    return ResponseBlocks(
        tuple(Zy[:, :, index] for Zy in blocks.Zy), blocks.Xy[:, index], blocks.yy[index]
    )
