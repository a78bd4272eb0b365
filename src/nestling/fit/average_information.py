"""Second derivatives where the exact trace terms are dear: the average information."""

from collections.abc import Callable

import numpy as np

from nestling.arrays import FloatArray
from nestling.fit.structure import Score

Apply = Callable[[tuple[FloatArray, ...]], tuple[FloatArray, ...]]
"""From h per factor (k, m, J) to Z'V^-1 Z h per factor."""


def average_information(
    directions: tuple[FloatArray, ...], score: Score, apply: Apply
) -> FloatArray:
    """Return c h_E'Z'PZ h_F - (c / r^2) s_E s_F with h = Ee and s = e'Ee.

    The mean of observed and expected information: the traces of the exact Hessian cancel in it,
    so one more solve per parameter is all it costs (Gilmour, Thompson and Cullis 1995).
    """
    h = tuple(
        np.einsum("mab,bj->amj", E, e) for E, e in zip(directions, score.residuals, strict=True)
    )
    m = len(directions[0])
    quadratic, fixed, s = np.zeros((m, m)), np.zeros((score.fixed[0].shape[1], m)), np.zeros(m)
    for left, image, X, e in zip(h, apply(h), score.fixed, score.residuals, strict=True):
        quadratic += np.einsum("amj,anj->mn", left, image)
        fixed += np.einsum("aij,amj->im", X, left)
        s += np.einsum("amj,aj->m", left, e)
    information = score.rate * (quadratic - fixed.T @ fixed)
    return np.asarray(information - (score.rate / score.square) * np.outer(s, s))
