"""Random effects of all terms of a population, each from the stream of its grouping factor."""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import TypeAlias

import numpy as np

from nestling.arrays import FloatArray
from nestling.errors import ArgumentError
from nestling.model.parameters import TermParameters
from nestling.random.mvrnorm import spectral_root
from nestling.simulate.draw import combine, draw_effects, effects_root
from nestling.simulate.predictors import Stream

Scores: TypeAlias = Callable[[int, int], FloatArray]


def draw_terms(
    terms: Sequence[TermParameters],
    n_levels: Sequence[int],
    streams: Mapping[str, Stream | Mapping[str, Stream]],
    scores: Mapping[str, Scores] | None = None,
) -> list[FloatArray]:
    """Draw the random effects of every term, in order.

    With numpy's generator a term is drawn through the triangular root of its covariance. With
    R's, a term of one effect is rnorm(J, 0, sd) and a larger one MASS::mvrnorm(J, 0, Sigma).
    A grouping factor with one stream per effect has them drawn one by one, which says that
    they are uncorrelated.

    Parameters
    ----------
    terms : sequence of TermParameters
    n_levels : sequence of int
        Levels J of each term's grouping factor.
    streams : mapping
        By grouping factor: a stream, or one stream per effect.
    scores : mapping, optional
        For grouping factors whose effects are not normal: from k and J to uncorrelated scores
        (k, J) of variance 1, which take the place of standard normal numbers.

    Returns
    -------
    list of (k, J) arrays
    """
    drawn = []
    for term, J in zip(terms, n_levels, strict=True):
        stream = streams[term.group]
        if scores and term.group in scores:
            standard = scores[term.group](len(term.names), J)
            drawn.append(combine(effects_root(term.covariance), standard))
        elif isinstance(stream, Mapping):
            drawn.append(_one_by_one(term, J, stream))
        elif isinstance(stream, np.random.Generator):
            drawn.append(draw_effects(stream, J, term.covariance))
        elif len(term.names) == 1:
            drawn.append(stream.rnorm(J, 0.0, sqrt(term.covariance[0, 0]))[None, :])
        else:
            # what stream.mvrnorm() draws, added up in the order of R's matrix product
            standard = stream.rnorm(J * len(term.names)).reshape(-1, J)
            drawn.append(combine(spectral_root(term.covariance), standard))
    return drawn


def _one_by_one(term: TermParameters, J: int, streams: Mapping[str, Stream]) -> FloatArray:
    off_diagonal = term.covariance - np.diag(np.diag(term.covariance))
    if off_diagonal.any():
        raise ArgumentError(
            f"seed[{term.group!r}] gives one seed per effect, which draws the effects one by one, "
            f"but {', '.join(term.names)} are correlated. Give {term.group!r} one seed."
        )
    rows = []
    for name, variance in zip(term.names, np.diag(term.covariance), strict=True):
        stream = streams[name]
        if isinstance(stream, np.random.Generator):
            rows.append(sqrt(variance) * stream.standard_normal(J))
        else:
            rows.append(stream.rnorm(J, 0.0, sqrt(variance)))
    return np.array(rows)
