"""The printed summary, line by line, against what R prints at the tight optimum."""

import pytest
from tests.reference_cases import case, fitted, names


@pytest.mark.parametrize("name", names("lmer"))
def test_summary_is_the_text_of_lme4(name):
    assert str(fitted(name).summary()).split("\n") == case(name)["results"]["summary_lines_tight"]


@pytest.mark.parametrize(
    "name", ["seed_m0", "seed_m2", "Penicillin", "rankdef_x", "Dyestuff_ml", "contr_noint"]
)
def test_short_form_is_the_text_of_lme4(name):
    # cases whose digits do not depend on where lme4's default optimiser stopped
    assert str(fitted(name)).split("\n") == case(name)["default"]["print_lines"]
