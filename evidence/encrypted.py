"""A packet's copy under a password (AES-256, WinZip's AE-2): for ways that others can listen to.

7-Zip opens it; Windows Explorer does not. The packet inside is the very same file.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

from evidence.disk import replace
from leads.faults import why

SHORTEST = 12
"""Characters of a password."""


class EncryptionError(Exception):
    """There is no copy; the message says why, in Chinese."""


def encrypt(packet: Path, password: str) -> Path:
    """Write the copy beside ``packet`` and return its path.

    Raises:
        EncryptionError: the password is too short, a library is missing, or it cannot be written.
    """
    if len(password) < SHORTEST:
        raise EncryptionError(f"口令至少要有 {SHORTEST} 个字符")
    try:
        import pyzipper  # type: ignore[import-untyped]  # ships no types
    except ImportError as missing:
        raise EncryptionError("缺少组件，请安装：pip install 'markwatch[papers]'") from missing

    def write(file: IO[bytes]) -> None:
        with pyzipper.AESZipFile(file, "w", encryption=pyzipper.WZ_AES) as sealed:
            sealed.setpassword(password.encode())
            sealed.write(packet, packet.name)

    copy = packet.with_name(f"{packet.stem}.aes.zip")
    try:
        replace(copy, write)
    except OSError as error:
        raise EncryptionError(f"无法写入 {copy}（{why(error)}）") from error
    return copy
