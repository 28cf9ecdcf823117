"""The tables of the desk are checked like the rest of the config: every fault, with its place."""

import shutil
from pathlib import Path

import pytest

from leads import registry
from leads.registry import ConfigError, Registry

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the config without the many rights."""
    for part in ("bureaus", "calendar", "recipients", "groups", "thresholds", "clocks"):
        shutil.copytree(ROOT / "config" / part, tmp_path / part)
    for part in ("rights", "users", "laws", "sites"):
        (tmp_path / part).mkdir()
    shutil.copy(ROOT / "config" / "scoring.toml", tmp_path)
    return tmp_path


FAULTS = [
    ("clocks/check.toml", "length = 15", "length = 0", "clocks/check.toml：length：应大于 0"),
    ("clocks/check.toml", '"已签收"', '"签了"', "clocks/check.toml：starts.0：应为"),
    ("clocks/check.toml", 'unit = "工作日"', 'unit = "周"', "clocks/check.toml：unit：应为"),
    ("groups/north-china.toml", '"110000"', '"990000"', "members：没有 recipients/990000.toml"),
    ("recipients/jd.toml", '"platform"', '"own"', "本机关只能有一个，已有 140000"),
    ("recipients/jd.toml", '"platform"', '"火星"', "recipients/jd.toml：kind：应为"),
    ("calendar/2026.toml", "2026-01-04", "2026-01-05", "2026-01-05 不是周末"),
    ("calendar/2026.toml", "last = 2026-01-03", "last = 2025-01-03", "早于 first"),
    ("thresholds/counterfeit-mark.toml", "warn = 0.8", "warn = 8", "warn：应不大于 1"),
]


@pytest.mark.parametrize(("file", "old", "new", "told"), FAULTS)
def test_a_fault_is_named_by_file_and_field(
    folder: Path, file: str, old: str, new: str, told: str
) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigError) as refused:
        registry.load(folder)
    assert told in str(refused.value)


def test_an_office_without_these_folders_still_works(folder: Path) -> None:
    for part in ("calendar", "recipients", "groups", "thresholds", "clocks"):
        shutil.rmtree(folder / part)
    desk = registry.load(folder).desk
    assert (desk.own, desk.clocks, desk.years) == (None, {}, {})


def test_the_shipped_tables_cover_clocks_and_both_years(watched: Registry) -> None:
    desk = watched.desk
    assert desk.own is not None
    assert {2025, 2026} <= set(desk.years)
    assert {"check", "signing", "penalty", "police"} <= set(desk.clocks)
    sites = {site for one in desk.recipients.values() for site in one.sites}
    assert sites <= set(watched.sites)
