import matplotlib.image
import numpy as np
import pytest

from nestling.cli.article_work import draw


def test_figures_are_written(worked, tmp_path):
    key = "m3"
    paths = list(draw(worked(key), tmp_path))
    assert [path.name for path in paths] == [
        f"{key}_clusters.png",
        f"{key}_caterpillar.png",
        f"{key}_put_in_came_back.png",
    ]
    for path in paths:
        height, width, _ = matplotlib.image.imread(path).shape
        assert width == 1260
        assert 400 < height < 1500


def test_effects_are_one_column_per_cluster(worked):
    each = worked("m3")
    assert each.effects.shape == (2, 20)
    assert each.effects[0, 0] == each.data["u0j"].iloc[0]


@pytest.mark.parametrize("key", ["m0", "m1", "m2", "m3"])
def test_true_values_stand_beside_all_estimates(worked, key):
    table = worked(key).table
    assert np.isfinite(table["truth"].to_numpy()).all()
    inside = (table["lower"] <= table["truth"]) & (table["truth"] <= table["upper"])
    assert inside.tolist() == table["inside"].tolist()
