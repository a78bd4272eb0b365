"""Predictors with separate values, as steps of a standard normal score."""

from typing import TypeAlias

import numpy as np

from nestling.arrays import FloatArray

Steps: TypeAlias = tuple[FloatArray, FloatArray]
"""Values in increasing order and their probabilities."""


def thresholds(steps: Steps) -> FloatArray:
    """Return the scores above which the second, third, ... value begins.

    Examples
    --------
    >>> thresholds((np.array([0.0, 1.0]), np.array([0.5, 0.5]))).tolist()
    [0.0]
    """
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(np.cumsum(steps[1])[:-1], 0.0, 1.0)))


def at_steps(steps: Steps, z: FloatArray) -> FloatArray:
    """Return the value of each score.

    Examples
    --------
    >>> at_steps((np.array([0.0, 1.0]), np.array([0.5, 0.5])), np.array([-0.1, 0.1])).tolist()
    [0.0, 1.0]
    """
    values = steps[0]
    return np.asarray(values[np.searchsorted(thresholds(steps), z, side="left")])


def counted(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Mean and standard deviation of values with these weights, which sum to one."""
    mean = float(values @ weights)
    return mean, float(np.sqrt(((values - mean) ** 2) @ weights))
