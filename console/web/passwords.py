"""Passwords: how long they must be, and how they are kept: by scrypt (RFC 7914), salted."""

from __future__ import annotations

import hashlib
import hmac
import secrets

SHORTEST, LONGEST = 10, 200
"""Characters."""
_N, _R, _P = 2**15, 8, 1


def check(password: str) -> None:
    """Refuse a password that is no good.

    Raises:
        ValueError: it is too short or too long.
    """
    if len(password) < SHORTEST:
        raise ValueError(f"密码至少 {SHORTEST} 个字符")
    if len(password) > LONGEST:
        raise ValueError(f"密码至多 {LONGEST} 个字符")


def hashed(password: str) -> str:
    """Return what is kept of a password: salt and digest."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt).hex()}"


def fits(password: str, kept: str) -> bool:
    """Tell whether it is the password that was kept."""
    salt, _, digest = kept.partition("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), digest)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=2**26, dklen=32)


NOBODY = f"{'0' * 32}${'0' * 64}"
"""Is kept of nobody; asked where there is no such name, it takes the same time."""
