"""Single terms of the fixed effects left out, as far as marginality lets them go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ArgumentError, ModelError, did_you_mean
from nestling.model.deparse_lines import deparse_lines
from nestling.results.deletions import Deletions
from nestling.results.reduced import columns_for, droppable, without, without_fixed

if TYPE_CHECKING:
    from nestling.arrays import FloatArray
    from nestling.model.terms import Term
    from nestling.results.lmer_fit import LmerFit

TITLES = {
    "satterthwaite": "Single term deletions using Satterthwaite's method:",
    "kenward-roger": "Single term deletions using Kenward-Roger's method:",
    "asymptotic": "Single term deletions using Wald tests with infinite denominator df:",
}

F_COLUMNS = ("Sum Sq", "Mean Sq", "NumDF", "DenDF", "F value", "Pr(>F)")

SPAN = 1e-7
"""Columns of the reduced model count as dependent below this share, as R's qr() has it."""


def drop1(fit: LmerFit, test: str | None = "Chisq", ddf: str = "satterthwaite") -> Deletions:
    """Leave out each term in turn; see `ComparisonQuestions.drop1`."""
    if test is not None and test not in {"Chisq", "F"}:
        raise ArgumentError(
            f"test={test!r} is not a test of drop1. {did_you_mean(str(test), ['Chisq', 'F'])}"
        )
    fixed = fit.matrices.encoding.fixed
    terms = {fixed.label(term): term for term in droppable(fixed)}
    if not terms:
        raise ModelError(
            f"The model {fit.formula.text!r} has no fixed term that could be left out."
        )
    if test == "F":
        return _by_f(fit, terms, ddf)
    return _by_likelihood(fit, terms, tested=test is not None)


def _by_likelihood(fit: LmerFit, terms: dict[str, Term], *, tested: bool) -> Deletions:
    """Fit again by ML without each term."""
    import pandas as pd
    from scipy.special import chdtrc

    full = fit.refitted(reml=False)
    reduced = [without_fixed(full, term) for term in terms.values()]
    dfs = [full.n_parameters - each.n_parameters for each in reduced]
    table = pd.DataFrame(index=["<none>", *terms])
    table["npar"] = [np.nan, *dfs]
    table["AIC"] = [full.aic, *(each.criterion + 2.0 * each.n_parameters for each in reduced)]
    if tested:
        ratios = [max(0.0, each.criterion - full.criterion) for each in reduced]
        table["LRT"] = [np.nan, *ratios]
        tails = [chdtrc(df, x) if df else np.nan for df, x in zip(dfs, ratios, strict=True)]
        table["Pr(Chi)"] = [np.nan, *map(float, tails)]
    lines = deparse_lines(fit.formula.tree)
    return Deletions("Single term deletions", tuple(lines), table)


def _by_f(fit: LmerFit, terms: dict[str, Term], ddf: str) -> Deletions:
    """Test that the expected response lies in the span of the reduced model."""
    import pandas as pd

    from nestling.results.contrast_tests import joint_test, method_of

    rows = []
    for term in terms.values():
        L = hypothesis(fit, term)
        if not len(L):  # other columns say the same: nothing is lost without the term
            rows.append([np.nan] * len(F_COLUMNS))
            continue
        test = joint_test(fit, L, ddf)
        sums = [test.sum_square, test.mean_square, test.df_numerator, test.df_denominator]
        rows.append([*sums, test.statistic, test.p_value])
    table = pd.DataFrame(rows, index=list(terms), columns=list(F_COLUMNS), dtype=float)
    return Deletions(TITLES[method_of(ddf)], (fit.formula.text,), table)


def hypothesis(fit: LmerFit, term: Term) -> FloatArray:
    """Return the L with L beta = 0 exactly where the term is not needed.

    The coefficients of the estimated columns that give the columns of the reduced model span
    what is allowed; L is what is orthogonal to it. With all columns estimable and an intercept
    these are the rows of the identity for the term's own coefficients.
    """
    reduced = columns_for(fit, without(fit.matrices.encoding.fixed, term), fixed=True)
    p = len(fit.basis.kept)
    if not reduced.values:
        return np.eye(p)
    kept = [fit.matrices.names[j] for j in fit.basis.kept]
    if not len(fit.basis.dropped) and set(reduced.names) < set(kept):
        return np.eye(p)[[j for j, name in enumerate(kept) if name not in reduced.names]]
    X = np.column_stack([fit.matrices.columns[j] for j in fit.basis.kept])
    X0 = np.column_stack(reduced.values)
    scale = np.linalg.norm(X, axis=0)
    size = np.linalg.norm(X0, axis=0)
    X0 = X0[:, size > 0.0] / size[size > 0.0]  # cells without rows leave columns of zeros
    found = np.linalg.lstsq(X / scale, X0, rcond=None)[0]
    left, singular, _ = np.linalg.svd(found)
    rank = int((singular > SPAN * singular[0]).sum())
    return np.asarray(left[:, rank:].T * scale)
