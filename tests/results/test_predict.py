"""Predictions for new rows against lme4, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from tests.reference_cases import case, fitted, names

from nestling.errors import ArgumentError, DataError

WITH = [name for name in names("lmer", "predict") if "newdata" in case(name)["predict"]]


def rows(name, key):
    frame = pd.DataFrame(case(name)["predict"][key])
    for column in frame:
        if "levels" in case(name)["columns"].get(column, {}):
            frame[column] = frame[column].astype(str)
    return frame


@pytest.mark.parametrize("name", WITH)
def test_new_rows(name):
    fit, expected = fitted(name), case(name)["predict"]
    tolerance = 1e-6 * fit.sigma
    new = rows(name, "newdata")
    assert np.abs(fit.predict(new) - expected["re_form_NULL"]).max() < tolerance
    assert np.abs(fit.predict(new, random=False) - expected["re_form_NA"]).max() < tolerance
    if isinstance(expected.get("partial"), dict):
        partial = fit.predict(new, random=[expected["partial"]["re_form"]])
        assert np.abs(partial - expected["partial"]["values"]).max() < tolerance
    if "newdata_new_levels" in expected:
        unseen = fit.predict(rows(name, "newdata_new_levels"), new_levels="zero")
        assert np.abs(unseen - expected["new_levels_re_form_NULL"]).max() < tolerance


@pytest.mark.parametrize("name", ["seed_m2", "Penicillin", "unbal_weights_offset"])
def test_own_rows_are_the_fitted_values(name):
    fit = fitted(name)
    assert fit.predict() == pytest.approx(fit.fitted, rel=1e-10, abs=1e-10)


def test_unseen_levels_are_refused_unless_asked_for():
    new = pd.DataFrame({"X": [0.0, 1.0], "Cluster": [1, 99]})
    with pytest.raises(DataError, match=r"row 1.*'Cluster'.*new_levels='zero'"):
        fitted("seed_m2").predict(new)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"random": ["Clutser"]}, ArgumentError, "Did you mean 'Cluster'"),
        ({"new_levels": "omit"}, ArgumentError, "new_levels='omit'"),
        ({"newdata": {"X": [0.0]}}, DataError, "no column 'Cluster'"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        fitted("seed_m2").predict(**arguments)


def test_unseen_level_of_a_fixed_factor_is_named():
    new = rows("contr_default", "newdata").assign(A="trt9")
    with pytest.raises(DataError, match="'trt9'"):
        fitted("contr_default").predict(new)
