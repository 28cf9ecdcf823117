"""Run the benchmarks by name, or all: tables to the screen, every figure to var/bench.json.

Each is a command of its own (``python -m bench.NAME --json FILE``), so that none finds the memory
or the caches that another has left.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

NAMES = (
    "crawl",
    "ledger",
    "text",
    "store",
    "console",
    "elastic",
    "pictures",
    "labels",
    "evidence",
    "rematch",
)
PACKAGES = ("markwatch", "scrapy", "twisted", "parsel", "lxml", "selectolax", "pydantic")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option(
    "--json",
    "to",
    type=click.Path(path_type=Path),
    default=Path("var/bench.json"),
    show_default=True,
)
def main(names: tuple[str, ...], to: Path) -> None:
    """Measure, on one machine and in one run, what the product promises of speed and accuracy."""
    found: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "kind": platform.machine(), "os": platform.platform()},
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }
    failed = False
    for name in names or NAMES:
        click.echo(f"== {name}")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.json"
            command = [sys.executable, "-m", f"bench.{name}", "--json", str(file)]
            failed |= subprocess.run(command, check=False).returncode != 0  # noqa: S603  # our own
            if file.is_file():
                found[name] = json.loads(file.read_text("utf-8"))
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    click.echo(f"all figures: {to}")
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
