"""Tables as plain text."""

from nestling.report.table_text import text_table


def test_wide_tables_repeat_their_first_column():
    columns = ["term", *(f"column {i}" for i in range(10))]
    lines = text_table(columns, [["a", *map(str, range(10))]], ["left", *["right"] * 10])
    assert [line[:4] for line in lines] == ["term", "a   ", "term", "a   "]
    assert max(map(len, lines)) < 80


def test_one_column():
    assert text_table(["term"], [["a"], ["bcdef"]], ["left"]) == ["term ", "a    ", "bcdef"]
