"""Responses drawn from a family around their means, from numpy's generator or from R's."""

from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.data.door import Frame
from nestling.errors import ArgumentError, PopulationError
from nestling.model.families_base import Family
from nestling.model.families_means import Binomial, Poisson
from nestling.model.families_ordinal import Ordinal
from nestling.model.families_shapes import Beta, Gamma, NegativeBinomial
from nestling.model.row_vectors import row_vector
from nestling.random.rrandom import RRandom
from nestling.simulate.drawing import Stream

if TYPE_CHECKING:
    from nestling.simulate.population import Population

LARGEST = 2.0**53
"""Means above this have no exact neighbours among the counts, nor can they be drawn."""

NO_ORDER = (
    "rng='R' cannot draw an ordinal response: R has no function of its own for it, so no agreed "
    "order of random numbers. Use rng='numpy'."
)


def draw_response(
    family: Family,
    stream: Stream,
    eta: FloatArray,
    trials: IntArray | None = None,
    weights: FloatArray | None = None,
) -> AnyArray:
    """Draw one response per row.

    Parameters
    ----------
    family : Family
    stream : numpy Generator or RRandom
        R's draws as rbinom(n, trials, mu), rpois(n, mu), rnbinom(n, size=, mu=),
        rgamma(n, shape, rate=shape / mu) or rbeta(n, mu phi, (1 - mu) phi) does.
    eta : array (n,)
        Linear predictor.
    trials : array (n,), optional
        Of a binomial family.
    weights : array (n,), optional
        Divide the dispersion of a gamma family.

    Raises
    ------
    PopulationError
        When a linear predictor has no mean in the family.

    Examples
    --------
    >>> from nestling.model.families import family
    >>> draw_response(family("poisson"), RRandom(707), np.log([0.1, 5.0, 40.0])).tolist()
    [0, 4, 36]
    """
    if isinstance(family, Ordinal):
        return _categories(family, stream, eta)
    mu = mean_of(family, eta)
    if isinstance(stream, RRandom):
        return _as_r(family, stream, mu, trials, weights)
    return _drawn(family, stream, mu, trials, weights)


def mean_of(family: Family, eta: FloatArray) -> FloatArray:
    """Return the mean of every row, refusing those that the family cannot have."""
    mu = family.mean(eta)
    wrong = ~family.valid(eta, mu)
    if isinstance(family, Poisson | NegativeBinomial):
        wrong |= mu > LARGEST
    if wrong.any():
        row = int(wrong.argmax())
        raise PopulationError(
            f"The linear predictor of row {row} is {eta[row]:.6g}, which {family} turns into the "
            f"mean {mu[row]:.6g}; means are {family.support}{_above(mu[row])}. Change the fixed "
            f"effects, make the random effects smaller{_other_link(family)}."
        )
    return mu


def trials_of(family: Family, frame: Frame) -> IntArray | None:
    """Return the trials of every row of a binomial family."""
    if not isinstance(family, Binomial):
        return None
    if not isinstance(family.trials, str):
        return np.full(frame.n_rows, family.trials, dtype=np.int64)
    found = row_vector("trials", family.trials, frame)
    assert found is not None  # a name was given
    wrong = ~((found >= 0) & (found == np.floor(found)) & (found < 2**31))
    if wrong.any():
        row = int(wrong.argmax())
        raise PopulationError(
            f"The predictor {family.trials!r} holds the trials of each row and is {found[row]:g} "
            f"in row {row}; expected whole numbers from 0 on."
        )
    return found.astype(np.int64)


def refuse_family(truth: "Population", rng: str) -> None:
    """Refuse R's generator where R has no call that draws the response."""
    if rng == "R" and isinstance(truth.family, Ordinal):
        raise ArgumentError(NO_ORDER)


def _above(mu: float) -> str:
    return f" and at most {LARGEST:.2g}" if mu > LARGEST else ""


def _other_link(family: Family) -> str:
    free = {"poisson": "log", "negative binomial": "log", "gamma": "log"}.get(family.name)
    return f", or use link={free!r}, under which every number has a mean" * (
        free is not None and free != family.link
    )


def _categories(family: Ordinal, stream: Stream, eta: FloatArray) -> IntArray:
    """Count the thresholds that a uniform number exceeds."""
    if isinstance(stream, RRandom):
        raise ArgumentError(NO_ORDER)
    above = stream.random(eta.size) > family.cumulative(eta)
    return np.asarray(1 + above.sum(axis=0, dtype=np.int64))


def _drawn(
    family: Family,
    rng: np.random.Generator,
    mu: FloatArray,
    trials: IntArray | None,
    weights: FloatArray | None,
) -> AnyArray:
    match family:
        case Binomial(trials=1):
            return (rng.random(mu.size) < mu).astype(np.int64)
        case Binomial():
            assert trials is not None
            return rng.binomial(trials, mu)
        case Poisson():
            return rng.poisson(mu)
        case NegativeBinomial(size):
            return rng.poisson(rng.standard_gamma(size, mu.size) * (mu / size))
        case Gamma(shape):
            own = np.full(mu.size, shape) if weights is None else shape * weights
            return rng.standard_gamma(own) * (mu / own)
        case Beta(precision):
            return rng.beta(mu * precision, (1 - mu) * precision)
        case _:
            raise AssertionError(family)  # normal responses are added up from their parts


def _as_r(
    family: Family,
    r: RRandom,
    mu: FloatArray,
    trials: IntArray | None,
    weights: FloatArray | None,
) -> AnyArray:
    match family:
        case Binomial():
            return r.rbinom(mu.size, trials, mu).astype(np.int64)
        case Poisson():
            return r.rpois(mu.size, mu).astype(np.int64)
        case NegativeBinomial(size):
            return r.rnbinom(mu.size, size, mu=mu).astype(np.int64)
        case Gamma(shape):
            own = np.full(mu.size, shape) if weights is None else shape * weights
            return r.rgamma(mu.size, own, rate=own / mu)
        case Beta(precision):
            return r.rbeta(mu.size, mu * precision, (1 - mu) * precision)
        case _:
            raise AssertionError(family)  # normal responses are added up from their parts
