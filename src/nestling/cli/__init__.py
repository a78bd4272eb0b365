"""The command line."""


def main() -> None:
    """Run the `nestling` command."""
    # typer is imported when a command runs: `import nestling` stays light
    from nestling.cli.app import app

    app()
