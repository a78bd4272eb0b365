"""Errors and warnings as a person at a terminal reads them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from nestling.errors import NestlingError, NestlingWarning


@contextmanager
def reported() -> Iterator[None]:
    """Print an error to stderr and leave with exit code 1; print warnings to stderr.

    Errors of nestling and of the file system are the user's to mend; any other is a defect and
    keeps its traceback.
    """

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        typer.echo(f"Warning: {message}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", NestlingWarning)
        warnings.showwarning = show
        try:
            yield
        except NestlingError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(1) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            typer.echo(f"Error: {error.strerror or error}: {error.filename}", err=True)
            raise typer.Exit(1) from error
