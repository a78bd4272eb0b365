"""What an impossible truth gets: populations, designs, equations and random numbers.

Every row is one mistake: the call, the class, and what the message must say.
"""

import numpy as np
import pytest

import nestling as nl
from nestling import errors
from nestling.errors import (
    ArgumentError,
    ArgumentTypeError,
    DesignError,
    FormulaError,
    PopulationError,
)


def check(call, error, *said):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for each in said:
        assert each in message


def population(formula="y ~ 1 + x + (1 | g)", **changes):
    given = {
        "fixed": {"(Intercept)": 1, "x": 2},
        "random": {"g": 1},
        "residual": 1,
        "predictors": {"x": nl.normal(0, 1)},
        **changes,
    }
    return nl.Population(formula, **given)


TRUTH = population()
DESIGN = nl.nested(g=5, i=4)
SLOPES = "y ~ 1 + x + (1 + x | g)"

POPULATIONS = [
    (lambda: population(random={"g": -1}), PopulationError, "variance of (Intercept) of g is -1", "never negative", "nl.sd"),
    (lambda: population(residual=-1), PopulationError, "residual= is -1", "never negative"),
    (lambda: population(residual=np.nan), PopulationError, "residual= is nan", "finite"),
    (lambda: population(residual=None), PopulationError, "residual= is missing"),
    (lambda: population(residual=nl.icc(0.2)), PopulationError, "residual=nl.icc(0.2)"),
    (lambda: population(random={"g": "a"}), ArgumentTypeError, "random=", "'a'", "nl.cov"),
    (lambda: population(random={"gg": 1}), PopulationError, "names 'gg'", "Did you mean 'g'?"),
    (lambda: population(random={}), PopulationError, "no value for 'g'"),
    (lambda: population(random=5), ArgumentTypeError, "random=5", "{'Cluster': 5}"),
    (lambda: population(random={"g": nl.cov(np.eye(2))}), PopulationError, "2 x 2 matrix", "1 random effect"),
    (lambda: population(SLOPES, random={"g": 1}), PopulationError, "2 random effects", "nl.cov"),
    (lambda: population(fixed={"(Intercept)": 1, "xx": 2}), PopulationError, "names 'xx'", "Did you mean 'x'?"),
    (lambda: population(fixed={"(Intercept)": 1}), PopulationError, "'x'", "no value in fixed="),
    (lambda: population(fixed={"(Intercept)": "a", "x": 1}), ArgumentTypeError, "'(Intercept)' is 'a'"),
    (lambda: population(fixed=[1, 2]), ArgumentTypeError, "fixed=[1, 2]"),
    (lambda: population(predictors={}), PopulationError, "uses 'x'", "nl.normal(0, 1)"),
    (lambda: population(predictors={"x": 3}), ArgumentTypeError, "'x' by 3", "nl.values"),
    (lambda: population("y ~ 1"), FormulaError, "no random effects"),
    (lambda: population(None), ArgumentTypeError, "formula is None"),
    (lambda: nl.Population("y ~ 1 + (1 | g)", g00=1, random={"g": 1}, residual=1), ArgumentTypeError, "no argument 'g00'", "fixed="),
    (lambda: nl.icc(1), PopulationError, "nl.icc(1)", "at least 0 and below 1"),
    (lambda: nl.icc(-0.1), PopulationError, "nl.icc(-0.1)", "at least 0 and below 1"),
    (lambda: nl.icc("a"), ArgumentTypeError, "'a'", "one number"),
    (lambda: nl.sd(-1), PopulationError, "nl.sd(-1)", "never negative"),
    (lambda: nl.cov([[1, 2], [2, 1]]), PopulationError, "not positive semi-definite (smallest eigenvalue -1)", "covariances smaller"),
    (lambda: nl.cov([[1, 0.5], [0.2, 1]]), PopulationError, "not symmetric", "[0, 1] is 0.5"),
    (lambda: nl.cov([[1, 2]]), PopulationError, "shape (1, 2)", "k x k"),
    (lambda: nl.cov([[-1, 0], [0, 1]]), PopulationError, "[-1.0, 1.0]", "never negative"),
    (lambda: nl.cov("a"), ArgumentTypeError, "matrix of numbers", "'a'"),
    (lambda: nl.corr([1, 1], 2), PopulationError, "nl.corr(r=): 2 is outside [-1, 1]"),
    (lambda: nl.corr([-1, 1], 0), PopulationError, "-1", "never negative"),
    (lambda: nl.corr([1, 1, 1], [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), PopulationError, "nl.corr(r=)", "not positive semi-definite"),
    (lambda: nl.corr([1, 1], [[1]]), PopulationError, "2 standard deviations and a 1 x 1"),
    (lambda: nl.normal(0, -1), PopulationError, "nl.normal(): the SD is -1"),
    (lambda: nl.uniform(2, 1), PopulationError, "nl.uniform(2, 1)", "lower limit comes first"),
    (lambda: nl.bernoulli(2), PopulationError, "nl.bernoulli(2)", "between 0 and 1"),
    (lambda: nl.categorical({"a": 0.5, "b": 0.7}), PopulationError, "0.5 + 0.7 = 1.2"),
    (lambda: nl.categorical(["a"]), PopulationError, "1 category", "at least 2"),
    (lambda: nl.constant("a"), ArgumentTypeError, "nl.constant()", "'a'"),
    (lambda: nl.values([1, np.nan]), PopulationError, "nl.values(): value 1 is missing"),
    (lambda: nl.normal(0, 1, level=3), ArgumentTypeError, "level=3", "'Cluster'"),
    (lambda: nl.nested(g=0, i=4), DesignError, "'g' is 0", "at least 1"),
    (lambda: nl.nested(g=1.5, i=4), DesignError, "'g' is 1.5", "whole numbers"),
    (lambda: nl.nested(g="a"), DesignError, "'g' is 'a'", "whole numbers"),
    (nl.nested, DesignError, "without units", "Cluster=20"),
    (lambda: nl.nested(g=3, i=[1, 2]), DesignError, "2 sizes", "'i'", "3 units of 'g'"),
    (lambda: nl.nested(3), ArgumentTypeError, "got 3", "Cluster=20"),
    (lambda: nl.crossed(nl.nested(a=2, b=2), a=3), DesignError, "'a' is named 2 times"),
    (lambda: nl.nested(g=10**9, i=10**9), DesignError, "'i'", "1e+18", "at most 1e+09", "smaller"),
    (lambda: nl.crossed(a=10**6, b=10**6), DesignError, "'b'", "1e+12", "smaller"),
    (lambda: TRUTH.simulate(5, 1), ArgumentTypeError, "design is of type int", "nl.nested"),
    (lambda: TRUTH.simulate(nl.nested(h=5, i=4), 1), DesignError, "'g'", "neither a unit of the design nor"),
    (lambda: TRUTH.simulate(nl.nested(g=5, y=4), 1), DesignError, "'y' is a unit", "rename"),
    (lambda: population(predictors={"x": nl.values([1, 2, 3])}).simulate(DESIGN, 1), DesignError, "3 values", "20 rows"),
    (lambda: population(predictors={"x": nl.normal(0, 1, "gg")}).simulate(DESIGN, 1), DesignError, "level='gg'", "Did you mean 'g'?"),
    (lambda: TRUTH.simulate(DESIGN, "a"), ArgumentTypeError, "seed='a'", "whole number"),
    (lambda: TRUTH.simulate(DESIGN, -1), ArgumentError, "seed=-1"),
    (lambda: TRUTH.simulate(DESIGN, 1, rng="r"), ArgumentError, "rng='r'", "'numpy' or 'R'"),
    (lambda: TRUTH.simulate(DESIGN, {"g": 1}, rng="R"), ArgumentError, "no seed for 'x', 'residual'"),
    (lambda: TRUTH.simulate(DESIGN, {"g": 1, "residual": 1, "x": 1, "xx": 1}), ArgumentError, "names 'xx'", "Did you mean 'x'?"),
]  # fmt: skip

EQUATIONS = (
    "Level 1 (ID): y = b0 + b1*X + e\nLevel 2 (Cluster): b0 = g00 + g01*Z + u0\n b1 = g10 + u1"
)
NOTATION = [
    ("", "no equations"),
    (EQUATIONS.replace(" + e", ""), "no residual", "line 1"),
    (EQUATIONS.replace("Level 2", "Level 3"), "no Level 2", "line 2"),
    (EQUATIONS.replace(" (Cluster)", ""), "Level 2 has no name", "line 2"),
    (EQUATIONS.replace("ID", "Cluster"), "names both Level 1 and Level 2"),
    (EQUATIONS.replace("u1", "u0"), "u0 stands twice", "line 3"),
    (EQUATIONS.replace("g10", "g00"), "g00 stands twice", "line 3"),
    (EQUATIONS.replace("*Z", "/Z"), "Division has no place", "line 2"),
    (EQUATIONS.replace("g01*Z", "__import__('os')"), "not part of an equation", "line 2"),
    (EQUATIONS.replace("g01*Z", "g01*open(Z)"), "'open' is not a function"),
    (EQUATIONS.replace("Z", "Z\u202e"), "not part of an equation"),
    ("Level 1 (ID): y", "Expected '='", "line 1"),
    (EQUATIONS.replace("g01*Z", "+".join(f"g0{i}*Z{i}" for i in range(1, 3000))), "More than 2000"),
]

STREAMS = [
    (lambda r: r.rnorm(-1), ArgumentError, "rnorm: n=-1", "at least 0"),
    (lambda r: r.rnorm("a"), ArgumentTypeError, "rnorm: n='a'", "whole number"),
    (lambda r: r.rnorm(1.5), ArgumentError, "rnorm: n=1.5", "whole number"),
    (lambda r: r.rnorm(3, 0, -1), ArgumentError, "rnorm: sd=-1", "at least 0"),
    (lambda r: r.rnorm(3, "a"), ArgumentTypeError, "rnorm: mean='a'"),
    (lambda r: r.runif(3, 2, 1), ArgumentError, "runif: max=1", "no less than min"),
    (lambda r: r.rexp(3, -1), ArgumentError, "rexp: rate=-1"),
    (lambda r: r.rgamma(3, -1), ArgumentError, "rgamma: shape=-1"),
    (lambda r: r.rgamma(3, 1, 2, 3), ArgumentError, "rate=2 and scale=3", "Give one"),
    (lambda r: r.rbeta(3, -1, 1), ArgumentError, "rbeta: shape1=-1"),
    (lambda r: r.rbinom(3, 5, 2), ArgumentError, "rbinom: prob=2", "between 0 and 1"),
    (lambda r: r.rpois(3, -1), ArgumentError, "rpois: lambda_=-1"),
    (lambda r: r.rt(3, -1), ArgumentError, "rt: df=-1"),
    (lambda r: r.rchisq(3, -1), ArgumentError, "rchisq: df=-1"),
    (lambda r: r.sample(5, 10), ArgumentError, "size=10", "n=5", "replace=True"),
    (lambda r: r.sample(2, 2, prob=[-0.1, 1]), ArgumentError, "prob=-0.1"),
    (lambda r: r.sample_int(-3), ArgumentError, "n=-3"),
    (lambda r: r.rmultinom(2, 3, [-1, 2]), ArgumentError, "rmultinom: prob=-1"),
    (lambda r: r.mvrnorm(2, [0, 0], [[1, 2], [2, 1]]), ArgumentError, "not positive semi-definite", "-1"),
    (lambda r: r.mvrnorm(2, [0, 0, 0], np.eye(2)), ArgumentError, "mu has shape (3,)", "(2, 2)"),
    (lambda r: r.set_seed("a"), ArgumentTypeError, "seed='a'"),
    (lambda _: nl.RRandom(1.5), ArgumentTypeError, "seed=1.5", "set.seed()"),
    (lambda _: nl.RRandom(2**40), ArgumentError, "seed=1099511627776", "2147483647"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "said"), [(c, e, s) for c, e, *s in POPULATIONS])
def test_populations_and_designs(call, error, said):
    check(call, error, *said)


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in NOTATION])
def test_equations(text, said):
    check(lambda: nl.levels(text), FormulaError, *said)


@pytest.mark.parametrize("given", [None, 3])
def test_equations_are_text(given):
    check(lambda: nl.levels(given), ArgumentTypeError, type(given).__name__, "as text")


@pytest.mark.parametrize(("call", "error", "said"), [(c, e, s) for c, e, *s in STREAMS])
def test_streams(call, error, said):
    check(lambda: call(nl.RRandom(1)), error, *said)


def test_a_coefficient_the_equations_lack():
    truth = {"random": {"Cluster": nl.cov(np.eye(2))}, "residual": 1}
    predictors = {"X": nl.normal(0, 1), "Z": nl.normal(0, 1, "Cluster")}
    equations = nl.levels(EQUATIONS)
    check(
        lambda: nl.Population(equations, g00=1, g01=2, g11=3, predictors=predictors, **truth),
        errors.NestlingError, "g11", "g10",
    )  # fmt: skip
    check(
        lambda: nl.Population(equations, g00=1, g01=2, predictors=predictors, **truth),
        PopulationError, "g10",
    )  # fmt: skip
