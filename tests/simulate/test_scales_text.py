import nestling as nl


def test_all_scales_side_by_side():
    truth = nl.Population(
        "y ~ X + (X | g)",
        {"(Intercept)": 1, "X": 1},
        {"g": nl.cov([[4, 1], [1, 1]])},
        4,
        {"X": nl.normal(0, 1)},
    )
    text = truth.describe(nl.nested(g=10, id=4))
    words = [line.split() for line in text.splitlines()]
    assert ["g", "(Intercept)", "4", "2", "0.5"] in words
    assert ["g", "(Intercept),", "X", "1", "0.5"] in words
    # 1 from X, 4 + 1 from intercepts and slopes, 4 residual
    assert ["fixed", "effects", "1", "0.1"] in words
    assert ["random", "effects", "of", "g", "5", "0.5"] in words
    assert ["X", "1", "0.3162", "0.1"] in words
    assert text.endswith("4 / (4 + 4 / 4) = 0.8")


def test_says_what_it_cannot_know():
    truth = nl.Population(
        "y ~ T + (1 | g)", {"(Intercept)": 1, "T": 1}, {"g": 1}, 4, {"T": nl.time()}
    )
    assert "before the data are drawn" in truth.describe()
