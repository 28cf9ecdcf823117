"""The config of a practice night: the real one with the practice server, firms and pictures."""

from pathlib import Path

from leads import registry
from practice.firms import AUTHORISED
from practice.photos import SEAL, bank
from practice.settle import settle

CONFIG = Path(__file__).parent.parent.parent / "config"


def test_a_practice_config_adds_sites_firms_and_pictures_and_changes_nothing_else(
    tmp_path: Path,
) -> None:
    settle(CONFIG, tmp_path / "config", "http://127.0.0.1:4711", 60, 36)
    real, practice = registry.load(CONFIG), registry.load(tmp_path / "config")
    no_pictures = {"photos": (), "logos": ()}
    told = [right.model_copy(update=no_pictures) for right in practice.rights.values()]
    assert told == list(real.rights.values())
    named = {path for right in practice.rights.values() for path in (*right.photos, *right.logos)}
    nobodys = {SEAL, "allowed/placeholder.jpg"}
    assert named == {f"bank/{name}" for name, _ in bank() if name not in nobodys}
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
