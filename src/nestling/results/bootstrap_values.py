"""The parameters of a bootstrap: their names, their values in many refits, their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.results.profile_parameters import ParameterName, parameter_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nestling.arrays import FloatArray
    from nestling.fit.criterion import Evaluation, Problem
    from nestling.results.lmer_fit import LmerFit

LEAST = 1e-8
"""A relative variance below this has no standard error on the log scale."""


def theta_names(fit: LmerFit) -> tuple[str, ...]:
    """Name theta as lme4 does: 'g.(Intercept)', 'g.x.(Intercept)', 'g.x'."""
    return tuple(
        ".".join(dict.fromkeys((term.group, row, column)))
        for term in fit.matrices.random
        for j, column in enumerate(term.names)
        for row in term.names[j:]
    )


def value_names(fit: LmerFit) -> tuple[str, ...]:
    """Names of all values: those of `confint`, then theta."""
    return (*(each.name for each in parameter_names(fit)), *theta_names(fit))


def values_of(
    names: Sequence[ParameterName],
    beta: FloatArray,
    sigma: FloatArray,
    roots: Sequence[FloatArray],
) -> FloatArray:
    """Return the values (R, P) of R refits: beta (R, p), sigma (R,), per term roots (R, k, k)."""
    columns = []
    for each in names:
        if each.kind == "coefficient":
            columns.append(beta[:, each.effects[0]])
        elif each.kind == "sigma":
            columns.append(sigma)
        else:
            rows = [roots[each.term][:, i] for i in each.effects]
            lengths = [np.sqrt((row**2).sum(axis=1)) for row in rows]
            if each.kind == "sd":
                columns.append(sigma * lengths[0])
                continue
            product = lengths[0] * lengths[1]
            with np.errstate(invalid="ignore", divide="ignore"):
                cosine = (rows[0] * rows[1]).sum(axis=1) / product
            columns.append(np.where(product > 0.0, np.clip(cosine, -1.0, 1.0), np.nan))
    theta = [T[:, j:, j] for T in roots for j in range(T.shape[1])]
    return np.column_stack([*columns, *theta])


def errors_of(
    fit: LmerFit, problem: Problem, point: Evaluation, names: Sequence[ParameterName]
) -> FloatArray:
    """Return standard errors (P,): of coefficients, log SDs, Fisher's z of correlations.

    The profiled criterion's Hessian in theta and the derivatives of r^2 give the covariance of
    theta and log sigma^2; the delta method does the rest. NaN on the boundary, and for theta
    itself.
    """
    basis, layout, parameters = fit.basis, fit.solution.layout, problem.parameters
    found = np.full(len(value_names(fit)), np.nan)
    unscaled = np.diag(basis.covariance(point.unscaled))
    sigma = np.sqrt(point.square / problem.nu) * basis.response_scale
    try:
        np.linalg.cholesky(point.hessian)
        covariance = 2.0 * np.linalg.inv(point.hessian)
    except np.linalg.LinAlgError:
        covariance = np.full_like(point.hessian, np.nan)
    roots = parameters.roots(point.theta)
    directions = parameters.directions(roots)
    contrast = np.append(-point.beta, 1.0)
    slope = np.zeros(len(parameters))
    for E, H in zip(directions, point.factorisation.ZVW, strict=True):
        e = np.einsum("kcj,c->kj", H, contrast)
        slope -= np.einsum("mab,ab->m", E, e @ e.T) / point.square
    # log sigma^2 = log r^2 + const + an independent part with variance 2 / nu
    for position, each in enumerate(names):
        if each.kind == "coefficient":
            found[position] = sigma * np.sqrt(unscaled[each.effects[0]])
            continue
        if each.kind == "sigma":
            gradient, share = 0.5 * slope, 0.25
        else:
            place, G = layout.places[each.term], basis.rotations[each.term]
            part = slice(place.start, place.start + place.width)
            rows = G[list(each.effects)]
            T = roots[place.factor][part, part]
            S = rows @ T @ T.T @ rows.T
            dS = np.einsum("ab,mbc,dc->mad", rows, directions[place.factor][:, part, part], rows)
            if (np.diag(S) < LEAST).any():
                continue
            if each.kind == "sd":
                gradient, share = 0.5 * (dS[:, 0, 0] / S[0, 0] + slope), 0.25
            else:
                scale = np.sqrt(S[0, 0] * S[1, 1])
                rho = S[0, 1] / scale
                if 1.0 - rho**2 < LEAST:
                    continue
                shrink = 0.5 * rho * (dS[:, 0, 0] / S[0, 0] + dS[:, 1, 1] / S[1, 1])
                gradient, share = (dS[:, 0, 1] / scale - shrink) / (1.0 - rho**2), 0.0
        found[position] = np.sqrt(gradient @ covariance @ gradient + share * 2.0 / problem.nu)
    return found
