"""The encrypted copy: the same packet inside, nothing of it outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pyzipper

from evidence.encrypted import EncryptionError, encrypt


def test_the_copy_holds_the_very_packet_and_opens_with_its_password_only(
    write: Callable[..., Path],
) -> None:
    packet = write()
    copy = encrypt(packet, "十二个字符以上的口令一二三")
    assert "某老陈醋".encode() not in copy.read_bytes()
    with pyzipper.AESZipFile(copy) as sealed:
        assert sealed.namelist() == [packet.name]
        with pytest.raises(RuntimeError, match="password"):
            sealed.read(packet.name, b"wrong")
        assert (
            sealed.read(packet.name, "十二个字符以上的口令一二三".encode()) == packet.read_bytes()
        )


def test_a_short_password_makes_no_copy(write: Callable[..., Path]) -> None:
    packet = write()
    with pytest.raises(EncryptionError, match="至少要有 12 个字符"):
        encrypt(packet, "short")
    assert list(packet.parent.iterdir()) == [packet]
