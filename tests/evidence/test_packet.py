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

from evidence.exhibit import exhibits
from evidence.packet import Dossier, PacketError, write_packet
from evidence.sealing import Sealing
from evidence.vault import Vault, VaultError
from evidence.verify import verify
from leads.model import Lead, Listing, Picture, Right, Span, lead_id
from leads.recipients import Recipient, RecipientKind

Write = Callable[..., Path]

LEAD = lead_id("shop", "1", "gi-vinegar")
FILES = [
    "bag-info.txt",
    "bagit.txt",
    "data/custody/DAY.jsonl",
    "data/custody/chain.json",
    "data/evidence/E001/capture.json",
    "data/evidence/E001/exchange.warc",
    "data/evidence/E001/page.bin",
    "data/evidence/E002/capture.json",
    "data/evidence/E002/picture.png",
    f"data/leads/{LEAD}/judgements.json",
    f"data/leads/{LEAD}/lead.json",
    f"data/leads/{LEAD}/right.json",
    f"data/leads/{LEAD}/线索摘要.html",
    "data/recipient.json",
    "manifest-sha256.txt",
    "manifest-sm3.txt",
    "stamp-status.json",
    "tagmanifest-sha256.txt",
    "tagmanifest-sm3.txt",
    "核验说明.txt",
]
PLATFORM = Recipient(id="shop", kind=RecipientKind.PLATFORM, name="某平台")


def content(packet: Path) -> dict[str, bytes]:
    """Return the files of a packet by name, without its folder; days are all called DAY."""
    with zipfile.ZipFile(packet) as packed:
        assert packed.testzip() is None
        names = [name.partition("/")[2] for name in packed.namelist()]
        days = [re.sub(r"\d{4}-\d\d-\d\d\.", "DAY.", name) for name in names]
        return dict(zip(days, map(packed.read, packed.namelist()), strict=True))


def page(packet: Path) -> str:
    return content(packet)[f"data/leads/{LEAD}/线索摘要.html"].decode()


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
    assert Lead.model_validate_json(files[f"data/leads/{LEAD}/lead.json"]) == lead
    assert files["data/evidence/E001/page.bin"] == vault.bytes(
        vault.record(lead.listing.capture or "")
    )
    described = json.loads(files["data/evidence/E002/capture.json"])
    digest = hashlib.sha256(files["data/evidence/E002/picture.png"]).hexdigest()
    assert described["capture"]["sha256"] == described["files"][0]["sha256"] == digest
    assert verify(packet) == []


def test_a_capture_is_told_with_all_that_went_over_the_wire(write: Write) -> None:
    described = json.loads(content(write())["data/evidence/E001/capture.json"])
    exchange, session = described["capture"]["exchange"], described["session"]
    assert exchange["requested"] == "http://shop.test/1"
    assert exchange["redirects"] == [[302, "http://shop.test/1"]]
    assert session["clock"]["offset"] == 0.01
    assert session["environment"] == [["python", "3.11"]]
    assert {file["role"] for file in described["files"]} == {"page", "warc"}


def test_one_who_is_no_authority_gets_goods_papers_and_digests_but_no_persons(
    write: Write, lead: Lead
) -> None:
    packet = write(to=PLATFORM, papers={"01_通知.docx": b"PK"})
    files = content(packet)
    assert verify(packet) == []
    assert "data/01_通知.docx" in files
    assert "data/evidence/E002/picture.png" in files
    withheld = {"page.bin", "exchange.warc", "lead.json", "judgements.json", "线索摘要.html"}
    assert not withheld & {name.rpartition("/")[2] for name in files}
    described = json.loads(files["data/evidence/E001/capture.json"])
    assert [file["withheld"] for file in described["files"]] == [True, True]
    whole = b"".join(files.values()).decode(errors="replace")
    seller = lead.listing.seller
    assert seller and seller.company and seller.company not in whole


@pytest.mark.parametrize("name", ["../x.docx", "01_x.exe", "x.docx", "01_a/b.pdf", "01_\0.pdf"])
def test_papers_are_named_by_their_role_only(write: Write, name: str) -> None:
    with pytest.raises(PacketError, match="文书名称不合规则"):
        write(papers={name: b""})


def test_several_leads_make_one_packet(lead: Lead, vault: Vault, tmp_path: Path) -> None:
    other = lead.model_copy(update={"id": "L000000000000"})
    dossier = Dossier([lead, other], PLATFORM, exhibits([lead, other], vault))
    made = write_packet(dossier, vault=vault, folder=tmp_path).path
    assert made.name == f"证据包-shop-{LEAD}-等2条.zip"
    assert verify(made) == []
    assert "data/evidence/E004/picture.png" in content(made)


# ------------------------------------------------------------------ read with others' tools


@pytest.fixture
def unpacked(write: Write, sealing: Sealing, tmp_path: Path) -> Path:
    shutil.unpack_archive(write(sealing=sealing), tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    return folder


def accepts(folder: Path, *command: str) -> bool:
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


SEALED = "tagmanifest-sha256.txt"
PYTHON = Path(sys.executable).parent
TOOLS: dict[str, tuple[str, ...]] = {
    "manifest": ("sha256sum", "--strict", "-c", "manifest-sha256.txt"),
    "tag manifest": ("sha256sum", "--strict", "-c", SEALED),
    "bag": (sys.executable, str(PYTHON / "bagit.py"), "--validate", "."),
    "warc": (str(PYTHON / "warcio"), "check", "data/evidence/E001/exchange.warc"),
    "stamp": (
        "openssl", "ts", "-verify", "-data", SEALED, "-in", f"{SEALED}.tsr",
        "-CAfile", "authority.pem",
    ),
    "query": (
        "openssl", "ts", "-verify", "-queryfile", f"{SEALED}.tsq", "-in", f"{SEALED}.tsr",
        "-CAfile", "authority.pem",
    ),
    "signature": (
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{SEALED}.p7s",
        "-content", SEALED, "-CAfile", "signer.pem", "-partial_chain", "-purpose", "any",
        "-out", "/dev/null",
    ),
}  # fmt: skip
SPOILT = {
    "manifest": "data/evidence/E002/picture.png",
    "tag manifest": "manifest-sm3.txt",
    "bag": "data/evidence/E002/picture.png",
    "warc": "data/evidence/E001/exchange.warc",
    "stamp": SEALED,
    "query": f"{SEALED}.tsq",
    "signature": SEALED,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_others_tools_accept_what_was_written_and_find_a_change(unpacked: Path, tool: str) -> None:
    assert accepts(unpacked, *TOOLS[tool])
    path = unpacked / SPOILT[tool]
    body = path.read_bytes()
    path.write_bytes(body[:-30] + bytes([body[-30] ^ 1]) + body[-29:])
    assert not accepts(unpacked, *TOOLS[tool])


def test_the_words_of_the_instructions_are_those_commands(unpacked: Path) -> None:
    text = (unpacked / "核验说明.txt").read_bytes().decode("utf-8-sig")
    lines = text.replace("\r\n", "\n").replace("\\\n", " ").splitlines()
    commands = [line.split() for line in lines if line.strip().startswith(("sha256sum", "openssl"))]
    assert len(commands) == 4
    for command in commands:
        assert accepts(unpacked, *command), command


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
    for number in ("E001", "E002"):
        record = json.loads(files[f"data/evidence/{number}/capture.json"])["capture"]
        assert record["sha256"] in text
        assert record["sm3"] in text


def test_a_right_no_longer_watched_does_not_stop_the_packet(write: Write) -> None:
    packet = write(of=None)
    assert list(content(packet)) == [name for name in FILES if "right" not in name]
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
    with pytest.raises((VaultError, PacketError), match=reason):
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
    with pytest.raises((VaultError, PacketError), match=reason):
        write(listing=lead.listing.model_copy(update=fields))


def test_an_id_that_is_no_lead_id_never_becomes_a_file_name(write: Write) -> None:
    with pytest.raises((VaultError, PacketError), match="线索编号不合规则"):
        write(id="../../L0123456789ab")


def test_a_packet_that_cannot_be_written_is_named(write: Write, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PacketError, match=r"无法写入.*file"):
        write("file")


FULL = """
import pickle, resource, signal, sys
from evidence.packet import PacketError, write_packet
from evidence.vault import Vault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
dossier, vault, folder, limit = pickle.load(sys.stdin.buffer)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    write_packet(dossier, vault=Vault(vault), folder=folder)
except PacketError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [4000, 20_000])
def test_a_disk_that_fills_up_leaves_no_half_packet(
    lead: Lead, vault: Vault, tmp_path: Path, limit: int
) -> None:
    dossier = Dossier([lead], PLATFORM, exhibits([lead], vault), papers={"01_x.pdf": bytes(20_000)})
    done = subprocess.run(
        [sys.executable, "-c", FULL],
        input=pickle.dumps((dossier, vault.root, tmp_path / "full", limit)),
        capture_output=True,
        check=True,
    )
    assert "无法写入" in done.stdout.decode()
    assert list((tmp_path / "full").iterdir()) == []
