"""Random effects of many studies, each with its own stream, in one go."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nestling.arrays import FloatArray
from nestling.simulate.draw import combine, effects_root
from nestling.simulate.seeds import group_label

if TYPE_CHECKING:
    from nestling.simulate.population import Population


def stacked_effects(
    truth: "Population",
    sizes: Sequence[int],
    R: int,
    streams: Callable[[str], Iterable[np.random.Generator]],
) -> list[FloatArray]:
    """Draw the random effects of R studies: per term an array (effects, R, levels).

    Parameters
    ----------
    truth : Population
    sizes : sequence of int
        Levels per term, in the truth's order.
    R : int
    streams : callable
        From the label of a grouping factor to its stream in every study.
    """
    terms = truth.parameters.terms
    found: list[FloatArray] = [np.empty(0)] * len(terms)
    for group in dict.fromkeys(term.group for term in terms):
        mine = [t for t, term in enumerate(terms) if term.group == group]
        widths = [len(terms[t].names) for t in mine]
        scores = [np.empty((R, k, sizes[t])) for t, k in zip(mine, widths, strict=True)]
        for r, stream in enumerate(streams(group_label(group))):
            for part in scores:
                stream.standard_normal(out=part[r])
        for t, part, k in zip(mine, scores, widths, strict=True):
            root = effects_root(terms[t].covariance)
            u = combine(root, part.transpose(1, 0, 2).reshape(k, -1))
            found[t] = u.reshape(k, R, -1)
    return found
