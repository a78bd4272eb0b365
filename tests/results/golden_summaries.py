"""Models as R prints them, beside their numbers (golden/, made by golden/make_summaries.R)."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from nestling.results.summary import Effects, Summary

GOLDEN = Path(__file__).parent / "golden"


def read() -> list[dict[str, Any]]:
    """Return the cases."""
    return [json.loads(line) for line in (GOLDEN / "summaries.jsonl").read_text().splitlines()]


def array(values: list[Any]) -> np.ndarray:
    """Return numbers; R's infinities and NaN are text."""
    return np.array(values, dtype=object).astype(float)


def summary(case: dict[str, Any]) -> Summary:
    """Return the record of a case."""
    quantiles = array(case["quantiles"])
    between = (quantiles[1:] + quantiles[:-1]) / 2
    p = len(case["beta"])
    return Summary(
        reml=case["reml"],
        formula_lines=tuple(case["formula"]),
        data_name=case["data"],
        weights=case["weights"],
        offset=case["offset"],
        criterion=case["criterion"],
        loglik=case["loglik"],
        aic=case["aic"],
        bic=case["bic"],
        df_residual=case["df_residual"],
        nobs=case["nobs"],
        # nine numbers that have these quartiles
        scaled_residuals=np.sort(np.concatenate([quantiles, between])),
        effects=tuple(
            Effects(each["label"], tuple(each["names"]), array(each["sd"]), _matrix(each))
            for each in case["effects"]
        ),
        sigma=case["sigma"],
        n_groups=case["groups"],
        names=tuple(case["names"]),
        beta=array(case["beta"]),
        vcov=array(case["vcov"] or []).reshape(p, p),
        remarks=tuple(case["remarks"]),
        messages=tuple(case["messages"]),
        optimizer="nloptwrap",
    )


def _matrix(effects: dict[str, Any]) -> np.ndarray:
    k = len(effects["names"])
    return array(effects["correlation"]).reshape(k, k)
