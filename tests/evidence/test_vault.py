"""The vault: written once, found by hash, verified on every reading."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.vault import Vault, VaultError
from leads.model import Evidence

BODY = "<html>老陈醋 ¥19.90</html>".encode()
NIGHT = datetime(2026, 11, 22, 1, 30, 5, 123456, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "some" / "vault")


def keep(vault: Vault, body: bytes = BODY, **fields: Any) -> Evidence:
    known = {"media_type": "text/html", "captured_at": NIGHT, "how": "http"}
    return vault.keep(body, **{**known, **fields})


def spoil(path: Path, body: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(body)


@pytest.mark.parametrize("body", [b"", b"x", BODY, bytes(range(256)) * 4096])
def test_what_was_kept_comes_back_with_its_record(vault: Vault, body: bytes) -> None:
    evidence = keep(
        vault,
        body,
        url="https://shop.test/商品?id=1",
        status=200,
        headers=[("Content-Type", "text/html"), ("X-Odd", "\x00\xff")],
        peer="203.0.113.7",
    )
    again = Vault(vault.root)
    assert again.record(evidence.id) == evidence
    assert again.bytes(evidence) == again.bytes(evidence.sha256) == body
    assert again.blob(evidence.sha256).read_bytes() == body
    assert again.has(evidence.sha256)
    assert (evidence.size, evidence.captured_at) == (len(body), NIGHT)


def test_digests_are_those_of_the_standards(vault: Vault) -> None:
    # FIPS 180-4 and GB/T 32905-2016, example 1: the message "abc".
    evidence = keep(vault, b"abc")
    assert evidence.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert evidence.sm3 == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_each_capture_of_the_same_bytes_has_its_own_record_and_they_share_a_file(
    vault: Vault,
) -> None:
    captures = [keep(vault), keep(vault), keep(vault, captured_at=NIGHT - timedelta(days=1))]
    assert len({evidence.id for evidence in captures}) == 3
    assert captures[0].id == f"20261122T013005Z-{captures[0].sha256[:16]}-1"
    assert vault.records(captures[0].sha256) == [captures[2], captures[0], captures[1]]
    assert len([path for path in (vault.root / "blobs").rglob("*") if path.is_file()]) == 1
    assert vault.records("0" * 64) == []


def test_captures_at_the_same_moment_by_many_hands_stay_apart(vault: Vault) -> None:
    with ThreadPoolExecutor(8) as hands:
        captures = list(hands.map(lambda _: keep(Vault(vault.root)), range(40)))
    assert len({evidence.id for evidence in captures}) == 40
    assert len(vault.records(captures[0].sha256)) == 40


def test_files_are_read_only_and_nothing_is_left_over(vault: Vault) -> None:
    keep(vault)
    keep(vault)
    files = [
        path for path in vault.root.rglob("*") if path.is_file() and path.parent.name != "custody"
    ]
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}
    assert list((vault.root / "incoming").iterdir()) == []


def test_headers_that_hold_a_session_never_enter_the_record(vault: Vault) -> None:
    headers = [("Set-Cookie", "session=secret"), ("COOKIE", "secret"), ("Date", "x")]
    evidence = keep(vault, headers=headers)
    assert evidence.headers == (("Date", "x"),)
    assert all(b"secret" not in p.read_bytes() for p in vault.root.rglob("*") if p.is_file())


@pytest.mark.parametrize("damage", [BODY[:-1], BODY + b" ", b"", b"X" + BODY[1:]])
def test_damaged_bytes_are_refused_by_name(vault: Vault, damage: bytes) -> None:
    evidence = keep(vault)
    path = vault.blob(evidence.sha256)
    spoil(path, damage)
    for ask in (evidence, evidence.sha256):
        with pytest.raises(VaultError, match="已损坏") as caught:
            vault.bytes(ask)
        assert str(path) in str(caught.value)


def test_bytes_captured_again_are_not_taken_for_kept_when_the_file_is_damaged(
    vault: Vault,
) -> None:
    spoil(vault.blob(keep(vault).sha256), b"other")
    with pytest.raises(VaultError, match="已损坏"):
        keep(vault)


@pytest.mark.parametrize("torn", [b"", BODY[:7], BODY[:7] + bytes(len(BODY) - 7)])
def test_a_file_that_a_power_cut_left_short_is_written_anew(vault: Vault, torn: bytes) -> None:
    evidence = keep(vault)
    spoil(vault.blob(evidence.sha256), torn)
    keep(vault)
    assert vault.bytes(evidence) == BODY


def test_a_vault_that_syncs_later_keeps_the_same(vault: Vault) -> None:
    later = Vault(vault.root, at_once=False)
    evidence = keep(later)
    later.sync()
    assert vault.bytes(vault.record(evidence.id)) == BODY


def test_missing_files_are_named(vault: Vault) -> None:
    evidence = keep(vault)
    vault.blob(evidence.sha256).unlink()
    with pytest.raises(VaultError, match=f"文件缺失：.*{evidence.sha256}"):
        vault.bytes(evidence)
    other = evidence.id.replace("2026", "2025")
    with pytest.raises(VaultError, match=f"文件缺失：.*{other}"):
        vault.record(other)


def test_a_record_that_was_changed_is_refused(vault: Vault) -> None:
    evidence = keep(vault)
    (path,) = vault.root.rglob("*.json")
    whole = path.read_bytes()
    for changed in (b"", whole[:-20], whole.replace(b"-1", b"-2"), b"\xff" + whole):
        spoil(path, changed)
        with pytest.raises(VaultError, match="采集记录"):
            vault.record(evidence.id)
    digest = evidence.sm3[::-1].encode()
    spoil(path, whole.replace(evidence.sm3.encode(), digest))
    with pytest.raises(VaultError, match="不符"):
        vault.bytes(vault.record(evidence.id))


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "20261122T013005Z-../../../../x-1", "x" * 10_000, "\x00"]
)
def test_only_what_looks_like_an_id_or_a_hash_is_looked_up(vault: Vault, name: str) -> None:
    with pytest.raises(VaultError, match="不是采集编号"):
        vault.record(name)
    for ask in (vault.blob, vault.bytes, vault.has, vault.records):
        with pytest.raises(VaultError, match="不是 SHA-256"):
            ask(name)


def test_a_folder_that_cannot_be_made_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(VaultError, match="无法读写"):
        Vault(tmp_path / "file" / "vault")
    vault = Vault(tmp_path / "vault")
    (vault.root / "incoming").rmdir()
    with pytest.raises(VaultError, match="文件缺失"):
        keep(vault)


def test_a_time_beyond_the_calendar_is_refused(vault: Vault) -> None:
    with pytest.raises(VaultError, match="超出范围"):
        keep(vault, captured_at=datetime.fromisoformat("0001-01-01T00:00:00+14:00"))


KEEPER = """
import sys
from datetime import UTC, datetime
from evidence.vault import Vault

vault = Vault(sys.argv[1], at_once=sys.argv[2] == "at once")
number = 0
while True:
    number += 1
    body = str(number).encode() * 1000
    kept = vault.keep(body, media_type="x", captured_at=datetime.now(UTC), how="file")
    print(kept.id, flush=True)
"""


@pytest.mark.parametrize("when", ["at once", "later"])
def test_a_killed_process_leaves_nothing_half_written_under_a_final_name(
    tmp_path: Path, when: str
) -> None:
    command = [sys.executable, "-c", KEEPER, str(tmp_path), when]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        kept = [process.stdout.readline().strip() for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        kept += [line.strip() for line in process.stdout if line.endswith("\n")]
    vault = Vault(tmp_path)
    for capture in kept:
        vault.bytes(vault.record(capture))
    blobs = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) >= 20
    for path in blobs:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
