import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nestling.model.parameters import Parameters, TermParameters


def term(group, names, matrix):
    return TermParameters(group, names, np.array(matrix, dtype=float))


@pytest.mark.parametrize(
    "case", ["Oxboys_quad", "sleepstudy_uncorr", "threelevel_sid", "Pixel_crossed"]
)
def test_varcorr_has_the_rows_of_lme4(case):
    file = Path(__file__).parents[1] / f"reference/cases/{case}.json"
    varcorr = json.loads(file.read_text())["results"]["varcorr"]
    terms = tuple(
        term(t["group"].split(".")[0], tuple(t["names"]), t["cov"]["data"])
        for t in varcorr["terms"]
    )
    found = Parameters((), np.array([]), terms, varcorr["residual_sd"] ** 2).varcorr()
    expected = pd.DataFrame(varcorr["table"])
    assert list(found.columns) == ["grp", "var1", "var2", "vcov", "sdcor"]
    for name in ("grp", "var1", "var2"):
        assert found[name].fillna("").tolist() == expected[name].fillna("").tolist()
    assert np.allclose(found[["vcov", "sdcor"]], expected[["vcov", "sdcor"]], rtol=1e-12)


def test_a_zero_variance_has_no_correlation():
    rows = Parameters(
        (), np.array([]), (term("g", ("a", "b"), [[0, 0], [0, 1]]),), 1.0
    ).varcorr_rows()
    assert np.isnan(rows[2].sdcor)


def test_record():
    one = Parameters(("a",), np.array([1.0]), (term("g", ("a",), [[2]]),), 4.0)
    same = pickle.loads(pickle.dumps(one))
    assert one == same
    assert hash(one) == hash(same)
    assert one != Parameters(("a",), np.array([1.5]), one.terms, 4.0)
    assert one != 1
    assert one.terms[0] != 1
    assert one.sigma == 2
    assert one.fixed().to_dict() == {"a": 1.0}
    with pytest.raises(ValueError, match="read-only"):
        one.beta[0] = 3
