"""Vectors, matrices and data frames as R prints them."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.report.golden_cases import doubles, read

from nestling.report.cells import (
    frame_lines,
    matrix_lines,
    named_row,
    number_matrix_lines,
    shown_width,
)
from nestling.report.numbers import format_numbers

CASES = read("cells")
REFERENCE = Path(__file__).parents[1] / "reference"
ARTICLE = json.loads((REFERENCE / "cases" / "seed_article.json").read_text())


@pytest.mark.parametrize("case", CASES)
def test_matrix_of_numbers(case):
    values = [doubles(row) for row in case["matrix"]]
    lines = number_matrix_lines(case["rows"], case["columns"], values, missing="NA")
    assert lines == case["matrix_lines"]


@pytest.mark.parametrize("case", CASES)
def test_named_vector(case):
    values = doubles(case["vector"])
    assert named_row(case["vector_names"], format_numbers(values)) == case["vector_lines"]
    lines = named_row(case["vector_names"], format_numbers(values, 4), gap=2)
    assert lines == case["gap_lines"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", ["left", "right"])
def test_matrix_of_text(case, side):
    lines = matrix_lines(case["rows"], case["columns"], case["text"], left=side == "left")
    assert lines == case[f"{side}_lines"]


@pytest.mark.parametrize("case", CASES)
def test_frame(case):
    columns = [
        doubles(values) if kind == "double" else values
        for kind, values in zip(case["types"], case["frame"], strict=True)
    ]
    rows = [str(i + 1) for i in range(len(columns[0]))]
    assert frame_lines(rows, case["frame_names"], columns) == case["frame_lines"]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1.0, None], ["1", "NA"]),
        ([1, None], ["1", "NA"]),
        (np.array([100000, 2]).tolist(), ["100000", "2"]),
        (list(np.array([True, False])), ["TRUE", "FALSE"]),
        (list(np.array([0.5, np.nan])), ["0.5", "NA"]),
        (["a", None], ["a", "<NA>"]),
        (["a", float("nan")], ["a", "<NA>"]),
        ([pd.NA, 3], ["NA", "3"]),
        ([dt.date(2024, 1, 31), None], ["2024-01-31", "<NA>"]),
        ([None, None], ["NA", "NA"]),
    ],
)
def test_kinds_of_column(column, expected):
    lines = frame_lines(["1", "2"], ["v"], [column])
    assert [line.split()[-1] for line in lines[1:]] == expected


@pytest.mark.parametrize("name", ["m0", "m1", "m2", "m3"])
@pytest.mark.parametrize("part", ["head", "tail"])
def test_rows_of_the_article(name, part):
    expected = ARTICLE[name][f"{part}_lines"]
    data = pd.read_csv(REFERENCE / "data" / ARTICLE[name]["data"])
    shown = getattr(data, part)(6)
    columns = [shown[column].tolist() for column in data.columns]
    lines = frame_lines([str(i + 1) for i in shown.index], list(data.columns), columns)
    assert lines == expected


@pytest.mark.parametrize("name", ["var_mat", "cov2cor", "var_u", "cor_u"])
def test_matrices_of_the_article(name):
    entry = ARTICLE["mvrnorm"]
    lines = number_matrix_lines(["[1,]", "[2,]"], ["[,1]", "[,2]"], entry[name]["data"])
    assert lines == entry[f"{name}_lines"]


def test_limits_of_the_article():
    entry = ARTICLE["m2"]["confint_theta"]
    lines = number_matrix_lines(entry["rows"], entry["cols"], entry["data"])
    assert lines == ARTICLE["m2"]["confint_lines"][1:]


def test_columns_are_as_wide_as_they_are_shown():
    lines = matrix_lines(["学校", "a"], ["数"], [["1"], ["22"]])
    assert {shown_width(line) for line in lines} == {7}


def test_no_columns_no_lines():
    assert matrix_lines(["a"], [], [[]]) == []
