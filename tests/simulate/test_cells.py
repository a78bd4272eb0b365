"""Cells of a design: when there are any, and that studies made of them are those of rows."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

import nestling as nl
from nestling.model.formula import parse
from nestling.simulate.cell_rows import cell_rows
from nestling.simulate.cell_studies import cell_studies
from nestling.simulate.cells import cells_of
from nestling.simulate.computed import Computed
from nestling.simulate.needs import needs_of
from nestling.simulate.stacked import units_of_terms

X, Z = nl.normal(1, 2), nl.normal(0, 1, level="g")
ONE, THREE = nl.nested(g=6, i=9), nl.nested(school=4, g=3, i=8)


def truth(formula, predictors, random=None, residual=2):
    """A population whose coefficients are all 0.5."""
    known = {name: Computed(p) if isinstance(p, str) else p for name, p in predictors.items()}
    names = needs_of(parse(formula), known).coefficients
    return nl.Population(
        formula, dict.fromkeys(names, 0.5), random or {"g": 1}, residual, predictors
    )


def cells(population, design=ONE):
    return cells_of(population, design, ((population.formula, population.needs),))


PAIR = nl.correlated(X=nl.normal(1, 2), W=nl.normal(0, 1), corr=0.5)
MIXED = nl.correlated(
    X=nl.normal(1, 2, icc=0.3), W=nl.normal(0, 1, icc=0.2, parts=True), Z=Z, corr=0.4
)
KINDS = {"f": nl.categorical({"a": 0.5, "b": 0.3, "c": 0.2}), "d": nl.bernoulli(0.4)}

# formula, predictors, design: the cells' unit, scores, combinations
FOUND = {
    "no predictors": ("y ~ 1 + (1 | g)", {}, ONE, ("g", 0, 1)),
    "one of each level": ("y ~ X * Z + (1 | g)", {"X": X, "Z": Z}, ONE, ("g", 1, 1)),
    "correlated": ("y ~ X + W + (1 | g)", PAIR, ONE, ("g", 2, 1)),
    "parts": ("y ~ X + W_within + W_between + Z + (1 | g)", MIXED, ONE, ("g", 2, 1)),
    "kinds": ("y ~ X * d + f + (1 | g)", {"X": X, **KINDS}, ONE, ("g", 1, 6)),
    "computed of kinds": ("y ~ X + E + (1 | g)", {"X": X, **KINDS, "E": "2 * d + 1"}, ONE,
                          ("g", 1, 6)),
    "a treated cluster": ("y ~ X * T + (1 | g)", {"X": X, "T": nl.assign(2, level="g")}, ONE,
                          ("g", 1, 1)),
    "a lower unit": ("y ~ X + Z + (1 | school)", {"X": X, "Z": Z}, THREE, ("g", 1, 1)),
    "upper units only": ("y ~ X + (1 | school)", {"X": X}, THREE, ("school", 1, 1)),
    "any Level-2 predictor": ("y ~ exp(Z) + X + (1 | g)", {"X": X, "Z": nl.poisson(2, level="g")},
                              ONE, ("g", 1, 1)),
    "a unit per row": ("y ~ Z + X + (1 | g)", {"X": X, "Z": nl.normal(0, 1, level="i")}, ONE,
                       ("g", 2, 1)),
    "unused rows of few categories": ("y ~ X + (1 | g)", {"X": X, **KINDS}, ONE, ("g", 1, 6)),
}  # fmt: skip

NONE = {
    "bent": ("y ~ I(X^2) + (1 | g)", {"X": X}, ONE),
    "multiplied": ("y ~ X * W + (1 | g)", PAIR, ONE),
    "computed from scores": ("y ~ E + (1 | g)", {"X": X, "E": "X + 1"}, ONE),
    "not normal": ("y ~ U + (1 | g)", {"U": nl.uniform(0, 1)}, ONE),
    "many values": ("y ~ U + (1 | g)", {"U": nl.poisson(3)}, ONE),
    "assigned row by row": ("y ~ T + (1 | g)", {"T": nl.assign(2)}, ONE),
    "blocked": ("y ~ X + T + (1 | g)", {"X": X, "T": nl.assign(2, level="g", blocks="school")},
                THREE),
    "given row by row": ("y ~ V + (1 | g)", {"V": nl.values(np.arange(54.0))}, ONE),
    "a learned column": ("y ~ scale(Z) + (1 | g)", {"Z": Z}, ONE),
    "crossed": ("y ~ X + (1 | g) + (1 | h)", {"X": X}, nl.crossed(g=4, h=6)),
}  # fmt: skip


@pytest.mark.parametrize(("formula", "predictors", "design", "want"), FOUND.values(), ids=FOUND)
def test_rows_fall_into_cells(formula, predictors, design, want):
    terms = {name: 1 for name in ("school", "g") if f"| {name})" in formula}
    found = cells(truth(formula, predictors, terms), design)
    assert (found.unit, len(found.scores), found.combinations) == want
    assert int(found.rows.sum()) == design.n


@pytest.mark.parametrize(("formula", "predictors", "design"), NONE.values(), ids=NONE)
def test_rows_that_differ_otherwise_have_no_cells(formula, predictors, design):
    terms = {name: 1 for name in ("school", "g", "h") if f"| {name})" in formula}
    found = cells(truth(formula, predictors, terms), design)
    assert found is None


def rows_of(population, design, index, seed=1):
    units = units_of_terms(design, population.formula)
    study = cell_studies(
        population, design, cells(population, design), np.random.SeedSequence(seed), [index]
    )
    return study, cell_rows(study, units, np.random.default_rng(index))


@pytest.mark.parametrize(("formula", "predictors", "design", "want"), FOUND.values(), ids=FOUND)
def test_rows_look_like_simulated_ones(formula, predictors, design, want):
    terms = {name: 1 for name in ("school", "g") if f"| {name})" in formula}
    population = truth(formula, predictors, terms)
    _, data = rows_of(population, design, 3)
    plain = population.simulate(design, seed=1)
    assert list(data) == list(plain)
    assert data.dtypes.to_dict() == plain.dtypes.to_dict()
    assert data[list(design.names)].equals(plain[list(design.names)])


def test_rows_have_the_sums_of_their_study():
    population = truth("y ~ X * d + W + (1 | g)", {**PAIR, "d": nl.bernoulli(0.5)}, residual=3)
    design = nl.nested(g=5, i=[1, 2, 3, 9, 30])
    study, data = rows_of(population, design, 7)
    whole = population.replace(
        random={"g": 0}, fixed=dict.fromkeys(population.parameters.names, 0.0)
    )
    same = cell_studies(whole, design, study.cells, np.random.SeedSequence(1), [7])
    e = cell_rows(same, ("g",), np.random.default_rng(7))["y"] / np.sqrt(3)
    x = (data["X"] - 1) / 2
    w = (data["W"] - 0.5 * x) / np.sqrt(0.75)
    scores = np.column_stack([np.ones(45), x, w, e])
    cell = 2 * (data["g"].to_numpy() - 1) + data["d"].to_numpy()
    for k in range(10):
        rows = scores[cell == k]
        # sums of at most thirty products of scores near one
        assert np.allclose(rows.T @ rows, study.draws.products[:, :, 0, k], rtol=0, atol=1e-11)


def test_rows_have_the_law_of_simulated_ones():
    population = truth("y ~ X + W_within + W_between + Z + f + (1 | g)", MIXED | {"f": KINDS["f"]})
    drawn = [rows_of(population, ONE, index)[1] for index in range(60)]
    plain = [population.simulate(ONE, seed=index) for index in range(60)]
    for name in ("X", "W", "W_within", "W_between", "Z", "y"):
        # rows within clusters go together: one of each cluster
        a, b = (np.concatenate([d.groupby("g")[name].first() for d in group])
                for group in (drawn, plain))  # fmt: skip
        assert ks_2samp(a, b).pvalue > 1e-3
        a, b = (np.concatenate([d.groupby("g")[name].std() for d in group])
                for group in (drawn, plain))  # fmt: skip
        assert name in ("W_between", "Z") or ks_2samp(a, b).pvalue > 1e-3
    table = [np.corrcoef(np.concatenate([d[["X", "W", "Z", "y"]] for d in group]).T)
             for group in (drawn, plain)]  # fmt: skip
    # correlations of 360 clusters each, five standard errors of their difference
    assert np.abs(table[0] - table[1]).max() < 5 * np.sqrt(2 / 360)
    share = [np.mean([(d["f"] == "a").mean() for d in group]) for group in (drawn, plain)]
    assert abs(share[0] - share[1]) < 5 * np.sqrt(2 * 0.25 / (60 * 54))
