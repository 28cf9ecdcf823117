"""What changed between two captures of a listing, in Chinese; and how re-captures are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from evidence.recapture import Recapture, differences, keep, recaptures
from evidence.vault import Vault, VaultError
from leads.model import Listing, Picture, Price, Seller, Verdict

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
FIRST = Listing(
    ref="7",
    title="某老陈醋",
    price=Price(min=Decimal("19.90"), max=Decimal("19.90")),
    attributes=(("产地", "甲县"), ("净含量", "5L")),
    seller=Seller(name="甲店", company="甲公司"),
    pictures=(Picture(sha256="a" * 64), Picture(url="lost")),
)

CHANGES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ()),
    ({"ref": "8"}, ("商品编号：首次采集时为“7”，本次为“8”",)),
    ({"title": "陈醋"}, ("标题：首次采集时为“某老陈醋”，本次为“陈醋”",)),
    ({"price": None}, ("标价：首次采集时为“19.90 至 19.90 CNY”，本次未见",)),
    ({"brand": "乙"}, ("品牌：首次采集时未见，本次为“乙”",)),
    ({"attributes": (("产地", "乙县"),)},
     ("参数“产地”：首次采集时为“甲县”，本次为“乙县”", "参数“净含量”：首次采集时为“5L”，本次未见")),
    ({"attributes": (("净含量", "5L"), ("产地", "甲县"))}, ()),
    ({"seller": Seller(name="甲店")}, ()),  # the licence stands on a page of its own
    ({"seller": Seller(name="甲店", company="乙公司")},
     ("企业名称：首次采集时为“甲公司”，本次为“乙公司”",)),
    ({"seller": None}, ("店铺：首次采集时为“甲店”，本次未见",)),
    ({"pictures": (Picture(sha256="a" * 64),)}, ()),
    ({"pictures": (Picture(sha256="b" * 64), Picture(sha256="a" * 64))},
     ("图片：本次有 1 张首次采集时未见",)),
    ({"pictures": ()}, ("图片：首次采集的 1 张本次未见或已更换",)),
    ({"description": "长" * 500}, (f"商品描述：首次采集时未见，本次为“{'长' * 200}……”",)),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(CHANGES)))
def test_what_changed_or_vanished_is_told(case: int) -> None:
    fields, told = CHANGES[case]
    assert differences(FIRST, FIRST.model_copy(update=fields)) == told


def record(**fields: Any) -> Recapture:
    known = {
        "lead": "L0123456789ab", "began": NIGHT, "ended": NIGHT, "officers": ("甲", "乙"),
        "url": "https://x.test/", "verdict": Verdict.OK, "session": "0" * 64, "steps": ("打开",),
    }  # fmt: skip
    return Recapture.model_validate({**known, **fields})


def test_re_captures_are_kept_in_order_and_noted_in_the_custody_log(vault: Vault) -> None:
    for step in ("一", "二", "三"):
        keep(vault, record(steps=(step,)))
    assert [one.steps for one in recaptures(vault, "L0123456789ab")] == [("一",), ("二",), ("三",)]
    assert recaptures(vault, "L000000000000") == []
    lines = [line.record for day in vault.custody.days() for line in vault.custody.lines(day)]
    assert [line and line["event"] for line in lines] == ["recaptured"] * 3
    assert lines[0] and lines[0]["by"] == ["甲", "乙"]


def test_a_damaged_record_is_named_and_an_odd_id_is_none(vault: Vault) -> None:
    keep(vault, record())
    (path,) = (vault.root / "recaptures").rglob("*.json")
    path.chmod(0o644)
    path.write_text("{}")
    with pytest.raises(VaultError, match=r"已损坏.*001\.json"):
        recaptures(vault, "L0123456789ab")
    with pytest.raises(VaultError, match="不合规则"):
        recaptures(vault, "../../etc")


def test_one_officer_is_too_few() -> None:
    with pytest.raises(ValidationError):
        record(officers=("甲",))
