"""Rows of a replicate that was drawn without rows: any that have its statistics, by their law."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from nestling.errors import NestlingWarning
from nestling.results.lmer_fit import LmerFit
from nestling.simulate.inverse import response_of
from nestling.statistics.layout import layout_of
from nestling.statistics.rows import Rows
from nestling.statistics.rows_given import rows_given
from nestling.studies.by_rows import fitted
from nestling.studies.shared_design import SharedDesign

if TYPE_CHECKING:
    import pandas as pd


LABEL = "replay"


def rows_again(engine: SharedDesign, index: int) -> pd.DataFrame:
    """Return the data of replicate `index`: the study's predictors, and a response.

    Given its sufficient statistics a normal response is anywhere on a sphere, and where is all
    that they do not say. It is drawn from the replicate's own stream; estimates from these rows
    are the replicate's.
    """
    plan = engine.plan
    data = plan.truth.simulate(plan.design, plan.design_seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NestlingWarning)
        fit = fitted(plan, data)
    rows = Rows.of(fit.matrices)
    blocks = engine.drawn(np.array([index]), engine.roots)
    products = np.concatenate([*(Zy.ravel() for Zy in blocks.Zy), blocks.Xy.ravel()])
    normals = plan.stream(index).stream(LABEL).standard_normal(rows.n)
    y = rows_given(_columns(fit, rows), products, float(blocks.yy[0]), normals)
    if rows.root_weights is not None:
        y = y / rows.root_weights
    y = y * fit.basis.response_scale
    truth = plan.true_beta(fit.coefficient_names)
    for column, beta in zip(fit.matrices.columns, truth, strict=True):
        y = y + beta * column
    if fit.matrices.offset is not None:
        y = y + fit.matrices.offset
    response = response_of(plan.truth.formula.response)
    data[response.column] = response.original(y)
    return data


def _columns(fit: LmerFit, rows: Rows) -> Any:
    """Return [Z X] in the basis of the statistics, sparse, effect by effect and level by level."""
    from scipy.sparse import csr_array, hstack

    basis, terms = fit.basis, fit.matrices.random
    layout, everything = layout_of(terms), slice(0, rows.n)
    blocks = []
    for members in layout.members:
        codes, J = terms[members[0]].codes, len(terms[members[0]].levels)
        Z = np.concatenate([basis.rotations[t].T @ rows.random(t, everything) for t in members])
        place = (np.arange(len(Z))[:, None] * J + codes).ravel()
        row = np.tile(np.arange(rows.n), len(Z))
        blocks.append(csr_array((Z.ravel(), (row, place)), (rows.n, len(Z) * J)))
    X = basis.transform[:-1, :-1].T @ rows.fixed(everything)[basis.kept]
    return hstack([*blocks, csr_array(X.T)], format="csr")
