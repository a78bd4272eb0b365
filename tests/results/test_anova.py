"""Tables of tests of the terms: lmerTest's numbers and lmerTest's text."""

import numpy as np
import pytest
from tests.reference_cases import case, fitted, frame, names

import nestling as nl
from nestling.errors import ArgumentError, RankDeficiencyWarning

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


# print(anova(lmer(..., contr), type = )) of lmerTest 3.1-3
TEXTS = [
    (
        "y ~ poly(x, 2) * A + (1 | g)",
        2,
        """\
Type II Analysis of Variance Table with Satterthwaite's method
              Sum Sq Mean Sq NumDF  DenDF F value    Pr(>F)    
poly(x, 2)    57.129  28.564     2 224.41  10.679 3.712e-05 ***
A            170.739  85.370     2 218.21  31.917 6.934e-13 ***
poly(x, 2):A   6.697   1.674     4 219.21   0.626    0.6445    
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1""",  # noqa: W291
    ),
    (
        "y ~ poly(x, 2) * A + (1 | g)",
        3,
        """\
Type III Analysis of Variance Table with Satterthwaite's method
              Sum Sq Mean Sq NumDF  DenDF F value    Pr(>F)    
poly(x, 2)    54.313  27.156     2 224.55  10.153 6.008e-05 ***
A            171.191  85.595     2 218.01  32.002 6.515e-13 ***
poly(x, 2):A   6.697   1.674     4 219.21   0.626    0.6445    
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1""",  # noqa: W291
    ),
    (
        "y ~ scale(x) * A + (1 | g)",
        2,
        """\
Type II Analysis of Variance Table with Satterthwaite's method
            Sum Sq Mean Sq NumDF  DenDF F value    Pr(>F)    
scale(x)     1.177   1.177     1 221.92  0.4154    0.5199    
A          174.545  87.272     2 220.21 30.7892 1.619e-12 ***
scale(x):A   5.800   2.900     2 224.51  1.0232    0.3611    
---
Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1""",  # noqa: W291
    ),
]


@pytest.mark.parametrize(("formula", "kind", "expected"), TEXTS)
def test_bases_count_as_factors(formula, kind, expected):
    assert str(nl.lmer(formula, frame("contr_default")).anova(kind)) == expected


def test_missing_cells():
    """No row with A = trt2 and B = w: type III of what is left, as lmerTest tests it."""
    data = frame("contr_default")
    data = data[~((data["A"] == "trt2") & (data["B"] == "w"))]
    with pytest.warns(RankDeficiencyWarning):
        fit = nl.lmer("y ~ A * B + (1 | g)", data)
    found = fit.anova()
    assert found.df_numerator.tolist() == [2.0, 3.0, 5.0]
    # lmerTest rounds these contrasts to seven digits
    expected = [24.002381772862, 8.079036395652, 0.635841822187]
    np.testing.assert_allclose(found.statistic, expected, rtol=1e-5)
    expected = [193.668185557, 192.354311599, 192.471257828]
    np.testing.assert_allclose(found.df_denominator, expected, rtol=1e-5)
