"""A worked section of the article as lines of text; tables as R prints them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from nestling.cli.article_models import DESIGN, ArticleModel
from nestling.cli.article_work import Worked
from nestling.report.cells import WIDTH, frame_lines, matrix_lines, number_matrix_lines

if TYPE_CHECKING:
    import pandas as pd

    from nestling.arrays import FloatArray

SHOWN: Final = 6
"""Rows that R's head() and tail() show."""


def introduction() -> list[str]:
    """Return what stands above the sections."""
    return [
        *headed("Simulating Multilevel Data", "="),
        "",
        *prose(
            "The models of the article by Laura Jamison (UVA Library StatLab, 2023), each written "
            "as equations, simulated with R's random numbers, fitted, and compared with the "
            "values that were put in. Tables are printed as R and lme4 print them."
        ),
        "",
        *str(DESIGN).splitlines(),
    ]


def section(worked: Worked, number: int) -> Iterator[str]:
    """Yield the lines of one section: model, truth, data, fit, comparison."""
    model = worked.model
    yield from ["", "", *headed(f"{number}. {model.title} ({model.key})", "-"), ""]
    yield from prose(model.words)
    yield from ["", "The model, by level:", ""]
    yield from indented(str(model.equations))
    yield from ["", "in one equation:", ""]
    yield from indented(model.equations.composite)
    yield from ["", "as a formula:", ""]
    yield from indented(model.equations.formula)
    yield from ["", "What is true:", ""]
    yield from indented(truth_text(model))
    if len(np.atleast_2d(covariance(model))) > 1 and covariance(model)[0, 1] != 0:
        yield from covariances(worked)
    yield from ["", "First and last rows of the data:", ""]
    yield from rows(worked.data.head(SHOWN))
    yield from rows(worked.data.tail(SHOWN))
    yield from ["", "The fit:", ""]
    yield from str(worked.fit.summary()).splitlines()
    if worked.limits is not None:
        yield from ["", "Profile confidence limits of the SDs, the correlation and sigma:", ""]
        yield from limits(worked.limits)
    for note in model.notes:
        yield ""
        yield from prose(f"Note: {note}")
    yield from ["", "What was put in and what came back, with 95 % profile limits:", ""]
    yield from comparison(worked.table)


def truth_text(model: ArticleModel) -> str:
    """Return the population without its first line, which repeats the formula."""
    return "\n".join(str(model.truth).splitlines()[2:])


def covariance(model: ArticleModel) -> FloatArray:
    """Return the true covariance matrix of the random effects."""
    (term,) = model.truth.parameters.terms
    return term.covariance


def covariances(worked: Worked) -> Iterator[str]:
    """Yield the covariance matrix put in and that of the effects drawn, as R prints matrices."""
    put_in = covariance(worked.model)
    drawn = worked.effects
    for words, matrix in (
        ("Covariance matrix of the random effects, var_mat:", put_in),
        ("its correlations, cov2cor(var_mat):", correlations(put_in)),
        ("Covariances of the effects drawn, var(u):", np.cov(drawn)),
        ("their correlations, cor(u):", correlations(np.cov(drawn))),
    ):
        yield from ["", words, "", *matrix_text(matrix)]


def correlations(matrix: FloatArray) -> FloatArray:
    """Return the correlation matrix of a covariance matrix.

    Examples
    --------
    >>> correlations(np.array([[4.0, 1.0], [1.0, 1.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    sd = np.sqrt(np.diag(matrix))
    scaled: FloatArray = matrix / np.outer(sd, sd)
    np.fill_diagonal(scaled, 1.0)
    return scaled


def matrix_text(matrix: FloatArray) -> list[str]:
    """Return a matrix without names, as R prints it.

    Examples
    --------
    >>> matrix_text(np.array([[5.0, 1.0], [1.0, 3.0]]))
    ['     [,1] [,2]', '[1,]    5    1', '[2,]    1    3']
    """
    n, k = matrix.shape
    names = [f"[{i},]" for i in range(1, n + 1)], [f"[,{j}]" for j in range(1, k + 1)]
    return number_matrix_lines(*names, matrix.tolist())


def rows(frame: pd.DataFrame) -> list[str]:
    """Return rows of a frame as R prints them, numbered from 1."""
    names = [str(name) for name in frame.columns]
    return frame_lines(
        [str(i + 1) for i in frame.index], names, [frame[name].tolist() for name in names]
    )


def limits(table: pd.DataFrame) -> list[str]:
    """Return confidence limits as R prints them."""
    names = [str(name) for name in table.index], [str(name) for name in table.columns]
    return number_matrix_lines(*names, table.to_numpy().tolist())


def comparison(table: pd.DataFrame) -> list[str]:
    """Return the table of `nl.compare` as text."""
    cells = [
        [
            *("" if np.isnan(value) else f"{value:.3f}" for value in row[:-1]),
            "yes" if row[-1] else "no",
        ]
        for row in table[["truth", "estimate", "se", "lower", "upper", "inside"]].itertuples(
            index=False, name=None
        )
    ]
    heads = ["put in", "came back", "SE", "2.5 %", "97.5 %", "inside"]
    return [line.rstrip() for line in matrix_lines([str(i) for i in table.index], heads, cells)]


def headed(text: str, rule: str) -> list[str]:
    """Return a heading with a line under it."""
    return [text, rule * len(text)]


def prose(text: str) -> list[str]:
    """Return a paragraph in lines of a page's width."""
    return textwrap.wrap(text, WIDTH)


def indented(text: str) -> list[str]:
    """Return lines moved to the right."""
    return textwrap.indent(text, "    ").splitlines()
