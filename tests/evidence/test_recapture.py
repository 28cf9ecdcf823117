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
    title="某老陈醋",
    price=Price(min=Decimal("19.90"), max=Decimal("19.90")),
    attributes=(("产地", "甲县"), ("净含量", "5L")),
    seller=Seller(name="甲店", company="甲公司"),
    pictures=(Picture(sha256="a" * 64), Picture(url="lost")),
)

CHANGES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ()),
    ({"title": "陈醋"}, ("标题已改变：原为“某老陈醋”，现为“陈醋”",)),
    ({"price": None}, ("标价已不见：原为“19.90 至 19.90 CNY”",)),
    ({"brand": "乙"}, ("品牌为新增：“乙”",)),
    ({"attributes": (("产地", "乙县"),)},
     ("参数“产地”已改变：原为“甲县”，现为“乙县”", "参数“净含量”已不见：原为“5L”")),
    ({"attributes": (("净含量", "5L"), ("产地", "甲县"))}, ()),
    ({"seller": Seller(name="甲店")}, ()),  # the licence stands on a page of its own
    ({"seller": Seller(name="甲店", company="乙公司")},
     ("企业名称已改变：原为“甲公司”，现为“乙公司”",)),
    ({"seller": None}, ("店铺已不见：原为“甲店”",)),
    ({"pictures": (Picture(sha256="a" * 64),)}, ()),
    ({"pictures": (Picture(sha256="b" * 64), Picture(sha256="a" * 64))}, ("有 1 张图片为新增",)),
    ({"pictures": ()}, ("原有的 1 张图片已不见或已更换",)),
    ({"description": "长" * 500}, (f"商品描述为新增：“{'长' * 200}……”",)),
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
