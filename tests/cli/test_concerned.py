"""Which entry an error speaks of."""

import pytest

from nestling.cli.concerned import of_population, of_section
from nestling.errors import DesignError, FormulaError, PopulationError

DATA = {
    "seed": 1,
    "model": {"formula": "y ~ X", "residual": 1},
    "fixed": {"(Intercept)": 1, "X": 2},
    "random": {"g": 1, "a": 2},
    "predictors": {"X": "normal(0, 1)", "Z": "t(5)"},
    "design": {"g": 3, "id": 4},
    "power": {"n_sims": 10, "formula": "y ~ Z", "hypotheses": {"both": ["X"]}},
    "curve": {"along": {"g": [1, 2]}},
}


@pytest.mark.parametrize(
    ("error", "path"),
    [
        (PopulationError("fixed= names 'X', no. Did you mean 'Z'?"), ("fixed", "X")),
        (PopulationError("'W' have no value in fixed=. The formula needs 'X'."), ("fixed",)),
        (PopulationError("The variance of (Intercept) of g is -1; no."), ("random", "g")),
        (PopulationError("residual= is -1; no."), ("model", "residual")),
        (PopulationError("weights='w' is not described."), ("model", "formula")),
        (PopulationError("nl.ar1() takes its times from 'Z'."), ("predictors", "Z")),
        (PopulationError("contrasts names 'A', no factor."), ("model", "formula")),
        (FormulaError("'lg' is not a function: X"), ("model", "formula")),
        (DesignError("The predictor 'X' has level='g', but no."), ("predictors", "X")),
        (DesignError("2 sizes were given for 'g', but no."), ("design", "g")),
        (DesignError("The grouping factor 'g' needs 'g'."), ("random", "g")),
        (DesignError("'g' is outermost and takes one number."), ("design", "g")),
        (PopulationError("The fixed effect 'X' is {'g': 1}; no."), ("fixed", "X")),
        (PopulationError("nl.cov(): the matrix is not symmetric."), ("random",)),
        (PopulationError("Something else."), ("model", "formula")),
    ],
)
def test_errors_of_populations(error, path):
    assert of_population(error, DATA) == path


@pytest.mark.parametrize(
    ("error", "section", "path"),
    [
        ("n_sims=0; expected more.", "power", ("power", "n_sims")),
        ("along names 'g', no.", "curve", ("curve", "along", "g")),
        ("hypotheses['both']: no.", "power", ("power", "hypotheses", "both")),
        ("seed=-1 is negative.", "power", ("seed",)),
        ("The data have no column 'W'.", "power", ("power", "formula")),
        ("Something else.", "curve", ("curve",)),
        ("The predictor 'Z' has level='q'.", "curve", ("predictors", "Z")),
    ],
)
def test_errors_of_studies(error, section, path):
    assert of_section(ValueError(error), DATA, section) == path
