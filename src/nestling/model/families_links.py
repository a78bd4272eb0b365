"""Link functions: from the mean of a response to the scale on which effects add up."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import TypeAlias

import numpy as np

from nestling.arrays import FloatArray

Elementwise: TypeAlias = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Link:
    """One link.

    Attributes
    ----------
    link : callable
        From the mean to the linear predictor.
    inverse : callable
        From the linear predictor to the mean.
    slope : callable
        Derivative of the mean by the linear predictor, at the linear predictor.
    """

    link: Elementwise
    inverse: Elementwise
    slope: Elementwise


def _expit(eta: FloatArray) -> FloatArray:
    # exp of a negative number never overflows, and small probabilities keep their digits
    small = np.exp(-np.abs(eta))
    return np.where(eta >= 0, 1.0, small) / (1.0 + small)


def _expit_slope(eta: FloatArray) -> FloatArray:
    small = np.exp(-np.abs(eta))
    return small / (1.0 + small) ** 2


def _probit(mu: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(ndtri(mu))


def _normal_share(eta: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(eta))


def _cloglog_slope(eta: FloatArray) -> FloatArray:
    return np.exp(eta - np.exp(eta))


LINKS = {
    "identity": Link(lambda mu: mu, lambda eta: eta, np.ones_like),
    "log": Link(np.log, np.exp, np.exp),
    "logit": Link(lambda mu: np.log(mu) - np.log1p(-mu), _expit, _expit_slope),
    "probit": Link(_probit, _normal_share, lambda eta: np.exp(-(eta**2) / 2) / sqrt(2 * pi)),
    "cloglog": Link(
        lambda mu: np.log(-np.log1p(-mu)), lambda eta: -np.expm1(-np.exp(eta)), _cloglog_slope
    ),
    "inverse": Link(lambda mu: 1 / mu, lambda eta: 1 / eta, lambda eta: -1 / eta**2),
    "sqrt": Link(np.sqrt, np.square, lambda eta: 2 * eta),
}
"""By the names R gives them."""
