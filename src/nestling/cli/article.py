"""`nestling article`: the article *Simulating Multilevel Data*, section by section."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from nestling.cli.reported import reported

EXAMPLES: Final = """\b
Examples:
  nestling article
  nestling article --output figures
  nestling article --no-figures > article.txt
"""


def article(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where the figures go."),
    ] = Path("nestling-article"),
    figures: Annotated[
        bool,
        typer.Option("--figures/--no-figures", help="Write the figures as PNG files."),
    ] = True,
) -> None:
    """Work through the article Simulating Multilevel Data."""
    with reported():
        from nestling.cli.article_models import MODELS
        from nestling.cli.article_text import introduction, section
        from nestling.cli.article_work import draw, work_out

        typer.echo("\n".join(introduction()))
        worked = []
        for number, model in enumerate(MODELS, start=1):
            worked.append(work_out(model))
            typer.echo("\n".join(section(worked[-1], number)))
        if figures:
            output.mkdir(parents=True, exist_ok=True)
            typer.echo("\n\nFigures\n-------\n")
            for each in worked:
                for path in draw(each, output):
                    typer.echo(f"wrote {path}")
