"""Fairs and campaigns: whom to look at first, quick entry from a phone, figures and report."""

import io
import struct
import zipfile
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leads.fair import Fair
from leads.model import Listing, Seller
from leads.registry import Registry
from leads.store import open_store
from matchers.engine import Engine

TODAY = date.today()
FAIR = "canton-140"


@pytest.fixture(scope="session")
def watched(watched: Registry) -> Registry:
    """The real config with one fair that is on today."""
    fair: Fair = watched.fairs[FAIR]
    on = {"first": TODAY - timedelta(days=1), "last": TODAY + timedelta(days=1)}
    return watched.model_copy(update={"fairs": {FAIR: fair.model_copy(update=on)}})


def entry(officer: Any, photo: bytes | None = None, **more: str) -> Any:
    given = {"booth": "3.1A12", "exhibitor": "太原甲商贸有限公司", "title": "康帅傅方便面",
             "by": "张三", **more}  # fmt: skip
    files = {"photo": ("手机.jpg", photo, "image/jpeg")} if photo is not None else None
    return officer.send(f"/fairs/{FAIR}/enter", files, **given)


def test_an_exhibit_entered_at_the_booth_is_matched_at_once(officer: Any) -> None:
    page = entry(officer).text
    assert "已录入：康帅傅方便面" in page
    assert "康师傅" in page
    assert 'value="3.1A12"' in page
    assert "康帅傅方便面" in officer.get(f"/fairs/{FAIR}")


def test_an_exhibitor_with_earlier_leads_heads_the_list(officer: Any, watched: Registry) -> None:
    firm = Seller(ref="s9", name="太原甲商贸有限公司", company="太原甲商贸有限公司")
    listing = Listing(site="jd", ref="9", title="康师付 酸菜面", seller=firm)
    with open_store(officer.place.store) as store:
        store.put(Engine(watched).leads(listing, datetime.now(UTC)))
    entry(officer)
    page = officer.get(f"/fairs/{FAIR}")
    assert "太原甲商贸有限公司" in page
    assert "此前线索 1 条，企业名称相同" in page
    assert "展中巡查" in officer.get("/fairs")


def test_a_photo_is_kept_as_evidence(officer: Any, jpeg: bytes) -> None:
    assert "已录入" in entry(officer, jpeg).text
    blobs = [file.read_bytes() for file in (officer.place.vault / "blobs").glob("*/*")]
    assert jpeg in blobs


def bomb() -> bytes:
    """Return a PNG of a few kilobytes that promises 900 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(3751 * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)


@pytest.mark.parametrize(
    ("photo", "told"),
    [
        (bomb(), "像素过多"),
        (b"<svg onload=alert(1)>", "不是照片"),
        (b"<script>alert(1)</script>", "不是照片"),
        (b"%PDF-1.7", "不是 JPEG"),
        (b"\xff\xd8\xff", "不能使用"),
    ],
)
def test_what_is_no_photo_or_a_bomb_is_refused_before_it_is_kept(
    officer: Any, photo: bytes, told: str
) -> None:
    answer = entry(officer, photo)
    assert answer.status_code == 303
    assert told in officer.get(f"/fairs/{FAIR}/enter")
    assert not list(officer.place.vault.glob("blobs/*/*"))
    assert "康帅傅方便面" not in officer.get(f"/fairs/{FAIR}")


def test_what_must_be_said_of_an_exhibit_is_asked_for(officer: Any) -> None:
    assert entry(officer, title=" ").headers["location"] == f"/fairs/{FAIR}/enter"
    assert "请填写" in officer.get(f"/fairs/{FAIR}/enter")


def test_a_reader_enters_nothing_and_a_city_reads_no_risks_of_others(staff: Any) -> None:
    staff.log_in("甲")
    assert entry(staff).status_code == 403
    staff.log_in("丁")
    assert "由全省账号查看" in staff.get(f"/fairs/{FAIR}")
    assert staff.status("/fairs/no-such") == 404


# ---------------------------------------------------------------------------- campaigns


def test_a_campaign_tells_its_days_and_what_it_found(officer: Any) -> None:
    assert "专项监测" in officer.get("/campaigns")
    page = officer.get("/campaigns/national-day", year="2026")
    assert "2026-" in page
    assert "主办" in page
    assert officer.status("/campaigns/no-such") == 404
    assert officer.get("/campaigns/national-day", year="../../etc")


def test_its_report_is_a_workbook_for_those_who_see_the_whole_province(staff: Any) -> None:
    staff.log_in("乙")
    answer = staff.client.get("/campaigns/national-day/report.xlsx", params={"year": "2026"})
    assert zipfile.is_zipfile(io.BytesIO(answer.content))
    assert answer.headers["content-disposition"].startswith("attachment")
    staff.log_in("丁")
    assert staff.status("/campaigns/national-day/report.xlsx", year="2026") == 403
