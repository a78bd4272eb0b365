"""`lmer`: fit a Gaussian multilevel model as R's lme4 does."""

import math
import warnings
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from nestling.arrays import FloatArray
from nestling.data.door import Frame, read
from nestling.errors import (
    ArgumentTypeError,
    ConvergenceWarning,
    ModelError,
    RankDeficiencyWarning,
)
from nestling.fit.solve import pose, solve
from nestling.linalg.threads import one_blas_thread
from nestling.model.checks import check_repeats
from nestling.model.formula import Formula, parse
from nestling.model.matrices import ModelMatrices, build
from nestling.results.lmer_fit import Call, LmerFit
from nestling.statistics.accumulate import accumulate
from nestling.statistics.basis import choose_basis
from nestling.statistics.layout import layout_of
from nestling.statistics.rows import BLOCK, Rows


def lmer(
    formula: Any,
    data: Any,
    reml: bool = True,
    weights: Any = None,
    offset: Any = None,
    contrasts: Mapping[str, Any] | None = None,
    na_action: Literal["omit", "fail"] = "omit",
) -> LmerFit:
    """Fit a linear mixed model by REML or maximum likelihood.

    Parameters
    ----------
    formula : str or Equations
        In lme4's syntax, `"y ~ X + (1 + X | Cluster)"`, or equations by level.
    data : frame
        Anything narwhals reads (pandas, polars, pyarrow, ...) or a dict of arrays.
    reml : bool
        REML (default) or maximum likelihood.
    weights : str or array, optional
        Prior weights: the residual variance of a row is sigma^2 / w.
    offset : str or array, optional
        Added to the linear predictor with coefficient one.
    contrasts : dict, optional
        Per factor R's name ("contr.sum"), a short name ("sum") or a matrix.
    na_action : {"omit", "fail"}
        Drop rows with missing values, counted in the result, or refuse them.

    Returns
    -------
    LmerFit

    Raises
    ------
    FormulaError, DataError, ModelError
        See the messages: what was given, what was expected, what to do.

    Notes
    -----
    The criterion is lme4's (Bates, Maechler, Bolker and Walker 2015). It is evaluated from
    sufficient statistics with exact derivatives, and minimised by a trust-region Newton method
    in lme4's theta without bounds; a fit on the boundary is certified by a sign test.

    Examples
    --------
    >>> import numpy as np
    >>> import nestling as nl
    >>> rng = np.random.default_rng(1)
    >>> g = np.repeat(np.arange(10), 8)
    >>> y = 2.0 + rng.normal(size=10)[g] + rng.normal(size=80)
    >>> fit = nl.lmer("y ~ 1 + (1 | g)", {"y": y, "g": g})
    >>> fit.n_groups
    {'g': 10}
    """
    if not isinstance(reml, bool | np.bool_):
        raise ArgumentTypeError(
            f"reml={reml!r} must be True for REML or False for maximum likelihood."
        )
    parsed = parse(str(getattr(formula, "formula", formula)))
    frame = read(data)
    matrices = build(
        parsed, frame, weights=weights, offset=offset, contrasts=contrasts, na_action=na_action
    )
    check_repeats([(term.group, term.names) for term in matrices.random])
    call = Call(
        formula=parsed,
        reml=bool(reml),
        weights=_label(weights, "weights"),
        offset=_label(offset, "offset"),
        data_name=_data_name(data),
    )
    fit = fit_matrices(call, matrices, frame)
    if fit.dropped:
        plural = "s" if len(fit.dropped) > 1 else ""
        warnings.warn(
            "fixed-effect model matrix is rank deficient so dropping "
            f"{len(fit.dropped)} column{plural} / coefficient{plural}: {', '.join(fit.dropped)}. "
            "They repeat what other columns say; leave them out of the formula.",
            RankDeficiencyWarning,
            stacklevel=2,
        )
    return fit


def fit_matrices(
    call: Call, matrices: ModelMatrices, frame: Frame, *, start: FloatArray | None = None
) -> LmerFit:
    """Fit ready model matrices: basis, sufficient statistics, optimum.

    `start` is a theta in the coordinates of the basis, from an earlier fit of the same design.
    """
    rows = Rows.of(matrices)
    layout = layout_of(matrices.random)
    # many rows make products long but no larger: more threads would only wait for one another
    with one_blas_thread(rows.n if rows.n > BLOCK else 0):
        basis = choose_basis(rows)
        statistics = accumulate(rows, basis)
        _check_rows(call.formula, rows.n, len(basis.kept))
        problem = pose(statistics, basis, layout, reml=call.reml)
        try:
            solution = solve(problem, statistics, layout, start)
        except np.linalg.LinAlgError as error:
            raise ModelError(
                f"The model {call.formula.text!r} cannot be estimated: {error}. The fixed effects "
                "explain the response exactly, or the columns differ in scale beyond double "
                "precision. Check the response and rescale the predictors."
            ) from error
    fit = LmerFit(call, matrices, basis, statistics, solution, frame)
    _check_residual(fit)
    if solution.convergence.status == "not converged":
        warnings.warn(solution.convergence.remedy, ConvergenceWarning, stacklevel=3)
    return fit


def _check_rows(formula: Formula, n: int, p: int) -> None:
    """Refuse as many fixed effects as rows: no optimiser can answer that."""
    if n <= p:
        raise ModelError(
            f"The model {formula.text!r} has {p} fixed effects for {n} rows: nothing is left to "
            "estimate variances from. Use fewer fixed effects or more data."
        )


def _check_residual(fit: LmerFit) -> None:
    """Refuse residuals that are nothing but the rounding of the response."""
    response, weights = fit.matrices.response, fit.matrices.weights
    square = float(response @ (response if weights is None else weights * response)) / len(response)
    if fit.sigma <= 4.0 * np.finfo(float).eps * math.sqrt(square):
        raise ModelError(
            f"The model {fit.call.formula.text!r} explains the response exactly: its residual SD, "
            f"{fit.sigma:.2g}, is no more than rounding. Leave out the predictor from which the "
            "response was computed."
        )


def _label(argument: Any, fallback: str) -> str | None:
    """How the summary names weights and offset: by column, or by the argument."""
    if argument is None:
        return None
    return argument if isinstance(argument, str) else fallback


def _data_name(data: Any) -> str:
    """Return the name a pandas frame carries in `attrs`, or 'data'."""
    attributes = getattr(data, "attrs", None)
    name = attributes.get("name") if isinstance(attributes, dict) else None
    return str(name) if name else "data"
