"""One night at a time: a lock that ends with its process, however that ends, and says whose it is.

The lock is that of the operating system (flock), not the file: a file left behind locks nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from leads.beijing import told


class Taken(Exception):
    """Another process has the lock; the message says in Chinese which, since when, and what for."""


@contextmanager
def locked(path: Path, what: str, now: datetime) -> Iterator[None]:
    """Hold the lock at ``path`` meanwhile.

    Raises:
        Taken: somebody else has it. OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(_whose(path)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{what}，进程 {os.getpid()}，自 {told(now)} 起\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def holder(path: Path) -> str | None:
    """Return in Chinese who holds the lock at ``path``, or None if nobody does."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _whose(path)
    finally:
        os.close(handle)
    return None


def _whose(path: Path) -> str:
    told_there = path.read_text(encoding="utf-8", errors="replace").strip()[:200]
    return f"正在进行：{told_there or '另一进程'}（锁 {path}）"
