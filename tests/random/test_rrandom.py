"""R's streams beyond tests/reference: every branch of every algorithm; what is refused."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from nestling.errors import ArgumentError, ArgumentTypeError
from nestling.random import RRandom

# made by from_r.R
FROM_R = json.loads(Path(__file__).with_name("from_r.json").read_text())


def call_as_r(r, call):
    """Evaluate R's text; it is Python too but for a dot and a few names."""
    names = {
        "c": lambda *values: list(values),
        "rep": np.tile,
        "diag": np.eye,
        "matrix": lambda x, rows: np.reshape(x, (rows, -1), order="F"),
        "TRUE": True,
        "FALSE": False,
        "Inf": np.inf,
    }
    methods = {name: getattr(r, name) for name in dir(r) if not name.startswith("_")}
    return eval(call.replace("sample.int", "sample_int"), names | methods)


@pytest.mark.parametrize("entry", FROM_R, ids=lambda entry: entry["call"])
def test_as_in_r(entry):
    r = RRandom(entry["seed"])
    drawn = np.ravel(call_as_r(r, entry["call"]), order="F")
    shown = [float.fromhex(number) for number in entry["shown"]]
    assert len(drawn) == entry["length"]
    ends = [*drawn[:3], *drawn[-3:]] if len(drawn) > 6 else drawn.tolist()
    # a C library may round exp, log, tan and pow in the last place otherwise; counts are exact
    rtol = 1e-12 if entry["call"].startswith(("mvrnorm", "rWishart")) else 4 * 2.0**-53
    np.testing.assert_allclose(ends, shown, rtol=rtol, atol=0.0)
    assert r.runif(1)[0] == float.fromhex(entry["next"])


def test_one_at_a_time_is_all_at_once():
    one, all_ = RRandom(3), RRandom(3)
    assert [one.rnorm(1)[0] for _ in range(700)] == all_.rnorm(700).tolist()


def test_reading_ahead_loses_nothing():
    r, plain = RRandom(8), RRandom(8)
    r.rexp(1)
    used = RRandom(8).runif(50).tolist().index(r.runif(1)[0])
    plain.runif(used + 1)
    assert r.runif(400).tolist() == plain.runif(400).tolist()
    assert r.random_seed.tolist() == plain.random_seed.tolist()


def test_random_seed_moves_with_the_stream():
    r = RRandom(707)
    assert r.random_seed[1] == 624
    r.rexp(1)
    assert r.random_seed[1] < 10
    r.runif(624 * 3)
    assert 0 < r.random_seed[1] <= 624


def test_set_seed_starts_anew():
    r = RRandom(5)
    first = r.rgamma(3, 2).tolist()
    r.set_seed(5)
    assert r.rgamma(3, 2).tolist() == first


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies_continue_alike(copied):
    r = RRandom(5)
    r.rexp(2)
    twin = copied(r)
    assert r.rnorm(300).tolist() == twin.rnorm(300).tolist()


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: r.rnorm(0),
        lambda r: r.rnorm(0, []),
        lambda r: r.rgamma(0, 2),
        lambda r: r.rt(0, 2),
        lambda r: r.rf(0, 2, 2),
        lambda r: r.rbinom(0, 5, 0.5),
        lambda r: r.rhyper(0, 5, 5, 5),
        lambda r: r.rmultinom(0, 3, [1, 2]),
        lambda r: r.sample([], 0),
        lambda r: r.sample_int(5, 0, prob=[1, 1, 1, 1, 1]),
        lambda r: r.mvrnorm(0, [0, 0], np.eye(2)),
        lambda r: r.rWishart(0, 3, np.eye(2)),
    ],
)
def test_none_drawn(draw):
    r = RRandom(1)
    assert np.size(draw(r)) == 0
    assert r.runif(1) == RRandom(1).runif(1)


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        (lambda r: r.rnorm(1), (1,)),
        (lambda r: r.mvrnorm(1, [0, 0], np.eye(2)), (2,)),
        (lambda r: r.mvrnorm(2, [0, 0], np.eye(2)), (2, 2)),
        (lambda r: r.mvrnorm(3, 0, 4), (3, 1)),
        (lambda r: r.rmultinom(4, 5, [1, 2]), (2, 4)),
        (lambda r: r.rWishart(4, 5, np.eye(3)), (3, 3, 4)),
        (lambda r: r.sample(np.array([2.5, 3.5]), 5, replace=True), (5,)),
    ],
)
def test_shapes_are_r_s(draw, shape):
    assert draw(RRandom(1)).shape == shape


def test_a_sequence_of_one_is_a_sequence():
    assert RRandom(1).sample([7]).tolist() == [7]


def test_dtypes():
    r = RRandom(1)
    assert r.rbinom(2, 5, 0.5).dtype == r.rpois(2, 30).dtype == r.sample(4).dtype == np.intp
    assert r.sample(["a", "b"]).dtype.kind == "U"


E = np.eye(2)
REFUSED = {
    "runif(2.5)": "runif: n=2.5 is not a whole number",
    "runif(-1)": "runif: n=-1 must be at least 0",
    "runif(nan)": "runif: n=nan is not a whole number",
    "runif(3, 2, 1)": "runif: max=1 must be no less than min",
    "runif(3, nan)": "runif: min is nan; expected finite numbers",
    "rnorm(3, [[1]])": r"rnorm: mean has shape \(1, 1\)",
    "rnorm(3, [])": "rnorm: mean is empty",
    "rnorm(3, 0, [1, -2])": "rnorm: sd=-2 must be at least 0; it is a standard deviation",
    "rnorm(3, 0, inf)": "rnorm: sd is inf",
    "rlnorm(3, 0, -1)": "rlnorm: sdlog=-1",
    "rcauchy(3, 0, -1)": "rcauchy: scale=-1",
    "rlogis(3, 0, -1)": "rlogis: scale=-1",
    "rweibull(3, 0)": "rweibull: shape=0 must be above 0",
    "rweibull(3, 1, 0)": "rweibull: scale=0 must be above 0",
    "rexp(3, 0)": "rexp: rate=0 must be above 0",
    "rgamma(3, -1)": "rgamma: shape=-1",
    "rgamma(3, 1, 0)": "rgamma: rate=0",
    "rgamma(3, 1, scale=-1)": "rgamma: scale=-1",
    "rgamma(3, 1, 2, 3)": "rgamma: rate=2 and scale=3 are both given",
    "rchisq(3, -1)": "rchisq: df=-1",
    "rchisq(3, 1, -1)": "rchisq: ncp=-1",
    "rt(3, 0)": "rt: df=0 must be above 0",
    "rt(3, inf, 1)": "rt: df is inf",
    "rf(3, 0, 1)": "rf: df1=0",
    "rf(3, 1, -2)": "rf: df2=-2",
    "rf(50, 1e-6, 1e-6)": "rf: numerator and denominator were both drawn as 0",
    "rbeta(3, -1, 1)": "rbeta: shape1=-1",
    "rbeta(3, 1, -1)": "rbeta: shape2=-1",
    "rbeta(3, 1, 1, -1)": "rbeta: ncp=-1",
    "rbeta(3, 0, 0, 1)": "rbeta: shape1=0 must be above 0",
    "rbinom(3, 2.5, 0.5)": "rbinom: size=2.5 must be a whole number",
    "rbinom(3, -1, 0.5)": "rbinom: size=-1",
    "rbinom(3, 2147483647, 0.5)": "rbinom: size=2.14748e.09 must be",
    "rbinom(3, 2, 1.5)": "rbinom: prob=1.5 must be between 0 and 1",
    "rbinom(3, 2, nan)": "rbinom: prob is nan",
    "rpois(3, -1)": "rpois: lambda_=-1",
    "rpois(3, 1e20)": "rpois: lambda_=1e.20 must be between 0 and 2.53",
    "rgeom(3, 0)": "rgeom: prob=0",
    "rgeom(3, 1e-30)": "a count of about .* was drawn",
    "rnbinom(3, 0, 0.5)": "rnbinom: size=0",
    "rnbinom(3, 1, 2)": "rnbinom: prob=2",
    "rnbinom(3, 1)": "rnbinom: prob=None and mu=None. Give one of them",
    "rnbinom(3, 1, 0.5, 1)": "Give one of them",
    "rnbinom(3, 1, mu=-1)": "rnbinom: mu=-1",
    "rhyper(3, 2, 3, 6)": r"rhyper: k=6 must be at most m \+ n",
    "rhyper(3, 2.5, 3, 1)": "rhyper: m=2.5 must be a whole number",
    "rmultinom(3, -1, [1, 2])": "rmultinom: size=-1",
    "rmultinom(3, 1, [])": "rmultinom: prob has shape",
    "rmultinom(3, 1, [0, 0])": "rmultinom: prob has 0 positive elements",
    "rmultinom(3, 1, [1, -1])": "rmultinom: prob=-1 must be at least 0",
    "sample(2.5)": "sample: x=2.5 is not a whole number",
    "sample([[1, 2]])": r"sample: x has shape \(1, 2\)",
    "sample(5, 6)": "sample: size=6 is more than the n=5 there are",
    "sample(0, 1, True)": "sample: n=0 leaves nothing",
    "sample(5e15, 1)": "sample: n=5000000000000000 is above 4.5e15",
    "sample(3, 2, prob=[1, 2])": "sample: prob has 2 elements for n=3",
    "sample(3, 3, prob=[1, 2, 0])": "sample: prob has 2 positive elements; expected at least 3",
    "mvrnorm(3, [0], E)": r"mvrnorm: mu has shape \(1,\) and Sigma \(2, 2\)",
    "mvrnorm(3, [0, 0], [[1, 2, 3], [2, 1, 3]])": "Sigma needs a row and a column",
    "mvrnorm(3, [0, 0], [[1, 0.5], [0.2, 1]])": r"not symmetric: Sigma\[0, 1\]=0.5 but",
    "mvrnorm(3, [0, 0], [[1, 2], [2, 1]])": "not positive semi-definite: its smallest eigenvalue",
    "mvrnorm(3, [0, 0], [[1, nan], [nan, 1]])": "mvrnorm: Sigma is nan",
    "mvrnorm(2, [0, 0], E, empirical=True)": "mvrnorm: empirical=True with n=2 rows",
    "rWishart(1, 1.5, E)": "rWishart: df=1.5 must be at least 2",
    "rWishart(1, 3, [[1, 2], [2, 1]])": "rWishart: Sigma is not positive definite",
    "rWishart(1, 3, [1, 2])": "rWishart: Sigma has shape",
}


@pytest.mark.parametrize("call", REFUSED)
def test_refused_values(call):
    r = RRandom(1)
    with pytest.raises(ArgumentError, match=REFUSED[call]):
        eval(f"r.{call}", {"r": r, "E": E, "nan": np.nan, "inf": np.inf})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("rnorm('3')", "rnorm: n='3' is of type str"),
        ("rnorm(True)", "rnorm: n=True is of type bool"),
        ("rnorm(None)", "rnorm: n=None is of type NoneType"),
        ("rnorm([1, 2])", r"rnorm: n=\[1, 2\] is of type list"),
        ("rnorm(2, '1')", "rnorm: mean='1'; expected a number or numbers"),
        ("rnorm(2, None)", "rnorm: mean=None; expected"),
        ("rnorm(2, 1j)", "rnorm: mean=1j; expected"),
        ("rnorm(2, [[1], [1, 2]])", "rnorm: mean=.* is ragged"),
        ("sample('abc')", "sample: x='abc' is of type str"),
        ("mvrnorm(2, [0, 0], 'E')", "mvrnorm: Sigma='E'; expected"),
    ],
)
def test_refused_types(call, message):
    with pytest.raises(ArgumentTypeError, match=message):
        eval(f"r.{call}", {"r": RRandom(1)})


def test_a_refused_call_draws_nothing():
    r = RRandom(1)
    for call in ("rnorm(3, 0, -1)", "mvrnorm(3, [0, 0], [[1, 2], [2, 1]])", "sample(5, 6)"):
        with pytest.raises(ArgumentError):
            eval(f"r.{call}", {"r": r})
    assert r.runif(1) == RRandom(1).runif(1)
