from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nestling.cli.article_models import MODELS

DATA = Path(__file__).parents[1] / "reference/data"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_the_data_are_those_of_the_article(model):
    ours, theirs = model.data(), pd.read_csv(DATA / f"seed_{model.key}.csv")
    assert list(ours.columns) == list(theirs.columns)
    for name in theirs.columns:
        # libm's exp and log may differ in the last bit; sums and products are exact in order
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_equations_and_fitted_formula_are_one_model(model):
    plain = model.formula.replace("yij", "y").replace("~ X", "~ 1 + X")
    assert model.equations.formula == plain
