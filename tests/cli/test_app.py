import subprocess
import sys

import pytest
from typer.testing import CliRunner

from nestling import __version__
from nestling.cli.app import app


def _python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_version():
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"nestling {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "example"),
    [
        (["--help"], "  nestling fit study.csv"),
        (["article", "-h"], "  nestling article --no-figures"),
        (["simulate", "--help"], '      --design "Cluster=20, ID=50" --seed 707'),
        (["fit", "--help"], '  nestling fit study.csv "y ~ X + (1 + X | Cluster)"'),
    ],
)
def test_help_shows_examples_as_they_are_typed(arguments, example):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert example in result.stdout


def test_without_a_command_help_is_shown():
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2
    assert "Commands:" in result.output


def test_the_entry_point_runs():
    code = "import sys; sys.argv = ['nestling', '--version']; from nestling.cli import main; main()"
    assert _python(code) == (0, f"nestling {__version__}\n", "")


def test_importing_the_room_loads_no_typer():
    code = "import sys, nestling.cli; sys.exit('typer' in sys.modules)"
    assert _python(code)[0] == 0


def test_help_loads_neither_frames_nor_figures():
    code = (
        "import sys\nfrom nestling.cli.app import app\n"
        "sys.exit(any(name in sys.modules for name in ('pandas', 'matplotlib', 'scipy.optimize')))"
    )
    assert _python(code)[0] == 0
