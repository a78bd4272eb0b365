"""Variances and covariances of the columns of X and Z that the predictors imply.

Predictors are taken at the nodes of a product quadrature: separate values exactly, smooth ones by
Gauss-Hermite rules on their normal scores, scaled to the exact mean and SD.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from nestling.arrays import AnyArray, FloatArray, IntArray
from nestling.data.door import read
from nestling.design.design import Design
from nestling.errors import PopulationError
from nestling.model.formula import Formula
from nestling.model.functions import GROUPED
from nestling.model.matrices import encode
from nestling.simulate.assignment import Assignment
from nestling.simulate.clustered import Clustered
from nestling.simulate.columns import Columns, compute, draw_columns, to_frame
from nestling.simulate.continuous import Beta, Gamma, Lognormal, StudentT
from nestling.simulate.correlated import Correlation, Joint
from nestling.simulate.counts import Binomial, Empirical, Poisson
from nestling.simulate.draw import combine, effects_root
from nestling.simulate.given import Labels
from nestling.simulate.marginals import Bernoulli, Categorical, Constant, Given, Normal, Uniform
from nestling.simulate.needs import Needs, variables_of
from nestling.simulate.predictors import Computed, Predictor, column_names
from nestling.simulate.times import Time

MOST = 300_000

FINE = 20_000
"""Nodes in all that a formula is taken at."""

FINEST = 61
"""Nodes of one score at most: squares of skewed columns need nodes far out."""

Smooth = Normal | Uniform | Lognormal | Gamma | Beta | StudentT


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Columns of X at the nodes, their covariance, and E[z z'] of each random-effects term.

    `effects` are the columns of Z at the nodes, (k, N) per term; `places` says at which of a
    predictor's own nodes each node is.
    """

    columns: tuple[FloatArray, ...]
    weights: FloatArray
    covariance: FloatArray
    squares: tuple[FloatArray, ...]
    effects: tuple[FloatArray, ...]
    places: Mapping[str, IntArray]


def moments_of(
    formula: Formula,
    needs: Needs,
    predictors: Mapping[str, Predictor],
    design: Design | None = None,
) -> Moments:
    """Compute the moments that a population's predictors imply; of times in this design.

    Raises
    ------
    PopulationError
        When they are not known: times without a design, predictors that are correlated level by
        level or have separate values, functions that learn from the data.
    """
    learned = [*needs.shown.encoding.memory.bases]
    learned += [t for t in needs.shown.encoding.fixed.variables if t.startswith(GROUPED)]
    if any("(" in text for text in learned):
        raise _unknown(f"{learned[0]} depends on the data drawn")
    columns, weights, places = _product(formula, predictors, design)
    for bar in formula.random:
        for name in bar.group.split(":"):
            columns.setdefault(name, np.ones(weights.size, dtype=np.int64))
    return _moments(formula, needs, columns, weights, places)


def _product(
    formula: Formula, predictors: Mapping[str, Predictor], design: Design | None
) -> tuple[Columns, FloatArray, dict[str, IntArray]]:
    """Combine the nodes of all predictors that the formula uses."""
    used = set(variables_of(formula))
    for each in predictors.values():
        used |= set(each.names) if isinstance(each, Computed) else set()
    columns: Columns = {}
    nodes = _resolution(
        [each for name, each in predictors.items() if used & set(column_names(name, each))]
    )
    weights = np.ones(1)
    places: dict[str, IntArray] = {}
    for name, each in predictors.items():
        if isinstance(each, Computed) or not used & set(column_names(name, each)):
            continue
        if name in places:
            continue  # came with those it is correlated with
        if isinstance(each, Joint):
            made, own = correlated_nodes(name, each.group, nodes)
        elif isinstance(each, Time) and design is not None:
            made, own = time_nodes(name, each, design)
        else:
            made, own = _nodes(name, each, nodes)
        n, m = weights.size, own.size
        if n * m > MOST:
            raise _unknown("there are too many predictors")
        old, new = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
        columns = {key: _take(values, old) for key, values in columns.items()}
        columns |= {key: _take(values, new) for key, values in made.items()}
        weights = weights[old] * own[new]
        places = {key: values[old] for key, values in places.items()}
        places |= dict.fromkeys(made if isinstance(each, Joint) else (name,), new)
    for name, each in predictors.items():
        if isinstance(each, Computed):
            columns[name] = np.empty(0)
    compute(columns, predictors)
    # a formula without predictors still has one row
    columns["(weights)"] = weights
    return columns, weights, places


def _moments(
    formula: Formula,
    needs: Needs,
    columns: Columns,
    weights: FloatArray,
    places: Mapping[str, IntArray],
) -> Moments:
    bars = frozenset(range(len(formula.random)))
    rows = encode(formula, needs.shown, read(to_frame(columns)), bars)
    x = np.array([np.broadcast_to(column, weights.size) for column in rows.columns])
    x = x.reshape(len(rows.columns), weights.size)
    centred = x - (x @ weights)[:, None]
    by_bar = dict(zip(needs.shown.bars, rows.random, strict=True))
    squares, effects = [], []
    for bar in sorted(by_bar):
        z = np.array([np.broadcast_to(column, weights.size) for column in by_bar[bar].columns])
        squares.append((z * weights) @ z.T)
        effects.append(z)
    covariance = (centred * weights) @ centred.T
    return Moments(tuple(x), weights, covariance, tuple(squares), tuple(effects), places)


def _nodes(name: str, predictor: Predictor, nodes: int) -> tuple[Columns, FloatArray]:
    """Values of a predictor, and of its parts, with weights that sum to one."""
    separate = separate_values(predictor)
    if separate is not None:
        return {name: separate[0]}, separate[1]
    if isinstance(predictor, Uniform):
        x, w = np.polynomial.legendre.leggauss(nodes)
        middle = (predictor.low + predictor.high) / 2
        return {name: middle + (predictor.high - predictor.low) / 2 * x}, w / 2
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    w /= w.sum()
    if isinstance(predictor, Clustered) and isinstance(predictor.base, Normal):
        if len(predictor.icc) == 1:
            (mean, sd), share = predictor.moments, predictor.shares[0]
            between = mean + sd * sqrt(share) * np.repeat(z, nodes)
            within = sd * sqrt(1 - share) * np.tile(z, nodes)
            made: Columns = {name: between + within}
            if predictor.parts:
                made |= dict(zip(predictor.part_names(name), (within, between), strict=True))
            return made, np.outer(w, w).ravel()
        if not predictor.parts:
            mean, sd = predictor.moments
            return {name: mean + sd * z}, w
    elif isinstance(predictor, Smooth):
        values = np.asarray(predictor.at_scores(z), dtype=np.float64)
        return {name: _scaled(predictor, values, w)}, w
    raise _unknown(f"{name!r} is {predictor}")


def separate_values(predictor: Predictor) -> tuple[AnyArray | Labels, FloatArray] | None:
    """Return the values of a predictor that has few of them, and how often each occurs."""
    if isinstance(predictor, Categorical):
        codes = np.arange(len(predictor.labels))
        labels = Labels(codes, predictor.labels, predictor.ordered)
        return labels, np.array(predictor.probabilities)
    if isinstance(predictor, Constant | Given | Empirical):
        every = (
            np.array([predictor.value])
            if isinstance(predictor, Constant)
            else predictor.values.column()
        )
        n = len(every.codes) if isinstance(every, Labels) else every.size
        return every, np.full(n, 1 / n)
    if isinstance(predictor, Bernoulli | Binomial | Poisson):
        return predictor.steps
    if isinstance(predictor, Assignment) and predictor.shares is not None:
        return predictor.prototype(predictor.distinct), predictor.shares
    return None


def correlated_nodes(name: str, group: Correlation, nodes: int) -> tuple[Columns, FloatArray]:
    """Values of all predictors of a Gaussian copula at the nodes of a product rule."""
    smooth = all(isinstance(each, Smooth) for each in group.members)
    k = len(group.names)
    if not smooth or len({each.level for each in group.members}) > 1 or nodes**k > MOST:
        raise _unknown(f"{name!r} is correlated with others in a way that has no simple moments")
    z, w = np.polynomial.hermite_e.hermegauss(nodes)
    w /= w.sum()
    grid = np.array(np.meshgrid(*[z] * k, indexing="ij")).reshape(k, -1)
    weights = np.prod(np.array(np.meshgrid(*[w] * k, indexing="ij")).reshape(k, -1), axis=0)
    scores = combine(effects_root(group.correlations), grid)
    made: Columns = {}
    for each, member, own in zip(group.names, group.members, scores, strict=True):
        assert isinstance(member, Smooth)
        made[each] = _scaled(member, np.asarray(member.at_scores(own), dtype=float), weights)
    return made, weights


def time_nodes(name: str, time: Time, design: Design) -> tuple[Columns, FloatArray]:
    """Return the times of all rows of a design, chance by two values of its mean and variance."""
    regular = replace(time, jitter=0.0, events=False)
    rows = draw_columns(design, {name: regular}, {})[name]
    values, counts = np.unique(np.asarray(rows, dtype=float), return_counts=True)
    weights = counts / counts.sum()
    spread = np.full(values.size, time.jitter / sqrt(3.0))
    if time.events:
        gaps = (values - time.start) / time.step + 1.0
        values, spread = time.start + time.step * gaps, time.step * np.sqrt(gaps)
    if not spread.any():
        return {name: values}, weights
    return {name: np.concatenate([values - spread, values + spread])}, np.tile(weights / 2, 2)


def _scaled(predictor: "Smooth", values: FloatArray, weights: FloatArray) -> FloatArray:
    """Give values at nodes the exact mean and SD."""
    mean, sd = predictor.moments
    centre = weights @ values
    spread = sqrt(weights @ (values - centre) ** 2)
    return np.asarray(mean + (values - centre) * (sd / spread if spread else 0.0))


def _resolution(predictors: Sequence[Predictor]) -> int:
    """Return how many nodes each smooth score can have, so that all together are not too many."""
    scores, others = 0, 1
    for each in predictors:
        separate = separate_values(each)
        if separate is not None:
            others *= max(separate[1].size, 1)
        elif isinstance(each, Clustered):
            scores += 2
        elif isinstance(each, Smooth | Joint):
            scores += 1
    if not scores:
        return FINEST
    return int(max(2, min(FINEST, (FINE / min(others, FINE)) ** (1 / scores))))


def _take(values: AnyArray | Labels, rows: AnyArray) -> AnyArray | Labels:
    return values.take(rows) if isinstance(values, Labels) else values[rows]


def _unknown(why: str) -> PopulationError:
    return PopulationError(
        f"The variance of y cannot be told before the data are drawn, since {why}. State the "
        "fixed effects as plain numbers."
    )
