"""The public names: what type checkers see is what is loaded, and nothing is loaded early."""

import ast
import inspect
import subprocess
import sys

import pytest

import nestling as nl


def declared():
    """Names imported for type checkers, with the module of each."""
    tree = ast.parse(inspect.getsource(nl))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_type_checkers_see_the_same_names_at_the_same_places():
    assert declared() == {name: f"nestling.{place}" for name, place in nl._PLACE_OF.items()}
    assert set(nl.__all__) == {*nl._PLACE_OF, "errors", "__version__"}
    assert dir(nl) == sorted(nl.__all__)


@pytest.mark.parametrize("name", nl.__all__)
def test_every_name_is_there(name):
    assert getattr(nl, name) is not None


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="lmre"):
        nl.lmre  # noqa: B018  asking is the test


def test_the_import_is_light():
    code = (
        "import sys, nestling as nl; "
        "assert 'nestling.fit.solve' not in sys.modules; nl.lmer; "
        "early = {'scipy', 'pandas', 'formulaic', 'matplotlib', 'typer', 'nestling.studies', "
        "'nestling.plots'} & set(sys.modules); assert not early, early"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
