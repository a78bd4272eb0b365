"""Exit codes: 0 done, 1 the data or the model, 2 the command itself."""

import sys

import pytest

from nestling.cli import main

TABLE = "y,x,g\n1,2,a\n2,3,a\n3,1,b\n4,4,b\n2,2,c\n5,3,c\n"
FORMULA = "y ~ x + (1 | g)"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["fit", "good.csv", FORMULA], 0, ""),
        (["fit", "none.csv", FORMULA], 1, "There is no file 'none.csv'"),
        (["fit", "good.csv", "y ~ x + (1 | gg)"], 1, "Did you mean 'g'?"),
        (["fit", "good.csv", "y ~ __import__('os') + (1 | g)"], 1, "no meaning in a formula"),
        (["fit", "doubled.csv", "y ~ 1 + (1 | g)"], 1, "more than one column 'y'"),
        (["fit", "good.csv"], 2, "FORMULA"),
        (["fit", "good.csv", FORMULA, "--bogus"], 2, "--bogus"),
        (["bogus"], 2, "bogus"),
    ],
)
def test_exit_codes(arguments, code, said, tmp_path, monkeypatch, capsys):
    (tmp_path / "good.csv").write_text(TABLE)
    (tmp_path / "doubled.csv").write_text(TABLE.replace("y,x,g", "y,y,g"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["nestling", *arguments])
    try:
        ended = main()
    except SystemExit as stop:
        ended = stop.code
    assert (ended or 0) == code
    assert said in capsys.readouterr().err
