"""Verification: whatever was changed in a packet is found and named, and nothing ever raises."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.sealing import Sealing
from evidence.verify import Problem, Trust, examine, verify
from leads.model import lead_id

Write = Callable[..., Path]
Files = dict[str, bytes]
Change = Callable[[Files], Files]

LEAD = f"data/leads/{lead_id('shop', '1', 'gi-vinegar')}"
MANIFEST, SEALED, STATUS = "manifest-sha256.txt", "tagmanifest-sha256.txt", "stamp-status.json"
PAGE, RECORD = "data/evidence/E001/page.bin", "data/evidence/E001/capture.json"
PICTURE, CHAIN = "data/evidence/E002/picture.png", "data/custody/chain.json"
TAGS = ("bag-info.txt", "bagit.txt", MANIFEST, "manifest-sm3.txt")


@pytest.fixture
def packet(write: Write) -> Path:
    return write()


def files_of(packet: Path) -> Files:
    """Return the files of a packet by name, without its folder."""
    with zipfile.ZipFile(packet) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def zipped(files: Files, method: int = zipfile.ZIP_STORED, base: str = "b/") -> bytes:
    """Return a zip file of the packet's own form, but in any order and by any method."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as packed:
        for name, body in files.items():
            entry = zipfile.ZipInfo(base + name)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            entry.compress_type = method
            packed.writestr(entry, body)
    return buffer.getvalue()


def manifest(files: Files, algorithm: str) -> bytes:
    lines = [f"{hashlib.new(algorithm, files[n]).hexdigest()}  {n}\n" for n in sorted(files)]
    return "".join(lines).encode()


def listed(files: Files) -> Files:
    """Return the files with manifests that fit them, made anew as an attacker would."""
    payload = {name: body for name, body in files.items() if name.startswith("data/")}
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n"
    info = files["bag-info.txt"].decode().partition("Payload-Oxum")[0] + oxum
    tags = {
        "bag-info.txt": info.encode(),
        "bagit.txt": files["bagit.txt"],
        MANIFEST: manifest(payload, "sha256"),
        "manifest-sm3.txt": manifest(payload, "sm3"),
    }
    lists = {f"tagmanifest-{name}.txt": manifest(tags, name) for name in ("sha256", "sm3")}
    whole = {**files, **tags, **lists}
    return {name: whole[name] for name in sorted(whole)}


def restated(files: Files) -> Files:
    """Return the files with a status that fits what stands beside the manifests."""
    status = json.loads(files[STATUS])
    beside = {n for n in files if "/" not in n} - {*TAGS, SEALED, "tagmanifest-sm3.txt", STATUS}
    status["files"] = {name: hashlib.sha256(files[name]).hexdigest() for name in beside}
    del status["digest"]
    form: Any = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
    status["digest"] = hashlib.sha256(json.dumps(status, **form).encode()).hexdigest()
    return {**files, STATUS: json.dumps(status, **form).encode() + b"\n"}


def verify_bytes(packet: Path, body: bytes) -> list[Problem]:
    packet.write_bytes(body)
    return verify(packet)


def owners(packet: Path) -> list[str | None]:
    """Return for every byte whose content or local header it belongs to; None for the directory."""
    owned: list[str | None] = [None] * packet.stat().st_size
    with zipfile.ZipFile(packet) as packed:
        for entry in packed.infolist():
            head = 30 + len(entry.filename.encode())
            for at in range(entry.header_offset, entry.header_offset + head + entry.file_size):
                owned[at] = entry.filename.partition("/")[2]
    return owned


def test_a_whole_packet_has_no_problem(packet: Path) -> None:
    assert verify(packet) == []
    base = packet.stem + "/"
    assert zipped(files_of(packet), base=base) == packet.read_bytes()


def test_flipped_bytes_are_found_and_their_file_named(packet: Path) -> None:
    whole = packet.read_bytes()
    owned = owners(packet)
    edges = {at for at in range(1, len(owned)) if owned[at] != owned[at - 1]}
    near = {at + step for at in edges for step in range(-3, 40)} | set(range(0, len(owned), 97))
    with packet.open("r+b", buffering=0) as file:
        for at in sorted(near & set(range(len(owned)))):
            os.pwrite(file.fileno(), bytes([whole[at] ^ (1 << at % 8)]), at)
            problems = verify(packet)
            os.pwrite(file.fileno(), whole[at : at + 1], at)
            assert problems, f"byte {at} of {owned[at]}"
            if owned[at]:
                assert owned[at] in {problem.file for problem in problems}, f"byte {at}"
    assert verify(packet) == []


def without(name: str) -> Change:
    return lambda files: {key: body for key, body in files.items() if key != name}


def with_file(name: str, body: bytes = b"x") -> Change:
    return lambda files: dict(sorted({**files, name: body}.items()))


def changed(name: str, old: bytes, new: bytes) -> Change:
    def change(files: Files) -> Files:
        assert old in files[name]
        return {**files, name: files[name].replace(old, new, 1)}

    return change


def flipped(name: str) -> Change:
    def change(files: Files) -> Files:
        body = files[name]
        return {**files, name: body[:-5] + bytes([body[-5] ^ 1]) + body[-4:]}

    return change


def emptied(files: Files) -> Files:
    return {}


def log_of(files: Files) -> str:
    return next(name for name in files if name.endswith(".jsonl"))


def without_last_line(files: Files) -> Files:
    *lines, _, _ = files[log_of(files)].split(b"\n")
    return {**files, log_of(files): b"".join(line + b"\n" for line in lines)}


def with_a_shorter_chain(files: Files) -> Files:
    """Remove the last line and make chain.json fit."""
    files = without_last_line(files)
    last = json.loads(files[log_of(files)].splitlines()[-1])
    chain = json.loads(files[CHAIN])
    chain["days"][-1] |= {"last": last["line"], "head": last["link"]}
    return {**files, CHAIN: json.dumps(chain).encode()}


def changed_line(files: Files) -> Files:
    return changed(log_of(files), b'"how":"http"', b'"how":"file"')(files)


def resaved(change: Change) -> Change:
    """Change files, and make every manifest anew so that it fits."""
    return lambda files: listed(change(files))


# ------------------------------------------------------------------ what must be found

OF_OTHER = "stamp and signature of another packet"
FOUND: list[tuple[str, Change, str, str]] = [
    ("flipped byte: page", flipped(PAGE), PAGE, "manifest-sha256.txt 中的哈希值不符"),
    ("flipped byte: picture", flipped(PICTURE), PICTURE, "manifest-sha256.txt 中的哈希值不符"),
    ("flipped byte: WARC", flipped("data/evidence/E001/exchange.warc"),
     "data/evidence/E001/exchange.warc", "哈希值不符"),
    ("flipped byte: record", flipped(RECORD), RECORD, "哈希值不符"),
    ("flipped byte: lead", flipped(f"{LEAD}/lead.json"), f"{LEAD}/lead.json", "哈希值不符"),
    ("flipped byte: summary", flipped(f"{LEAD}/线索摘要.html"), f"{LEAD}/线索摘要.html", "不符"),
    ("flipped byte: paper", flipped("data/01_移送函.pdf"), "data/01_移送函.pdf", "不符"),
    ("flipped byte: manifest", flipped(MANIFEST), MANIFEST, "tagmanifest-sha256.txt 中的"),
    ("flipped byte: SM3 manifest", flipped("manifest-sm3.txt"), "manifest-sm3.txt", "不符"),
    ("flipped byte: tag manifest", flipped(SEALED), f"{SEALED}.p7s", "签名不是对本文件所作"),
    ("flipped byte: signature", flipped(f"{SEALED}.p7s"), f"{SEALED}.p7s", "不符"),
    ("flipped byte: stamp", flipped(f"{SEALED}.tsr"), f"{SEALED}.tsr", "不符"),
    ("flipped byte: instructions", flipped("核验说明.txt"), "核验说明.txt", "不符"),
    ("flipped byte: certificate", flipped("signer.pem"), "signer.pem", "不符"),
    ("flipped byte: status", flipped(STATUS), STATUS, "内容已改动"),
    ("removed file", without(PICTURE), PICTURE, "清单中有，证据包中缺少"),
    ("added file", with_file("data/evidence/E003/picture.png"),
     "data/evidence/E003/picture.png", "多出的文件"),
    ("removed last line", without_last_line, "LOG", "manifest-sha256.txt 中的哈希值不符"),
    ("removed last line, re-saved", resaved(without_last_line), "LOG", "保管链末端缺失"),
    ("shorter chain, re-saved", resaved(with_a_shorter_chain), CHAIN, "与 bag-info.txt 所载不符"),
    ("changed line, re-saved", resaved(changed_line), "LOG", "第 1 行已改动"),
    ("re-saved manifest", resaved(flipped(f"{LEAD}/线索摘要.html")), f"{SEALED}.tsr",
     "时间戳不是盖在本文件上的"),
    ("re-saved manifest", resaved(flipped(f"{LEAD}/线索摘要.html")), f"{SEALED}.p7s",
     "签名不是对本文件所作"),
    (OF_OTHER, dict, f"{SEALED}.tsr", "时间戳不是盖在本文件上的"),
    (OF_OTHER, dict, f"{SEALED}.p7s", "签名不是对本文件所作"),
]  # fmt: skip


@pytest.fixture
def sealed(write: Write, sealing: Sealing) -> Path:
    return write(sealing=sealing, papers={"01_移送函.pdf": b"%PDF-1.7 ..."})


@pytest.mark.parametrize("case", range(len(FOUND)), ids=[row[0] for row in FOUND])
def test_every_kind_of_change_is_found_by_name(
    sealed: Path, write: Write, sealing: Sealing, case: int
) -> None:
    kind, change, file, reason = FOUND[case]
    assert examine(sealed, Trust(sealed=True)).problems == []
    files = files_of(sealed)
    if kind == OF_OTHER:
        other = files_of(write("other", sealing=sealing))
        seals = {name: other[name] for name in (f"{SEALED}.p7s", f"{SEALED}.tsr")}
        files = restated({**files, **seals})
    problems = verify_bytes(sealed, zipped(change(files)))
    file = log_of(files) if file == "LOG" else file
    assert [p for p in problems if p.file == file and reason in p.reason], problems
    assert len({problem.file for problem in problems}) == len(problems)


def test_stripped_seals_are_told_and_refused_where_seals_are_demanded(
    sealed: Path, packet: Path
) -> None:
    assert examine(packet).seals == ["没有时间戳", "没有签名"]
    problems = examine(packet, Trust(sealed=True)).problems
    assert [p.file for p in problems] == [f"{SEALED}.tsr", f"{SEALED}.p7s"]


def test_the_seals_of_a_stranger_are_refused_where_a_certificate_is_given(
    sealed: Path, made_authority: Any, signer: Any
) -> None:
    root = (made_authority.folder / "ca.pem").read_bytes()
    unit = signer.certificate.read_bytes()
    assert examine(sealed, Trust(root, unit, sealed=True)).problems == []
    stamps, signs = examine(sealed, Trust(unit, root, sealed=True)).problems
    assert (stamps.file, signs.file) == (f"{SEALED}.tsr", f"{SEALED}.p7s")
    assert "不受信任" in stamps.reason
    assert "不受信任" in signs.reason


# ------------------------------------------------------------------ every odd packet

RE_ZIPPED: list[tuple[Change, str, str]] = [
    (emptied, MANIFEST, "缺少此文件"),
    (without(PAGE), PAGE, "清单中有，证据包中缺少"),
    (without(f"{LEAD}/right.json"), f"{LEAD}/right.json", "清单中有，证据包中缺少"),
    (without(MANIFEST), MANIFEST, "缺少此文件"),
    (with_file("evil.exe"), "evil.exe", "多出的文件，名称不在规定之列"),
    (with_file("data/evil.exe"), "data/evil.exe", "多出的文件，名称不在规定之列"),
    (with_file("data/recipient.json/x"), "data/recipient.json/x", "多出的文件"),
    (with_file("../../evil"), "../../evil", "多出的文件"),
    (with_file("/etc/cron.d/evil"), "/etc/cron.d/evil", "多出的文件"),
    (with_file("C:\\evil.txt"), "C:\\evil.txt", "多出的文件"),
    (with_file("a\u202eb"), "a\\u202eb", "多出的文件"),
    (with_file("x" * 200), "x" * 120 + "…", "多出的文件"),
    (changed(PAGE, b"19.90", b"29.90"), PAGE, "内容已改动，与 manifest-sha256.txt"),
    (lambda files: {**files, MANIFEST: b"0" * 64 + files[MANIFEST][64:]}, MANIFEST, "内容已改动"),
    (changed("bagit.txt", b"1.0", b"0.9"), "bagit.txt", "内容已改动"),
    (changed("tagmanifest-sm3.txt", b"  bag", b" *bag"), "tagmanifest-sm3.txt", "行格式不符"),
    (changed("tagmanifest-sm3.txt", b"bag", b"\xff"), "tagmanifest-sm3.txt", "不是 UTF-8"),
    (lambda files: {**files, SEALED: files[SEALED] * 2}, SEALED, "重复"),
    (lambda files: {**files, SEALED: files[SEALED][:-1]}, SEALED, "最后一行不完整"),
    (lambda files: {**files, SEALED: b"\n" * 5000}, SEALED, "第 1 行格式不符"),
    (lambda files: dict(reversed(files.items())), "packet", "未按名称排序"),
]

RE_LISTED: list[tuple[Change, str, str]] = [
    (without(PAGE), PAGE, "采集记录中有，证据包中缺少"),
    (without(RECORD), PAGE, "缺少采集记录"),
    (without(RECORD), f"{LEAD}/lead.json", "没有该商品的采集记录"),
    (without(f"{LEAD}/lead.json"), "data/leads", "没有线索"),
    (with_file("data/evidence/E002/picture.jpg"), "data/evidence/E002/picture.jpg", "多出的文件"),
    (with_file("data/readme.txt"), "data/readme.txt", "名称不在规定之列"),
    (changed(PAGE, b"19.90", b"29.90"), PAGE, "与采集记录中的哈希值或大小不符"),
    (changed(PAGE, b"19.90", b"9.90"), PAGE, "与采集记录中的哈希值或大小不符"),
    (changed(RECORD, b'"id":"2', b'"id":"3'), RECORD, "保管链中没有此次采集"),
    (changed(RECORD, b'"sm3":"', b'"sm3":"0'), RECORD, "不符"),
    (changed(RECORD, b'"path":"page.bin"', b'"path":"../page"'), PAGE, "采集记录中没有"),
    (changed(f"{LEAD}/lead.json", b'"id":"L', b'"id":"M'), f"{LEAD}/lead.json", "线索编号不符"),
    (changed(f"{LEAD}/lead.json", b"{", b"["), f"{LEAD}/lead.json", "不是有效的 JSON"),
    (with_file(f"{LEAD}/lead.json", b"[" * 200_000), f"{LEAD}/lead.json", "不是有效的 JSON"),
    (with_file(f"{LEAD}/lead.json", b"9" * 10_000), f"{LEAD}/lead.json", "不是有效的 JSON"),
    (with_file(RECORD, b"null"), RECORD, "不是有效的 JSON"),
    (with_file(RECORD, b"{}"), RECORD, "采集记录不完整"),
    (with_file(RECORD, b'{"capture":{},"files":[1]}'), RECORD, "采集记录不完整"),
    (with_file(CHAIN, b'{"days":[]}'), RECORD, "保管链中没有"),
    (with_file(CHAIN, b'{"days":[{"day":"2026-11-22"}]}'), CHAIN, "格式不符"),
    (with_file(CHAIN, b'{"days":[{"day":1,"first":"x"}]}'), CHAIN, "格式不符"),
    (lambda files: {**files, log_of(files): b'{"line":"1"}\n'}, "LOG", "第 1 行已改动"),
    (lambda files: {**files, log_of(files): b"{}"}, "LOG", "最后一行不完整"),
    (with_file(STATUS, b"{}"), STATUS, "内容已改动"),
    (with_file(STATUS, b'{"files":[],"stamp":3}'), "核验说明.txt", "stamp-status.json 中没有"),
]


@pytest.mark.parametrize("case", range(len(RE_ZIPPED)))
def test_a_change_of_the_files_is_named(packet: Path, case: int) -> None:
    change, file, reason = RE_ZIPPED[case]
    problems = verify_bytes(packet, zipped(change(files_of(packet))))
    file = packet.name if file == "packet" else file
    assert [p for p in problems if p.file == file and reason in p.reason], problems


@pytest.mark.parametrize("case", range(len(RE_LISTED)))
def test_a_change_is_named_even_where_the_manifest_was_made_to_fit(packet: Path, case: int) -> None:
    change, file, reason = RE_LISTED[case]
    files = files_of(packet)
    problems = verify_bytes(packet, zipped(listed(change(files))))
    file = log_of(files) if file == "LOG" else file
    assert [p for p in problems if p.file == file and reason in p.reason], problems


def test_a_problem_list_has_an_end(packet: Path) -> None:
    files = {**files_of(packet), **{f"x{number}": b"" for number in range(2000)}}
    assert len(verify_bytes(packet, zipped(dict(sorted(files.items()))))) == 1000


def test_a_packet_that_was_compressed_again_is_refused(packet: Path) -> None:
    files = files_of(packet)
    problems = verify_bytes(packet, zipped(files, zipfile.ZIP_DEFLATED))
    assert {problem.file for problem in problems} >= set(files)
    assert "重新压缩" in problems[0].reason


def test_a_bomb_is_not_unpacked(packet: Path) -> None:
    bomb = {PAGE: bytes(50 << 20)}
    problems = verify_bytes(packet, zipped(bomb, zipfile.ZIP_DEFLATED))
    assert "重新压缩" in problems[0].reason


def test_texts_that_would_fill_the_memory_are_not_read(packet: Path) -> None:
    large = {f"x{number}.json": bytes(30 << 20) for number in range(9)}
    (problem,) = verify_bytes(packet, zipped(large))
    assert problem == Problem(packet.name, "其中的文本文件过大")


def test_files_that_overlap_are_not_read_twice(packet: Path) -> None:
    whole = packet.read_bytes()
    start = struct.unpack("<L", whole[-6:-2])[0]
    rows = whole[start:-22]
    second = rows.index(b"PK\x01\x02", 4)
    first_twice = rows[:second] * 3
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(first_twice), start, 0)
    problems = verify_bytes(packet, whole[:start] + first_twice + end)
    assert [p for p in problems if p.file == "bag-info.txt" and "位置或长度" in p.reason]


def test_a_name_that_comes_twice_is_told(packet: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed, pytest.warns(UserWarning, match="Duplicate"):
        for body in (b"x", b"y"):
            entry = zipfile.ZipInfo("b/bagit.txt")
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, body)
    problems = verify_bytes(packet, buffer.getvalue())
    assert [p for p in problems if p.file == "bagit.txt" and "多次" in p.reason]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: b"",
        lambda body: b"PK\x05\x06",
        lambda body: b"no zip at all" * 100,
        lambda body: b"PK\x05\x06" + bytes(18),
        lambda body: b"PK\x05\x06" + b"\xff" * 16 + bytes(2),
        lambda body: body[:-1],
        lambda body: body[: len(body) // 2],
        lambda body: body[1:],
        lambda body: body + b"\x00",
        lambda body: b"MZ" + body,
        lambda body: body + body,
        lambda body: body[:-2] + b"\x04\x00note",
    ],
)
def test_a_broken_container_is_named(packet: Path, spoil: Callable[[bytes], bytes]) -> None:
    problems = verify_bytes(packet, spoil(packet.read_bytes()))
    assert problems
    assert packet.name in {problem.file for problem in problems} or MANIFEST in str(problems)


def test_bytes_before_the_first_file_are_found_when_the_directory_was_made_to_fit(
    packet: Path,
) -> None:
    buffer = io.BytesIO(b"MZ: a program")
    buffer.seek(0, 2)
    with zipfile.ZipFile(buffer, "a") as packed:
        packed.writestr(zipfile.ZipInfo("lead.json"), b"{}")
    (problem,) = verify_bytes(packet, buffer.getvalue())
    assert problem == Problem(packet.name, "第一个文件之前有多余内容，或目录已改动")


def test_what_is_no_readable_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.zip", tmp_path):
        (problem,) = verify(path)
        assert problem.file == path.name
        assert "无法读取" in problem.reason


@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.randoms(use_true_random=False))
def test_no_damage_whatever_raises_or_passes(packet: Path, chance: random.Random) -> None:
    whole = packet.with_suffix(".whole")
    if not whole.exists():
        shutil.copy(packet, whole)
    body = bytearray(whole.read_bytes())
    for _ in range(chance.randint(1, 5)):
        at, length = chance.randrange(len(body)), chance.choice([0, 1, 4, 100])
        body[at : at + length] = chance.randbytes(chance.choice([0, 1, 4, 100]))
    problems = verify_bytes(packet, bytes(body))
    assert bool(problems) == (bytes(body) != whole.read_bytes())
    json.dumps([str(problem) for problem in problems])
