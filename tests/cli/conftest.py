import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nestling.cli.article_models import MODELS
from nestling.cli.article_work import Worked, work_out

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def printed() -> dict[str, Any]:
    """Every line that the article prints."""
    return json.loads((REFERENCE / "cases/seed_article.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def worked() -> Callable[[str], Worked]:
    """Work out the article's model of this name, once."""
    models = {model.key: model for model in MODELS}
    return cache(lambda key: work_out(models[key]))
