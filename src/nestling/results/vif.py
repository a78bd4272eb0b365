"""Variance inflation: what the fixed effects lose to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nestling.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from nestling.results.lmer_fit import LmerFit


def vif(fit: LmerFit) -> pd.DataFrame:
    """Return the generalised variance inflation factors; see `LmerFit.vif`.

    With R the correlation matrix of the estimates, the intercept left out, and R11, R22 its
    blocks of a term and of all others: |R11| |R22| / |R| (Fox and Monette 1992).
    """
    import pandas as pd

    assign = np.array([fit.matrices.assign[j] for j in fit.basis.kept])
    terms = [t for t in dict.fromkeys(assign.tolist()) if t > 0]
    if not terms:
        raise ModelError(
            f"The model {fit.formula.text!r} has no fixed effects beside the intercept: nothing "
            "can be collinear."
        )
    inside = assign > 0
    vcov = fit.estimates.vcov[np.ix_(inside, inside)]
    sd = np.sqrt(np.diag(vcov))
    R, assign = vcov / np.outer(sd, sd), assign[inside]
    rows = []
    for term in terms:
        own = assign == term
        value = np.exp(_log_det(R, own) + _log_det(R, ~own) - _log_det(R, own | ~own))
        rows.append((float(value), int(own.sum()), float(value ** (0.5 / own.sum()))))
    labels = [fit.matrices.term_labels[term - 1] for term in terms]
    columns = ["GVIF", "Df", "GVIF^(1/(2*Df))"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(labels, name="term"))


def _log_det(R: np.ndarray, chosen: np.ndarray) -> float:
    return float(np.linalg.slogdet(R[np.ix_(chosen, chosen)])[1])
