"""The progress bar: always, never, or only where someone is looking."""

import pytest

from nestling.report.progress import progress_bar


@pytest.mark.parametrize(("progress", "shown"), [(True, True), (False, False), (None, False)])
def test_it_shows_when_it_should(progress, shown, capsys):
    with progress_bar(3, "refit", progress=progress) as bar:
        if bar is not None:
            bar.update(3)
    assert ("refit" in capsys.readouterr().err) is shown
