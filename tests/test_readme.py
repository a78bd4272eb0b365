"""The README's example runs and prints what it says."""

import doctest
from pathlib import Path


def test_readme():
    readme = Path(__file__).parent.parent / "README.md"
    results = doctest.testfile(str(readme), module_relative=False)
    assert results.attempted > 5
    assert results.failed == 0
