from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from nestling.results.lmer import lmer
from nestling.results.lmer_fit import LmerFit

DATA = Path(__file__).parents[1] / "reference/data"


@pytest.fixture(scope="session")
def fit_of() -> Callable[[str, str], LmerFit]:
    """Fit a formula to a reference data set, once per session."""
    done: dict[tuple[str, str], LmerFit] = {}

    def fit(formula: str, name: str) -> LmerFit:
        if (formula, name) not in done:
            done[formula, name] = lmer(formula, pd.read_csv(DATA / f"{name}.csv"))
        return done[formula, name]

    return fit
