"""Tables of tests of the terms: lmerTest's numbers and lmerTest's text."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError

CASES = names("lmer", "satterthwaite")


def check(found, expected, rtol):
    if not expected["rows"]:
        assert found.terms == ()
        return
    assert list(found.terms) == expected["rows"]
    values = np.array(expected["data"], dtype=float)
    # far out in its tail a p value carries the errors of F and of the df many times
    np.testing.assert_allclose(found.table.to_numpy()[:, :5], values[:, :5], rtol=rtol)
    np.testing.assert_allclose(found.p_value, values[:, 5], rtol=1e-4)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", ["I", "II", "III"])
def test_table_is_that_of_lmertest(name, kind):
    check(fitted(name).anova(kind), case(name)["satterthwaite"][f"anova_{kind}"], rtol=1e-6)


@pytest.mark.parametrize("name", names("lmer", "kenward_roger"))
def test_table_by_kenward_roger_is_that_of_lmertest(name):
    expected = case(name)["kenward_roger"]["anova_III"]
    check(fitted(name).anova(ddf="Kenward-Roger"), expected, rtol=1e-6)


INTERACTION = """\
Type III Analysis of Variance Table with Satterthwaite's method
     Sum Sq Mean Sq NumDF  DenDF F value    Pr(>F)    
A   173.689  86.845     2 212.44 33.2587 2.717e-13 ***
B    58.322  19.441     3 212.14  7.4451 9.183e-05 ***
A:B   9.064   1.511     6 211.69  0.5785    0.7472    
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"""  # noqa: W291

SEQUENTIAL = """\
Type I Analysis of Variance Table with Kenward-Roger's method
     Sum Sq Mean Sq NumDF  DenDF F value    Pr(>F)    
A   166.971  83.486     2 212.68 31.9722 7.242e-13 ***
B    57.152  19.051     3 212.13  7.2958 0.0001116 ***
A:B   9.012   1.502     6 211.73  0.5752 0.7498472    
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"""  # noqa: W291

DROPPED = """\
Type III Analysis of Variance Table with Satterthwaite's method
       Sum Sq Mean Sq NumDF  DenDF F value Pr(>F)    
x      136.75 136.749     1 106.62 128.908 <2e-16 ***
a        1.61   0.805     2 106.06   0.759 0.4707    
x_copy                                               
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1"""  # noqa: W291

EMPTY = """\
Type III Analysis of Variance Table with Satterthwaite's method
     Sum Sq Mean Sq NumDF DenDF F value Pr(>F)"""


@pytest.fixture(scope="module")
def interaction():
    return nl.lmer("y ~ A * B + (1 | g)", frame("contr_default"))


def test_text_is_that_of_r(interaction):
    """As `print(anova(fit, type = , ddf = ))` of lmerTest 3.1-3 shows the same models."""
    assert str(interaction.anova()) == INTERACTION
    assert str(interaction.anova(1, "kenward-roger")) == SEQUENTIAL
    assert str(fitted("rankdef_x").anova()) == DROPPED
    assert str(fitted("Dyestuff_reml").anova()) == EMPTY


def test_type_three_does_not_depend_on_the_coding(interaction):
    data = frame("contr_default")
    for contrasts in ({"A": "sum", "B": "helmert"}, {"A": "poly", "B": "SAS"}):
        other = nl.lmer("y ~ A * B + (1 | g)", data, contrasts=contrasts)
        np.testing.assert_allclose(
            other.anova().statistic, interaction.anova().statistic, rtol=1e-7
        )
        np.testing.assert_allclose(
            other.anova(2).statistic, interaction.anova(2).statistic, rtol=1e-7
        )


def test_last_term_is_the_same_in_every_type(interaction):
    tables = [interaction.anova(kind) for kind in (1, 2, 3)]
    for table in tables:
        assert table.statistic[-1] == pytest.approx(tables[0].statistic[-1], rel=1e-9)


def test_html_holds_the_table(interaction):
    html = interaction.anova()._repr_html_()
    assert "A:B" in html
    assert "33.2587" in html


@pytest.mark.parametrize("kind", [0, 4, "IV", True, 2.5, None])
def test_unknown_type_is_refused(interaction, kind):
    with pytest.raises(ArgumentError, match="expected 1, 2 or 3"):
        interaction.anova(kind)


def test_unknown_method_is_refused(interaction):
    with pytest.raises(ArgumentError, match="Did you mean 'satterthwaite'"):
        interaction.anova(ddf="satterthwait")
