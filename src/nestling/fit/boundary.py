"""The boundary certificate: whether a singular fit is an optimum or a saddle.

Where a variance is zero the slope in theta vanishes whatever the data say. The slope D in the
relative covariance does not: the point is a first-order optimum if and only if D is positive
semi-definite on the null space of Sigma. Otherwise its most negative eigenvector leads out.
"""

import math
from dataclasses import dataclass

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.criterion import Evaluation, Problem
from nestling.linalg.factor import lower_root
from nestling.statistics.layout import Layout

NULL = 1e-8
"""Relative variances below this share of the largest (or of 1) count as zero."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the sign test says at a point.

    Attributes
    ----------
    singular : tuple of bool
        Per term, whether its covariance matrix is degenerate.
    escape : array or None
        A theta nearby from which the criterion falls, None where the point is an optimum.
    """

    singular: tuple[bool, ...]
    escape: FloatArray | None


def plainly_inside(problem: Problem, layout: Layout, theta: FloatArray) -> bool:
    """Whether every T is so far from singular that its determinant proves it.

    The smallest singular value of a (k, k) T is at least |T| / s^(k-1), s the norm of T.
    """
    roots = problem.parameters.roots(theta)
    for place in layout.places:
        part = slice(place.start, place.start + place.width)
        T = roots[place.factor][part, part]
        size = math.sqrt(float((T * T).sum()))
        if abs(np.linalg.det(T)) < 1e-2 * max(1.0, size) * size ** (place.width - 1):
            return False
    return True


def certify(problem: Problem, layout: Layout, point: Evaluation) -> Certificate:
    """Test every degenerate direction of every term."""
    roots = list(problem.parameters.roots(point.theta))
    singular = []
    escapes = False
    for place in layout.places:
        part = slice(place.start, place.start + place.width)
        T = roots[place.factor][part, part]
        values, vectors = np.linalg.eigh(T @ T.T)
        null = vectors[:, values < NULL * max(1.0, float(values[-1]))]
        singular.append(null.shape[1] > 0)
        if not null.shape[1]:
            continue
        D = point.slopes[place.factor][part, part]
        slopes, directions = np.linalg.eigh(null.T @ D @ null)
        if slopes[0] < -1e-6 * max(1.0, float(np.abs(D).max())):
            escapes = True
            out = null @ directions[:, :1]
            grown = lower_root(np.column_stack([T, 0.1 * out]))
            roots[place.factor][part, part] = grown
    escape = problem.parameters.theta(tuple(roots)) if escapes else None
    return Certificate(tuple(singular), escape)


def snapped(problem: Problem, layout: Layout, theta: FloatArray) -> FloatArray | None:
    """Return theta with its all but vanished variances set to zero; None if there are none."""
    roots = list(problem.parameters.roots(theta))
    changed = False
    for place in layout.places:
        part = slice(place.start, place.start + place.width)
        T = roots[place.factor][part, part]
        left, values, _right = np.linalg.svd(T)
        small = values < 1e-3 * max(1.0, float(values[0]))
        if small.any() and (values[small] > 0.0).any():
            changed = True
            roots[place.factor][part, part] = lower_root(left * np.where(small, 0.0, values))
    return problem.parameters.theta(tuple(roots)) if changed else None
