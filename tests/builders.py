"""Model matrices built by hand, and the steps of a fit taken one by one."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nestling.arrays import AnyArray, FloatArray
from nestling.fit.choose import best_chain
from nestling.fit.collapse import one_factor
from nestling.fit.criterion import Problem
from nestling.fit.crossed import Crossed
from nestling.fit.dense import Dense
from nestling.fit.join import Pairs
from nestling.fit.nested import Nested
from nestling.fit.one_factor import OneFactor
from nestling.fit.solve import Solution, pose, solve
from nestling.fit.structure import Structure
from nestling.model.matrices import ModelMatrices, RandomTerm
from nestling.results.estimates import Estimates, estimates, inner_theta, roots_of_theta
from nestling.statistics.accumulate import accumulate
from nestling.statistics.basis import Basis, choose_basis
from nestling.statistics.layout import Layout, layout_of
from nestling.statistics.rows import Rows
from nestling.statistics.sufficient import SufficientStatistics


def ones(n: int) -> FloatArray:
    """Return an intercept as model matrices hold it: one number, seen n times."""
    return np.broadcast_to(np.float64(1.0), n)


def term(group: str, codes: AnyArray, *columns: FloatArray) -> RandomTerm:
    """Return the random term of these columns; the labels may be anything that sorts."""
    levels, numbered = np.unique(np.asarray(codes), return_inverse=True)
    names = tuple(f"z{i}" for i in range(len(columns)))
    return RandomTerm(group, names, columns, numbered, levels)


def matrices(
    y: FloatArray,
    columns: tuple[FloatArray, ...],
    *terms: RandomTerm,
    weights: FloatArray | None = None,
    offset: FloatArray | None = None,
) -> ModelMatrices:
    """Return model matrices with terms in lme4's order, most levels first."""
    order = sorted(range(len(terms)), key=lambda i: -len(terms[i].levels))
    return ModelMatrices(
        response=y,
        response_name="y",
        names=tuple(f"x{j}" for j in range(len(columns))),
        columns=columns,
        assign=tuple(range(len(columns))),
        term_labels=tuple(f"x{j}" for j in range(1, len(columns))),
        random=tuple(terms[i] for i in order),
        bars=tuple(order),
        weights=weights,
        offset=offset,
        row_index=None,
        n_omitted=0,
        encoding=None,
    )


def take(given: ModelMatrices, index: AnyArray) -> ModelMatrices:
    """Return the matrices of these rows, levels coded as before."""

    def stay(column: FloatArray) -> FloatArray:
        return ones(len(index)) if column.strides == (0,) else column[index]

    return replace(
        given,
        response=given.response[index],
        columns=tuple(map(stay, given.columns)),
        random=tuple(
            replace(each, columns=tuple(map(stay, each.columns)), codes=each.codes[index])
            for each in given.random
        ),
        weights=None if given.weights is None else given.weights[index],
        offset=None if given.offset is None else given.offset[index],
    )


@dataclass(frozen=True, slots=True)
class Posed:
    """A model on its way from rows to a criterion."""

    rows: Rows
    basis: Basis
    statistics: SufficientStatistics
    layout: Layout
    problem: Problem

    def inside(self, theta: FloatArray) -> FloatArray:
        """Map lme4's theta into the basis."""
        roots = roots_of_theta(self.layout, np.asarray(theta, dtype=float))
        return inner_theta(self.problem, self.layout, self.basis, roots)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A solved model."""

    posed: Posed
    solution: Solution
    estimates: Estimates

    @property
    def criterion(self) -> float:
        """The criterion at the optimum."""
        return self.solution.point.criterion

    @property
    def evaluations(self) -> int:
        """How many evaluations it took."""
        return self.solution.convergence.evaluations

    @property
    def status(self) -> str:
        """What is known about the optimum."""
        return self.solution.convergence.status


def pose_model(
    given: ModelMatrices,
    *,
    reml: bool = True,
    structure: Callable[[SufficientStatistics], Structure] | None = None,
) -> Posed:
    """Take a model from its matrices to a problem, in the given structure or the chosen one."""
    rows = Rows.of(given)
    basis = choose_basis(rows)
    layout = layout_of(given.random)
    statistics = accumulate(rows, basis)
    problem = pose(statistics, basis, layout, reml=reml)
    if structure is not None:
        problem = replace(problem, structure=structure(statistics))
    return Posed(rows, basis, statistics, layout, problem)


def solve_model(posed: Posed, start: FloatArray | None = None) -> Fitted:
    """Find the optimum and map it back."""
    solution = solve(posed.problem, posed.statistics, posed.layout, start)
    found = estimates(posed.problem, posed.layout, posed.basis, solution.point)
    return Fitted(posed, solution, found)


def fit_model(
    given: ModelMatrices,
    *,
    reml: bool = True,
    structure: Callable[[SufficientStatistics], Structure] | None = None,
) -> Fitted:
    """Fit a model from its matrices."""
    return solve_model(pose_model(given, reml=reml, structure=structure))


def each_level(statistics: SufficientStatistics) -> OneFactor:
    """Arrange one grouping factor without gathering levels in classes."""
    return OneFactor.of(statistics)


def pairs(statistics: SufficientStatistics) -> Crossed:
    """Join the largest factor to the others by cells, whatever their share."""
    structure = Crossed.of(statistics)
    return replace(structure, leaf=Pairs(structure.cells[0]))


def chained(statistics: SufficientStatistics) -> Crossed:
    """Eliminate the chain that would be chosen."""
    return Crossed.of(statistics, best_chain(statistics))


def chained_pairs(statistics: SufficientStatistics) -> Crossed:
    """Eliminate that chain, joined by cells."""
    structure = chained(statistics)
    return replace(structure, leaf=Pairs(structure.cells[0]))


STRUCTURES: dict[str, Callable[[SufficientStatistics], Structure]] = {
    "each level": each_level,
    "collapsed": one_factor,
    "dense": Dense.of,
    "nested": Nested.of,
    "crossed": Crossed.of,
    "pairs": pairs,
    "chained": chained,
    "chained pairs": chained_pairs,
}


def _response(rng: np.random.Generator, eta: FloatArray, *terms: RandomTerm) -> FloatArray:
    """Fixed part, unit-variance random effects of every term, and residuals."""
    y = eta + rng.normal(size=len(eta))
    for each in terms:
        for column in each.columns:
            y = y + column * rng.normal(size=len(each.levels))[each.codes]
    return y


def _one_factor(kind: str) -> ModelMatrices:
    rng = np.random.default_rng(1)
    n = 90
    g = np.append(np.arange(9), rng.integers(0, 9, n - 9))
    x, z = rng.normal(size=n), rng.normal(size=n) + 0.5
    terms = {
        "intercept": (term("g", g, ones(n)),),
        "slope": (term("g", g, ones(n), x),),
        "three effects": (term("g", g, ones(n), x, z),),
        "uncorrelated": (term("g", g, ones(n)), term("g", g, x)),
        "blocks": (term("g", g, ones(n), x), term("g", g, z)),
        "no intercept": (term("g", g, x, z),),
    }[kind]
    return matrices(_response(rng, 1.0 + 0.5 * x, *terms), (ones(n), x, z), *terms)


def _without_fixed(given: ModelMatrices) -> ModelMatrices:
    return replace(given, columns=(), names=(), assign=(), term_labels=())


def _repeated() -> ModelMatrices:
    """Seventy groups of five designs, as balanced studies have them."""
    rng = np.random.default_rng(2)
    g = np.repeat(np.arange(70), np.tile([3, 4, 4, 3, 2], 14))
    t = np.concatenate([np.arange(m) for m in np.bincount(g)]).astype(float)
    t += 0.5 * (g % 5 == 2)
    w = rng.normal(size=70)[g]
    slope = term("g", g, ones(len(g)), t)
    return matrices(_response(rng, 1.0 + w, slope), (ones(len(g)), t, w), slope)


def _nested(kind: str) -> ModelMatrices:
    rng = np.random.default_rng(3)
    n = 110
    c = np.append(np.arange(24), rng.integers(0, 24, n - 24))
    b, a = c // 3, c // 6
    x = rng.normal(size=n)
    terms = {
        "nested": (term("b", b, ones(n)), term("a", a, ones(n))),
        "nested slopes": (term("b", b, ones(n), x), term("a", a, ones(n), x)),
        "nested three deep": tuple(
            term(name, codes, ones(n)) for name, codes in (("c", c), ("b", b), ("a", a))
        ),
        "nested three deep, slopes": (
            term("c", c, ones(n), x),
            term("b", b, ones(n)),
            term("a", a, ones(n)),
            term("a", a, x),
        ),
    }[kind]
    return matrices(_response(rng, 0.3 * x, *terms), (ones(n), x), *terms)


def _crossed(kind: str) -> ModelMatrices:
    rng = np.random.default_rng(4)
    n = 120
    s = np.append(np.arange(14), rng.integers(0, 14, n - 14))
    i = np.append(np.arange(8), rng.integers(0, 8, n - 8))
    d = np.append(np.arange(3), rng.integers(0, 3, n - 3))
    x = rng.normal(size=n)
    terms = {
        "crossed": (term("s", s, ones(n)), term("i", i, ones(n))),
        "crossed slopes": (term("s", s, ones(n), x), term("i", i, ones(n), x)),
        "crossed, uncorrelated": (
            term("s", s, ones(n)),
            term("s", s, x),
            term("i", i, ones(n), x),
        ),
        "three crossed": tuple(
            term(name, codes, ones(n)) for name, codes in (("s", s), ("i", i), ("d", d))
        ),
        "crossed and nested": (
            term("s", s, ones(n), x),
            term("i", i, ones(n)),
            term("f", i // 4, ones(n), x),
        ),
        "crossed with nested": (
            term("s", s, ones(n), x),
            term("c", s // 2, ones(n)),
            term("b", s // 5 * 2, ones(n), x),
            term("i", i, ones(n), x),
        ),
        "crossed between nested": (
            term("s", s, ones(n)),
            term("i", i, ones(n), x),
            term("b", s // 3, ones(n), x),
        ),
    }[kind]
    return matrices(_response(rng, 0.3 * x, *terms), (ones(n), x), *terms)


MODELS: dict[str, ModelMatrices] = {
    **{
        kind: _one_factor(kind)
        for kind in (
            "intercept", "slope", "three effects", "uncorrelated", "blocks", "no intercept",
        )
    },
    "repeated designs": _repeated(),
    **{
        kind: _nested(kind)
        for kind in ("nested", "nested slopes", "nested three deep", "nested three deep, slopes")
    },
    **{
        kind: _crossed(kind)
        for kind in (
            "crossed", "crossed slopes", "crossed, uncorrelated", "three crossed",
            "crossed and nested", "crossed with nested", "crossed between nested",
        )
    },
    "no fixed effects": _without_fixed(_one_factor("slope")),
    "crossed, no fixed effects": _without_fixed(_crossed("crossed slopes")),
}  # fmt: skip
"""Small models of every structure, by name."""


def arrangements() -> list[tuple[str, str]]:
    """Return every model with every structure that can hold it."""
    pairs = []
    for name in MODELS:
        several = name.startswith(("nested", "crossed", "three crossed"))
        pairs += [(name, "dense")] if name != "repeated designs" else []
        pairs += [(name, "crossed"), (name, "pairs")] if several else [(name, "each level")]
        pairs += [(name, "chained"), (name, "chained pairs")] if "nested" in name[1:] else []
        pairs += [(name, "nested")] if name.startswith("nested") else []
        pairs += [(name, "collapsed")] if name == "repeated designs" else []
    return pairs


POINTS = ("interior", "zero variance", "zero", "rank one", "large")


def theta_at(posed: Posed, kind: str) -> FloatArray:
    """Return a theta in the basis of the named kind, the same for every structure."""
    parameters = posed.problem.parameters
    rng = np.random.default_rng(5)
    roots = [np.tril(0.7 * rng.normal(size=(k, k))) for k in parameters.widths]
    for root in roots:
        diagonal = np.diag_indices_from(root)
        root[diagonal] = np.abs(root[diagonal]) + 0.2
    if kind == "zero variance":
        roots[-1][:] = 0.0
    elif kind == "zero":
        roots = [np.zeros_like(root) for root in roots]
    elif kind == "rank one":
        roots = [root * (np.arange(len(root)) == 0) for root in roots]
        roots[0][0, 0] *= -1.0
    elif kind == "large":
        roots = [50.0 * root for root in roots]
    return parameters.theta(tuple(roots))
