"""A lead's page: both pictures, the capture verified, what a packet lacks, what may be done."""

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.recapture import Recapture, keep
from evidence.vault import Vault
from leads.model import Listing, Seller, Verdict
from leads.store import open_store

pytestmark = pytest.mark.usefixtures("bank")


def test_both_pictures_stand_side_by_side_with_what_matches(proven: str, officer: Any) -> None:
    page = officer.get(f"/leads/{proven}")
    assert 'src="/references/photos/brand-x/studio.jpg"' in page
    assert 'viewBox="0 0 400 300"' in page
    assert page.count('points="10,10 200,10 200,150 10,150 "') == 3
    assert "对应点 57 个" in page
    for path in ("/references/photos/brand-x/studio.jpg", _picture(page)):
        answer = officer.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"


def _picture(page: str) -> str:
    start = page.index("/pictures/")
    return page[start : page.index('"', start)]


@pytest.mark.parametrize(
    "source",
    ["../secret.jpg", "photos/../../secret.jpg", "photos/brand-x/..%2f..%2f..%2fsecret.jpg",
     "photos//studio.jpg", "allowed/brand-x/studio.jpg", "photos/brand-x/", "photos/*/*"],
)  # fmt: skip
def test_only_pictures_of_the_bank_are_references(officer: Any, source: str) -> None:
    assert officer.status(f"/references/{source}") == 404


def test_the_capture_is_verified_while_one_looks(proven: str, officer: Any) -> None:
    page = officer.get(f"/leads/{proven}")
    assert "刚刚核验，与采集时逐字节相同" in page
    assert "203.0.113.7" in page
    for blob in (officer.place.vault / "blobs").glob("*/*"):
        blob.chmod(0o600)
        blob.write_bytes(b"x" * blob.stat().st_size)
    assert "证据文件已损坏" in officer.get(f"/leads/{proven}")


def test_prices_titles_and_the_same_picture_elsewhere_are_told(proven: str, officer: Any) -> None:
    with open_store(officer.place.store) as store:
        lead = store.get(proven).lead  # type: ignore[union-attr]
        later = datetime.now(UTC) + timedelta(days=1)
        again = {"title": "康帅傅 新装", "captured_at": later}
        store.see(lead.listing.model_copy(update=again))
        other = Listing(site="jd", ref="77", title="另一处", seller=Seller(name="丁店"),
                        pictures=lead.listing.pictures, captured_at=later)  # fmt: skip
        store.see(other)
    page = officer.get(f"/leads/{proven}")
    assert "改标题：康帅傅 红烧牛肉面 12袋 → 康帅傅 新装" in page
    assert "同一图片还出现在" in page
    assert "另一处" in page


def test_other_leads_of_the_seller_lead_to_its_page(proven: str, officer: Any) -> None:
    page = officer.get(f"/leads/{proven}")
    assert "康师付 酸菜面" in page
    assert "/seller?key=jd%3As1" in page


def test_recaptures_and_the_command_for_one_are_shown(proven: str, officer: Any) -> None:
    assert f"markwatch recapture {proven} --officers" in officer.get(f"/leads/{proven}")
    now = datetime.now(UTC)
    done = Recapture(
        lead=proven,
        began=now,
        ended=now,
        officers=("张三", "李四"),
        url="https://shop.example/1",
        verdict=Verdict.OK,
        session="0" * 64,
        steps=("打开网页",),
        changes=("标题：改了",),
    )
    keep(Vault(officer.place.vault), done)
    page = officer.get(f"/leads/{proven}")
    assert "张三、李四" in page
    assert "标题：改了" in page


def test_who_excludes_a_lead_is_led_to_an_exclusion_that_would_have_spared_it(
    officer: Any,
) -> None:
    (lead, *_) = officer.ids("店铺:甲店")
    assert "可提出的排除" not in officer.get(f"/leads/{lead}")
    officer.judge([lead], code="授权使用")
    page = officer.get(f"/leads/{lead}")
    assert "该店铺涉及“康师傅”的命中不再列为线索" in page
    link = page[page.index("/matchers?scope=seller") :].partition('"')[0]
    filled = officer.get(link.partition("#")[0].replace("&amp;", "&"))
    assert 'value="jd:s1"' in filled
    assert "<option selected>授权使用</option>" in filled


# ---------------------------------------------------------------------------- packets


def test_the_gate_tells_what_a_packet_lacks_and_shows_its_proofs(proven: str, officer: Any) -> None:
    page = officer.get(f"/leads/{proven}/packet", to="140100")
    assert "《案件交办通知书》还缺" in page
    assert "两名承办人员" in page
    assert "E001" in page
    assert "E002" in page
    said = {"to": "140100", "first": "张三", "second": "李四", "number": "〔2026〕1号"}
    checked = officer.send(f"/leads/{proven}/packet", do="check", **said).text
    assert "两名承办人员" not in checked
    assert "<li>文号</li>" not in checked
    assert 'value="〔2026〕1号"' in checked


def test_a_packet_is_made_and_verified_and_fetched(proven: str, officer: Any) -> None:
    told = officer.told(f"/leads/{proven}/packet", to="140100", do="make", draft="1")
    assert "核验完好" in told
    (file,) = Path(officer.place.packets).glob("*.zip")
    answer = officer.client.get(f"/packets/{file.name}")
    assert answer.content == file.read_bytes()
    assert zipfile.is_zipfile(file)
    assert "草稿" not in told


def test_without_a_capture_there_is_no_packet_and_the_reason_is_told(officer: Any) -> None:
    lead = officer.ids("康师付")[0]
    assert "证据不完整" in officer.get(f"/leads/{lead}/packet")
    assert "证据不完整" in officer.told(f"/leads/{lead}/packet", to="140100", do="make")


@pytest.mark.parametrize("given", [{"to": "火星"}, {"to": "140100", "day": "昨天"}])
def test_a_packet_for_nobody_or_of_no_day_is_refused(
    proven: str, officer: Any, given: dict[str, str]
) -> None:
    assert officer.send(f"/leads/{proven}/packet", do="check", **given).status_code == 400
    told = officer.told(f"/leads/{proven}/packet", do="make", **given)
    assert "收件单位" in told or "不是日期" in told


def test_a_captured_page_is_sent_as_bytes_never_as_a_page(proven: str, officer: Any) -> None:
    answer = officer.client.get(f"/leads/{proven}/evidence/E001")
    assert b"<script>" in answer.content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{proven}-E001-page.bin"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert officer.status(f"/leads/{proven}/evidence/E999") == 404
