from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nestling.cli.fit_report import FitReport
from nestling.results.lmer import lmer

DATA = Path(__file__).parents[1] / "reference/data"


@pytest.fixture(scope="module")
def fit():
    data = pd.read_csv(DATA / "sleepstudy.csv")
    data.attrs["name"] = "a<b"
    return lmer("Reaction ~ Days + (Days | Subject)", data)


@pytest.mark.parametrize("method", ["profile", "wald"])
@pytest.mark.parametrize("suffix", [".html", ".tex", ".txt"])
def test_limits_are_written_as_they_are_printed(fit, suffix, method):
    report = FitReport(fit, method)
    lower, upper = report.text.splitlines()[-1].split()[1:]
    written = report.written(suffix)
    assert lower in written
    assert upper in written


def test_rows_carry_the_limits_of_their_own_parameter(fit):
    table = FitReport(fit, "profile").rows().set_index("term")
    limits = fit.confint()
    names = {
        "(Intercept)": "(Intercept)",
        "Days": "Days",
        "sd__(Intercept)": "sd_(Intercept)|Subject",
        "cor__(Intercept).Days": "cor_Days.(Intercept)|Subject",
        "sd__Days": "sd_Days|Subject",
        "sd__Observation": "sigma",
    }
    assert list(table.index) == list(names)
    for row, name in names.items():
        assert table.loc[row, ["conf.low", "conf.high"]].tolist() == limits.loc[name].tolist()


def test_rows_of_spreads_have_no_wald_limits(fit):
    table = FitReport(fit, "wald").rows()
    assert table["conf.low"].isna().tolist() == [False] * 2 + [True] * 4
    assert np.isfinite(table["estimate"]).all()


def test_without_limits_there_is_nothing_about_them(fit):
    report = FitReport(fit, None)
    assert "conf.low" not in report.rows()
    assert "Confidence" not in report.text + report.written(".html") + report.written(".tex")


def test_the_page_escapes_the_name_of_the_data(fit):
    assert "<title>a&lt;b</title>" in FitReport(fit, None).written(".html")
