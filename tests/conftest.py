"""Fixtures for all: small things made on the spot; pages lie under ``tests/fixtures``.

Whatever a test needs of the real ``config/`` it reads from there; a test about config writes its
own folder. Nothing here leaves the machine: servers listen on loopback.
"""

from pathlib import Path

import pytest

from leads import registry

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def watched() -> registry.Registry:
    """The real config."""
    return registry.load(ROOT / "config")
