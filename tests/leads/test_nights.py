"""Nights as they are kept: read back as written, the last ones first, damage named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from leads.nights import FILE, Night, SiteNight, night_id, read_night, read_nights

BEGAN = datetime(2026, 11, 1, 17, 30, tzinfo=UTC)


def night(day: int, shard: str | None = None) -> Night:
    when = date(2026, 11, day)
    began = BEGAN + timedelta(days=day)
    return Night(
        id=night_id(when, shard), day=when, shard=shard, began=began, ended=began,
        sites=(SiteNight(site="jd", name="京东", finish="finished", listings=day, new=day),),
    )  # fmt: skip


def kept(folder: Path, *nights: Night) -> Path:
    for one in nights:
        (folder / one.id).mkdir()
        (folder / one.id / FILE).write_text(one.model_dump_json(), encoding="utf-8")
    return folder


def test_a_night_is_read_back_as_it_was_written(tmp_path: Path):
    assert read_night(kept(tmp_path, night(3, "2/5")), "2026-11-03.2of5") == night(3, "2/5")


def test_the_last_nights_come_oldest_first_and_only_those_before(tmp_path: Path):
    kept(tmp_path, *map(night, range(1, 12)))
    (tmp_path / "2026-11-12").mkdir()  # begun, not ended
    (tmp_path / "lock").touch()
    past = read_nights(tmp_path, "2026-11-10")
    assert [one.day.day for one in past.nights] == [3, 4, 5, 6, 7, 8, 9]
    assert [one.day.day for one in read_nights(tmp_path, most=2).nights] == [10, 11]


def test_a_shard_is_compared_with_its_own_nights(tmp_path: Path):
    kept(tmp_path, night(1), night(1, "1/2"), night(1, "2/2"), night(2, "2/2"))
    past = read_nights(tmp_path, "2026-11-03.2of2")
    assert [one.id for one in past.nights] == ["2026-11-01.2of2", "2026-11-02.2of2"]
    assert [one.id for one in read_nights(tmp_path, "2026-11-03").nights] == ["2026-11-01"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "JSON"),
        ('{"id":', "JSON"),
        ("{}", "id：缺少必填项"),
        (night(2).model_dump_json(), "其中是 2026-11-02 的记录"),
        (night(1).model_dump_json().replace('"sites"', '"sights"'), "不认识的字段"),
    ],
)
def test_a_damaged_night_is_named_and_hides_no_other(tmp_path: Path, text: str, told: str):
    kept(tmp_path, night(1), night(2))
    (tmp_path / "2026-11-01" / FILE).write_text(text, encoding="utf-8")
    past = read_nights(tmp_path)
    assert [one.day.day for one in past.nights] == [2]
    (damaged,) = past.damaged
    assert "2026-11-01" in damaged
    assert told in damaged


@pytest.mark.parametrize("name", ["", ".", "..", "../2026-11-01", "2026-11-01/x", "latest"])
def test_only_an_id_is_the_name_of_a_night(tmp_path: Path, name: str):
    with pytest.raises(ValueError, match="不是夜间采集的编号"):
        read_night(tmp_path, name)


def test_an_id_says_day_and_shard():
    with pytest.raises(ValidationError, match="id 应为 2026-11-01"):
        Night.model_validate({**dict(night(1)), "id": "2026-11-02"})


def test_no_nights_yet_is_no_damage(tmp_path: Path):
    assert read_nights(tmp_path / "none") == ([], [])
