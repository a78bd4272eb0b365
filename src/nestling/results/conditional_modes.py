"""Conditional modes of the random effects, their variances, and the residuals they leave."""

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.criterion import Evaluation, Problem
from nestling.fit.one_factor import OneFactor
from nestling.fit.structure import Factorisation, Structure
from nestling.statistics.basis import Basis
from nestling.statistics.layout import Layout
from nestling.statistics.rows import Rows
from nestling.statistics.sufficient import SufficientStatistics


def by_level(
    problem: Problem, statistics: SufficientStatistics, point: Evaluation
) -> Factorisation:
    """Factorise at the optimum with every level of its own, not gathered in classes."""
    structure: Structure = problem.structure
    if isinstance(structure, OneFactor) and structure.counts is not None:
        structure = OneFactor.of(statistics)
    elif isinstance(structure, OneFactor):
        return point.factorisation
    return structure.factorise(problem.parameters.roots(point.theta))


def inner_modes(
    problem: Problem, statistics: SufficientStatistics, point: Evaluation
) -> tuple[FloatArray, ...]:
    """Return b = Sigma Z'V^-1 (y - X beta) in the basis, (k, J) per grouping factor."""
    contrast = np.append(-point.beta, 1.0)
    return tuple(
        T @ (T.T @ np.einsum("kcj,c->kj", H, contrast))
        for T, H in zip(
            problem.parameters.roots(point.theta),
            by_level(problem, statistics, point).ZVW,
            strict=True,
        )
    )


def modes(layout: Layout, basis: Basis, inner: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """Map conditional modes from the basis to the user's scale, (J, k) per term."""
    return tuple(
        (G @ inner[place.factor][place.start : place.start + place.width]).T * basis.response_scale
        for place, G in zip(layout.places, basis.rotations, strict=True)
    )


def conditional_variances(
    problem: Problem,
    statistics: SufficientStatistics,
    layout: Layout,
    basis: Basis,
    point: Evaluation,
    sigma: float,
) -> tuple[FloatArray, ...]:
    """Return the conditional covariance matrices per grouping factor, (J, k, k).

    Given the estimates: sigma^2 T (I + T'Z'ZT)^-1 T', the diagonal blocks (lme4's condVar).
    """
    result = []
    blocks = by_level(problem, statistics, point).conditional_covariances()
    for members, block in zip(layout.members, blocks, strict=True):
        G = np.zeros(block.shape[:2])
        for term in members:
            place = layout.places[term]
            part = slice(place.start, place.start + place.width)
            G[part, part] = basis.rotations[term]
        result.append(sigma**2 * np.einsum("ab,bcj,dc->jad", G, block, G))
    return tuple(result)


def weighted_residuals(
    rows: Rows,
    basis: Basis,
    layout: Layout,
    beta: FloatArray,
    inner: tuple[FloatArray, ...],
) -> FloatArray:
    """Return sqrt(w) (y - X beta - Z b), (n,).

    From the rows in the basis, where they are small differences of small numbers.
    """
    contrast = np.append(-beta, 1.0)
    columns = np.r_[basis.kept, len(rows.matrices.columns)]
    residuals = np.empty(rows.n)
    for block in rows.blocks():
        part = contrast @ (basis.transform.T @ rows.fixed(block)[columns])
        for term, (place, G) in enumerate(zip(layout.places, basis.rotations, strict=True)):
            effects = inner[place.factor][place.start : place.start + place.width]
            codes = rows.matrices.random[term].codes[block]
            part -= np.einsum("kj,kj->j", G.T @ rows.random(term, block), effects[:, codes])
        residuals[block] = part
    return residuals * basis.response_scale
