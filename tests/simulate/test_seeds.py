import numpy as np
import pytest

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random.rrandom import RRandom
from nestling.simulate.seeds import Components, streams_of

COMPONENTS = Components(("Z", "X"), {"Cluster": ("(Intercept)", "X2")})
EACH = {"Z": 1, "X": 2, "Cluster": 3, "residual": 4}


def test_every_component_has_a_stream_of_its_own():
    streams = streams_of(1, "numpy", COMPONENTS)
    drawn = [
        s.standard_normal()
        for s in (*streams.predictors.values(), streams.groups["Cluster"], streams.residual)
    ]
    assert len(set(drawn)) == 4
    other = streams_of(1, "numpy", Components(("X",), {"Cluster": ("(Intercept)",)}))
    assert other.predictors["X"].standard_normal() == drawn[1]
    assert other.residual.standard_normal() == drawn[3]


@pytest.mark.parametrize("seed", [5, np.int64(5), np.random.SeedSequence(5)])
def test_one_seed_one_stream(seed):
    first, again = (streams_of(seed, "numpy", COMPONENTS).residual.standard_normal() for _ in "ab")
    assert first == again
    assert first != streams_of(6, "numpy", COMPONENTS).residual.standard_normal()


def test_no_seed_is_another_stream_each_time():
    first, again = (streams_of(None, "numpy", COMPONENTS).residual.standard_normal() for _ in "ab")
    assert first != again


def test_one_seed_runs_through_R():
    streams = streams_of(5, "R", COMPONENTS)
    assert isinstance(streams.residual, RRandom)
    assert (
        streams.predictors["Z"]
        is streams.predictors["X"]
        is streams.groups["Cluster"]
        is streams.residual
    )


def test_a_seed_each():
    streams = streams_of(EACH, "R", COMPONENTS)
    assert streams.residual.rnorm(1) == RRandom(4).rnorm(1)
    streams = streams_of(EACH, "numpy", COMPONENTS)
    assert streams.residual.standard_normal() == np.random.default_rng(4).standard_normal()
    streams = streams_of({**EACH, "Cluster": {"(Intercept)": 7, "X2": 8}}, "R", COMPONENTS)
    assert streams.groups["Cluster"]["X2"].rnorm(1) == RRandom(8).rnorm(1)


@pytest.mark.parametrize(
    ("seed", "rng", "error", "message"),
    [
        (1, "r", ArgumentError, "rng='r' is not a generator; use 'numpy' or 'R'"),
        (1.5, "numpy", ArgumentTypeError, "seed=1.5 is of type float; expected a whole number"),
        ("7", "numpy", ArgumentTypeError, "seed='7'"),
        (True, "R", ArgumentTypeError, "seed=True"),
        (None, "R", ArgumentTypeError, "seed=None; expected a whole number"),
        (-1, "numpy", ArgumentError, r"takes? seeds from 0 on"),
        (
            {"Z": 1},
            "R",
            ArgumentError,
            "no seed for 'X', 'Cluster', 'residual'; it needs one for each",
        ),
        (
            {**EACH, "cluster": 1},
            "R",
            ArgumentError,
            "'cluster', which is not drawn. Did you mean 'Cluster'",
        ),
        ({**EACH, "X": None}, "R", ArgumentTypeError, r"seed\['X'\]=None"),
        ({**EACH, "X": -2}, "numpy", ArgumentError, r"seed\['X'\]=-2"),
        (
            {**EACH, "Cluster": {"(Intercept)": 1}},
            "R",
            ArgumentError,
            r"seed\['Cluster'\] gives no seed for 'X2'",
        ),
        (
            {**EACH, "Cluster": {"(Intercept)": 1, "X2": 2, "W": 3}},
            "R",
            ArgumentError,
            "'W', which is not a random effect of 'Cluster'",
        ),
    ],
)
def test_refusals(seed, rng, error, message):
    with pytest.raises(error, match=message):
        streams_of(seed, rng, COMPONENTS)


def test_a_name_for_two_components():
    with pytest.raises(ArgumentError, match="'A', which names two components"):
        streams_of({"A": 1, "residual": 2}, "R", Components(("A",), {"A": ("(Intercept)",)}))
