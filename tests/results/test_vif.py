import numpy as np
import pandas as pd
import pytest

import nestling as nl
from nestling.errors import ModelError
from reference_cases import ROOT, fitted


def test_values_of_car():
    """car 3.1.1, vif(lmer(y ~ x * f + x2 + (1 | grp), unbal)), optimised to 1e-10."""
    data = pd.read_csv(ROOT / "data" / "unbal.csv")
    found = nl.lmer("y ~ x * f + x2 + (1 | grp)", data).vif()
    expected = {
        "x": (3.28009118884, 1, 1.81110220276),
        "f": (1.00600242265, 2, 1.00149723971),
        "x2": (1.00364232783, 1, 1.00181950861),
        "x:f": (3.29410572994, 2, 1.34720716408),
    }
    assert list(found.index) == list(expected)
    assert list(found.columns) == ["GVIF", "Df", "GVIF^(1/(2*Df))"]
    np.testing.assert_allclose(found.to_numpy(), list(expected.values()), rtol=1e-7)


def test_two_predictors_share_their_inflation():
    """1 / (1 - r^2) with r the correlation of the two estimates."""
    fit = fitted("unbal_plain")
    vcov = fit.vcov.to_numpy()[1:, 1:]
    r2 = vcov[0, 1] ** 2 / (vcov[0, 0] * vcov[1, 1])
    np.testing.assert_allclose(fit.vif()["GVIF"], 1.0 / (1.0 - r2), rtol=1e-12)


def test_dropped_columns_do_not_count():
    assert list(fitted("rankdef_x").vif().index) == ["x", "a"]


def test_an_intercept_alone_is_not_collinear():
    with pytest.raises(ModelError, match="no fixed effects beside the intercept"):
        fitted("Dyestuff_reml").vif()
