"""The config of a practice night: the real one, with the practice server and its firms added."""

from pathlib import Path

from leads import registry
from practice.firms import AUTHORISED
from practice.settle import settle

CONFIG = Path(__file__).parent.parent.parent / "config"


def test_a_practice_config_adds_sites_and_firms_and_changes_nothing_else(tmp_path: Path) -> None:
    settle(CONFIG, tmp_path / "config", "http://127.0.0.1:4711", 60, 36)
    real, practice = registry.load(CONFIG), registry.load(tmp_path / "config")
    assert practice.rights == real.rights
    assert practice.laws == real.laws
    assert {site.id: site.practice for site in practice.sites.values()} == {
        "practice-fair": True,
        "practice-market": True,
        "practice-files": False,
    }
    assert practice.sites["practice-files"].terms is None  # its files only: it is never visited
    for right, users in practice.users.items():
        joined = (*real.users.get(right, ()), *AUTHORISED.get(right, ()))
        assert [user.company for user in users] == [user.company for user in joined]
