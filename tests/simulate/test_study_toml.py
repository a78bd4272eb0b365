"""Study files written from Python."""

import tomllib

import numpy as np
import pytest

import nestling as nl
from nestling.errors import ArgumentTypeError

TRUTH = nl.Population(
    "y ~ X + (1 | g)", {"(Intercept)": 2, "X": 1 / 3}, {"g": nl.icc(0.2)}, 1,
    {"X": nl.normal(0, 1)},
)  # fmt: skip
DESIGN = nl.nested(g=3, id=[2, 3, 4])


def test_a_file_says_population_design_and_arguments():
    text = nl.study_toml(
        TRUTH,
        DESIGN,
        title="A study",
        seed=7,
        power={"n_sims": np.int64(50), "test": ("z", "satterthwaite"), "mcse": None},
        curve={"along": {"g": [5, 10]}},
    )
    data = tomllib.loads(text)
    assert data.pop("title") == "A study"
    assert data.pop("seed") == 7
    assert data.pop("design") == "nested(g=3, id=[2, 3, 4])"
    assert data.pop("power") == {"n_sims": 50, "test": ["z", "satterthwaite"]}
    assert data.pop("curve") == {"along": {"g": [5, 10]}}
    assert nl.Population.from_dict(data) == TRUTH


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pwer": {}}, "Did you mean 'power'"),
        ({"power": 3}, "power=3; expected arguments"),
        ({"search": {"cost": len}}, "has no form in TOML"),
        ({"truth": 3}, "truth is of type int"),
        ({"design": {"g": 3}}, "design is of type dict"),
    ],
)
def test_what_cannot_be_written_is_refused(given, said):
    with pytest.raises(ArgumentTypeError, match=said):
        nl.study_toml(**{"truth": TRUTH, "design": DESIGN, **given})
