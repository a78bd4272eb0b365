"""Rows of a study, as departures see them."""

from nestling.design.design import Design
from nestling.simulate.departures import Rows


def study_rows(design: Design, **columns: object) -> Rows:
    """Return the rows of a design with these predictors."""
    return Rows(design, design.codes(), design.to_frame().assign(**columns), "y")
