"""A packet: the same bytes for the same lead, complete or not at all, safe to look at."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from evidence.packet import PacketError
from evidence.vault import Vault
from evidence.verify import verify
from leads.model import Bureau, Lead, Listing, Picture, Right, Span, State
from leads.store import Standing

Write = Callable[..., Path]

FILES = [
    "evidence/E001-page.bin",
    "evidence/E001-page.json",
    "evidence/E002-picture.json",
    "evidence/E002-picture.png",
    "judgements.json",
    "lead.json",
    "listing.json",
    "manifest-sha256.txt",
    "recipient.json",
    "right.json",
    "核验说明.txt",
    "线索摘要.html",
]


def content(packet: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(packet) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def page(packet: Path) -> str:
    return content(packet)["线索摘要.html"].decode()


def spoil(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def test_two_runs_give_the_same_bytes(write: Write) -> None:
    first, second = write("a"), write("b")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_a_packet_holds_the_lead_its_evidence_and_a_manifest_of_all(
    write: Write, lead: Lead, vault: Vault
) -> None:
    packet = write()
    assert packet.name == f"证据包-140100-{lead.id}.zip"
    files = content(packet)
    assert list(files) == FILES
    assert Lead.model_validate_json(files["lead.json"]) == lead
    assert Listing.model_validate_json(files["listing.json"]) == lead.listing
    assert files["evidence/E001-page.bin"] == vault.bytes(vault.record(lead.listing.capture or ""))
    record = json.loads(files["evidence/E002-picture.json"])
    assert record["sha256"] == hashlib.sha256(files["evidence/E002-picture.png"]).hexdigest()
    assert verify(packet) == []


def test_sha256sum_accepts_the_unpacked_packet_and_finds_a_change(
    write: Write, tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    shutil.unpack_archive(write(), folder)
    command = ["sha256sum", "--strict", "-c", "manifest-sha256.txt"]
    assert subprocess.run(command, cwd=folder, capture_output=True).returncode == 0
    spoil(folder / "evidence" / "E002-picture.png")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert "evidence/E002-picture.png: FAILED" in done.stdout


def test_the_summary_says_what_where_why_and_that_it_is_no_finding(
    write: Write, lead: Lead
) -> None:
    text = page(write())
    for expected in (
        lead.id,
        "不是违法认定",
        "太原市市场监督管理局（140100）（未核对）",
        "已交办",
        "正宗<mark>某老 陈·醋</mark> 5L",
        "<mark>江苏镇江</mark>",
        "涉嫌地理标志名称与产地不符：某老陈醋",
        "所称产地“江苏镇江”疑似不在保护范围内",
        "《某法》第一条</td>",
        "《某法》第二条（未核对）</td>",
        "发货地、配送地说明：核对厂址",
        "醋坊旗舰店",
        "<th>产地</th><td>江苏镇江</td>",
        "<th>发货地</th><td>浙江杭州</td>",
        "<th>厂址</th><td>未载明</td>",
        "企业住所在太原",
        "证据充分",
        "2026-11-22 09:30:00（北京时间）",
        "某协会",
        "1234567",
        "203.0.113.7",
        "https://item.shop.test/1.lost.png",
    ):
        assert expected in text
    files = content(write())
    for name in ("evidence/E001-page.json", "evidence/E002-picture.json"):
        record = json.loads(files[name])
        assert record["sha256"] in text
        assert record["sm3"] in text


def test_a_right_no_longer_watched_does_not_stop_the_packet(write: Write) -> None:
    packet = write(of=None)
    assert list(content(packet)) == [name for name in FILES if name != "right.json"]
    assert "该权利已不在监测名录中" in page(packet)
    assert verify(packet) == []


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({}, "未载明，请核对"),
        ({"valid_from": "2020-01-01"}, "2020-01-01 至 未载明（2026-11-22 在所载有效期内）"),
        ({"valid_to": "2026-11-21"}, "未载明 至 2026-11-21（2026-11-22 不在所载有效期内，请核对）"),
    ],
)
def test_the_summary_says_of_a_right_only_what_is_known(
    write: Write, right: Right, dates: dict[str, str], said: str
) -> None:
    text = page(write(of=Right.model_validate({**dict(right), **dates})))
    assert f"<th>有效期</th><td>{said}</td>" in text


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202e反转\u2066隐\u200b藏\ufeff",
    "a\x00b\x1b[31m\r\n",
    "../../etc/passwd",
    "CON.json\\..\\x",
    "醋" * 100,
    "</mark></title></table>&lt;",
    "e" + "\u0301" * 300,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text_and_names_no_file(write: Write, lead: Lead, text: str) -> None:
    fields: dict[str, Any] = {
        "title": text,
        "ref": text,
        "site": text,
        "origin": text,
        "attributes": ((text, text),),
        "url": text,
    }
    seller = {"name": text, "ref": text, "url": text, "company": text}
    hit = lead.hits[0].model_copy(
        update={
            "name": text,
            "reason": text,
            "spans": (
                Span(field="title", start=1, end=3, text=text),
                Span(field="attributes.0", start=0, end=9999, text=text),
                Span(field="attributes.7", start=5, end=2, text=text),
                Span(field=text, start=0, end=1, text=text),
            ),
        }
    )
    changed = Listing.model_validate({**dict(lead.listing), **fields, "seller": seller})
    packet = write(listing=changed, hits=(hit,), right_name=text)
    assert verify(packet) == []
    assert list(content(packet)) == FILES
    html = page(packet)
    assert not re.search("[\x00-\x09\x0b-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", html)
    tree = LexborHTMLParser(html)
    assert {node.tag for node in tree.css("*")} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "table"),
        *("tbody", "tr", "th", "td", "mark", "code", "ul", "li"),
    }


def test_characters_that_hide_are_spelt_out(write: Write, lead: Lead) -> None:
    listing = lead.listing.model_copy(update={"title": "某\u200b老陈醋\u202e"})
    assert "⟨U+200B⟩" in page(write(listing=listing))
    assert "⟨U+202E⟩" in page(write(listing=listing))


def test_a_picture_captured_twice_is_proven_by_the_capture_that_belongs_to_the_page(
    write: Write, lead: Lead, vault: Vault
) -> None:
    before = write("before").read_bytes()
    photo = vault.records(lead.listing.pictures[0].sha256 or "")[0]
    for url, later in ((photo.url, 1), ("https://other.test/", 0)):
        vault.keep(
            vault.bytes(photo),
            media_type="image/png",
            url=url,
            captured_at=photo.captured_at + timedelta(days=later),
            how="http",
        )
    assert write("after").read_bytes() == before


def lose_page(vault: Vault, listing: Listing) -> None:
    vault.blob(vault.record(listing.capture or "").sha256).unlink()


def spoil_page(vault: Vault, listing: Listing) -> None:
    spoil(vault.blob(vault.record(listing.capture or "").sha256))


def spoil_picture(vault: Vault, listing: Listing) -> None:
    spoil(vault.blob(listing.pictures[0].sha256 or ""))


def lose_records(vault: Vault, listing: Listing) -> None:
    for record in vault.root.rglob("*.json"):
        record.unlink()


def lose_picture_record(vault: Vault, listing: Listing) -> None:
    (record,) = vault.records(listing.pictures[0].sha256 or "")
    next(vault.root.rglob(f"{record.id}.json")).unlink()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lose_page, "文件缺失：.*blobs"),
        (spoil_page, "已损坏.*blobs"),
        (spoil_picture, "已损坏.*blobs"),
        (lose_records, "文件缺失：.*captures"),
        (lose_picture_record, "图片没有采集记录"),
    ],
)
def test_missing_or_damaged_evidence_is_named_and_no_packet_is_made(
    write: Write,
    vault: Vault,
    listing: Listing,
    tmp_path: Path,
    damage: Callable[[Vault, Listing], None],
    reason: str,
) -> None:
    damage(vault, listing)
    with pytest.raises(PacketError, match=reason):
        write()
    assert not list(tmp_path.glob("packets/*"))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"capture": None}, "没有采集记录"),
        ({"capture": "../../x"}, "不是采集编号"),
        ({"pictures": (Picture(sha256="../x"),)}, "不是 SHA-256"),
    ],
)
def test_a_listing_without_a_true_capture_makes_no_packet(
    write: Write, lead: Lead, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PacketError, match=reason):
        write(listing=lead.listing.model_copy(update=fields))


def test_an_id_that_is_no_lead_id_never_becomes_a_file_name(write: Write) -> None:
    with pytest.raises(PacketError, match="线索编号不合规则"):
        write(id="../../L0123456789ab")


def test_a_packet_that_cannot_be_written_is_named(write: Write, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PacketError, match=r"无法写入.*file"):
        write("file")


FULL = """
import pickle, resource, signal, sys
from evidence.packet import PacketError, write_packet
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
standing, wanted = pickle.load(sys.stdin.buffer)
try:
    write_packet(standing, **wanted)
except PacketError as error:
    print(error)
"""


def test_a_disk_that_fills_up_leaves_no_half_packet(
    lead: Lead, vault: Vault, tmp_path: Path
) -> None:
    wanted = {
        "right": None,
        "judgements": (),
        "bureau": Bureau(code="140100", name="太原市市场监督管理局", city="太原市"),
        "vault": vault,
        "folder": tmp_path / "full",
    }
    done = subprocess.run(
        [sys.executable, "-c", FULL],
        input=pickle.dumps((Standing(lead, State.NEW), wanted)),
        capture_output=True,
        check=True,
    )
    assert "无法写入" in done.stdout.decode()
    assert list((tmp_path / "full").iterdir()) == []
