"""`serotiny data`: files of data."""

from __future__ import annotations

from pathlib import Path

import click

from serotiny.diagnostics.counts import counted


@click.group("data")
def command() -> None:
    """Convert manifests."""


@command.command("convert")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def convert_command(source: Path, target: Path) -> None:
    """Write a CSV as parquet, whatever its size: SOURCE.csv TARGET.parquet."""
    from serotiny.manifest.conversion import convert

    rows = convert(source, target)
    click.echo(f"wrote {counted(rows, 'row')} to {target}")
