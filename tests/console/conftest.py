"""A config that loads in no time: the real one with a few of its rights."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leads.registry import find_config

RIGHTS = ("gi-shanxi-laochencu", "gi-pingyao-niurou", "brand-donghu")


@pytest.fixture(scope="session")
def small_config(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """``small_config()``: a new folder to be changed, without campaigns."""

    def make() -> Path:
        root = tmp_path_factory.mktemp("small") / "config"
        shutil.copytree(find_config(), root, ignore=_left_out)
        (root / "campaigns").mkdir()
        return root

    return make


def _left_out(folder: str, names: list[str]) -> list[str]:
    if Path(folder).name in ("rights", "users"):
        return [name for name in names if Path(name).stem not in RIGHTS]
    return [name for name in names if name == "campaigns"]
