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

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.verify import Problem, verify

Write = Callable[..., Path]
Files = dict[str, bytes]


@pytest.fixture
def packet(write: Write) -> Path:
    return write()


def files_of(packet: Path) -> Files:
    with zipfile.ZipFile(packet) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def zipped(files: Files, method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip file of the packet's own form, but in any order and by any method."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as packed:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            entry.compress_type = method
            packed.writestr(entry, body)
    return buffer.getvalue()


def listed(files: Files) -> Files:
    """Return the files with a manifest that fits them."""
    rest = {name: body for name, body in files.items() if name != "manifest-sha256.txt"}
    lines = [f"{hashlib.sha256(rest[name]).hexdigest()}  {name}\n" for name in sorted(rest)]
    whole = {**rest, "manifest-sha256.txt": "".join(lines).encode()}
    return {name: whole[name] for name in sorted(whole)}


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
                owned[at] = entry.filename
    return owned


def test_a_whole_packet_has_no_problem(packet: Path) -> None:
    assert verify(packet) == []
    assert zipped(files_of(packet)) == packet.read_bytes()


def test_every_flipped_byte_is_found_and_its_file_named(packet: Path) -> None:
    whole = packet.read_bytes()
    with packet.open("r+b", buffering=0) as file:
        for at, owner in enumerate(owners(packet)):
            os.pwrite(file.fileno(), bytes([whole[at] ^ (1 << at % 8)]), at)
            problems = verify(packet)
            os.pwrite(file.fileno(), whole[at : at + 1], at)
            assert problems, f"byte {at} of {owner}"
            if owner:
                assert {problem.file for problem in problems} == {owner}, f"byte {at}"
    assert verify(packet) == []


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {key: body for key, body in files.items() if key != name}


def with_file(name: str, body: bytes = b"x") -> Callable[[Files], Files]:
    return lambda files: dict(sorted({**files, name: body}.items()))


def changed(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: files[name].replace(old, new)}


def emptied(files: Files) -> Files:
    return {}


MANIFEST = "manifest-sha256.txt"
PAGE = "evidence/E001-page.bin"
RECORD = "evidence/E001-page.json"

RE_ZIPPED: list[tuple[Callable[[Files], Files], str, str]] = [
    (emptied, MANIFEST, "缺少此文件"),
    (without(PAGE), PAGE, "清单中有，证据包中缺少"),
    (without("right.json"), "right.json", "清单中有，证据包中缺少"),
    (without(MANIFEST), MANIFEST, "缺少此文件"),
    (with_file("evil.exe"), "evil.exe", "多出的文件，名称不在规定之列"),
    (with_file("evidence/E003-picture.png"), "evidence/E003-picture.png", "清单中没有"),
    (with_file("../../evil"), "../../evil", "多出的文件"),
    (with_file("/etc/cron.d/evil"), "/etc/cron.d/evil", "多出的文件"),
    (with_file("C:\\evil.txt"), "C:\\evil.txt", "多出的文件"),
    (with_file("a\u202eb"), "a\\u202eb", "多出的文件"),
    (with_file("x" * 200), "x" * 120 + "…", "多出的文件"),
    (changed(PAGE, b"19.90", b"29.90"), PAGE, "内容已改动，与清单中的哈希值不符"),
    (lambda files: {**files, MANIFEST: b"0" * 64 + files[MANIFEST][64:]}, PAGE, "内容已改动"),
    (changed(MANIFEST, b"  lead", b" *lead"), MANIFEST, "行格式不符"),
    (changed(MANIFEST, b"\n", b"\r\n"), "lead.json\\u000d", "证据包中缺少"),
    (changed(MANIFEST, b"lead", b"\xff"), MANIFEST, "不是 UTF-8"),
    (lambda files: {**files, MANIFEST: files[MANIFEST] * 2}, MANIFEST, "重复"),
    (lambda files: {**files, MANIFEST: files[MANIFEST][:-1]}, MANIFEST, "最后一行不完整"),
    (lambda files: {**files, MANIFEST: b"\n" * 5000}, MANIFEST, "第 1 行格式不符"),
    (lambda files: dict(reversed(files.items())), "packet", "未按名称排序"),
]

RE_LISTED: list[tuple[Callable[[Files], Files], str, str]] = [
    (without(PAGE), PAGE, "缺少此文件"),
    (without(RECORD), RECORD, "缺少此文件"),
    (without("lead.json"), "lead.json", "缺少此文件"),
    (without("线索摘要.html"), "线索摘要.html", "缺少此文件"),
    (without("evidence/E002-picture.json"), "evidence/E002-picture.png", "缺少采集记录"),
    (without("evidence/E002-picture.png"), "evidence/E002-picture.json", "应有一个证据文件"),
    (with_file("evidence/E002-picture.jpg"), "evidence/E002-picture.json", "实有 2 个"),
    (with_file("readme.txt"), "readme.txt", "名称不在规定之列"),
    (changed(PAGE, b"19.90", b"29.90"), PAGE, "与采集记录中的哈希值或大小不符"),
    (changed(PAGE, b"19.90", b"9.90"), PAGE, "与采集记录中的哈希值或大小不符"),
    (changed(RECORD, b'"sha256":"', b'"sha256":"0'), PAGE, "与采集记录"),
    (changed(RECORD, b'"id":"2', b'"id":"3'), RECORD, "不是该商品的采集记录"),
    (changed("listing.json", b"5L", b"6L"), "listing.json", "与 lead.json 中的商品不符"),
    (changed("lead.json", b"{", b"["), "lead.json", "不是有效的 JSON"),
    (changed("lead.json", b"{", b"\xff"), "lead.json", "不是有效的 JSON"),
    (with_file("lead.json", b"[" * 200_000), "lead.json", "不是有效的 JSON"),
    (with_file("lead.json", b"9" * 10_000), "lead.json", "不是有效的 JSON"),
    (with_file(RECORD, b"null"), RECORD, "不是有效的 JSON"),
    (with_file(RECORD, b"{}"), PAGE, "与采集记录"),
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
    problems = verify_bytes(packet, zipped(listed(change(files_of(packet)))))
    assert [p for p in problems if p.file == file and reason in p.reason], problems


def test_a_problem_list_has_an_end(packet: Path) -> None:
    files = {**files_of(packet), MANIFEST: b"\n" * 100_000}
    assert len(verify_bytes(packet, zipped(files))) == 1000


def test_a_packet_that_was_compressed_again_is_refused(packet: Path) -> None:
    files = files_of(packet)
    problems = verify_bytes(packet, zipped(files, zipfile.ZIP_DEFLATED))
    assert {problem.file for problem in problems} >= set(files)
    assert "重新压缩" in problems[0].reason


def test_a_bomb_is_not_unpacked(packet: Path) -> None:
    bomb = {PAGE: bytes(50 << 20)}
    problems = verify_bytes(packet, zipped(bomb, zipfile.ZIP_DEFLATED))
    assert "重新压缩" in problems[0].reason


def test_files_that_overlap_are_not_read_twice(packet: Path) -> None:
    whole = packet.read_bytes()
    start = struct.unpack("<L", whole[-6:-2])[0]
    rows = whole[start:-22]
    second = rows.index(b"PK\x01\x02", 4)
    first_twice = rows[:second] * 3
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(first_twice), start, 0)
    problems = verify_bytes(packet, whole[:start] + first_twice + end)
    assert [p for p in problems if p.file == PAGE and "位置或长度" in p.reason]
    assert [p for p in problems if p.file == PAGE and "多次" in p.reason]


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
