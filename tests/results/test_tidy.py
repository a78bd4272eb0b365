"""broom.mixed's tables: its rows and columns, with the numbers of the fit."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, names

WITH = [name for name in names("lmer", "extras") if "broom_tidy" in case(name)["extras"]]


@pytest.mark.parametrize("name", WITH)
def test_tidy(name):
    expected = case(name)["extras"]["broom_tidy"]
    table = fitted(name).tidy(conf_int=True)
    assert table["effect"].tolist() == expected["effect"]
    assert table["term"].tolist() == expected["term"]
    assert [g if isinstance(g, str) else None for g in table["group"]] == expected["group"]
    # R's come from lme4's default fit, which stops near the optimum
    for column in ("estimate", "std.error", "statistic", "conf.low", "conf.high"):
        theirs = np.array(expected[column], dtype=float)
        assert table[column].to_numpy(dtype=float) == pytest.approx(
            theirs, rel=2e-3, abs=2e-3, nan_ok=True
        )


@pytest.mark.parametrize("name", WITH)
def test_glance(name):
    expected = case(name)["extras"]["broom_glance"]
    table = fitted(name).glance()
    assert list(table.columns) == list(expected)
    for column, value in expected.items():
        assert table[column].tolist() == pytest.approx(value, rel=1e-5)
