"""Combined grouping factors."""

import numpy as np

from nestling.data.columns import Numeric
from nestling.data.door import read
from nestling.model.levels_of_groups import combined_groups


def combined(**columns):
    frame = read(columns)
    codes, levels = combined_groups([frame.column(name) for name in columns])
    return codes.tolist(), np.asarray(levels).tolist()


def test_combinations_are_sorted_by_the_first_column_first():
    assert combined(a=["v", "u", "v", "u"], b=[10, 9, 9, 9]) == (
        [2, 0, 1, 0],
        ["u:9", "v:9", "v:10"],
    )


def test_a_combination_is_missing_where_a_part_is():
    assert combined(a=["v", None, "u"], b=[1.0, 2.0, np.nan]) == ([0, -1, -1], ["v:1"])


def test_labels_are_written_as_r_writes_them():
    assert combined(a=[2.0, 2.0], b=[0.5, 1.5], c=[True, False])[1] == ["2:0.5:TRUE", "2:1.5:FALSE"]


def test_many_columns_of_many_levels_do_not_overflow():
    rng = np.random.default_rng(2)
    columns = [Numeric(rng.permutation(5000).astype(float), "integer") for _ in range(7)]
    codes, levels = combined_groups(columns)
    assert len(levels) == 5000
    # all combinations differ, so their order is that of the first column
    np.testing.assert_array_equal(codes, columns[0].values)
    row = int(np.flatnonzero(codes == 17)[0])
    expected = ":".join(f"{column.values[row]:.0f}" for column in columns)
    assert np.asarray(levels)[17] == expected
