"""Files that appear whole or not at all, and stay when the power goes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_once(path: Path, body: bytes, incoming: Path, at_once: bool) -> bool:
    """Write a whole, read-only file; False if there is one of this name already.

    Args:
        path: where it is to lie. body: what it is to hold.
        incoming: a folder of the same disk for unfinished files.
        at_once: bring it to the disk before returning.

    Raises:
        OSError: it cannot be written; nothing is left.
    """
    make(path.parent, at_once)
    handle, name = tempfile.mkstemp(dir=incoming)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(handle, 0o444)
            if at_once:
                os.fsync(handle)
        # A link, unlike a rename, never replaces what is there.
        os.link(name, path)
    except FileExistsError:
        return False
    finally:
        Path(name).unlink()
    if at_once:
        sync(path.parent)
    return True


def replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Have ``write`` fill a file that appears under ``path`` only when it is whole, on the disk.

    Raises:
        OSError: it cannot be written; what was there before stays, and nothing else is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync(path.parent)


def make(folder: Path, at_once: bool) -> None:
    """Make a folder with all above it."""
    if not folder.is_dir():
        make(folder.parent, at_once)
        folder.mkdir(exist_ok=True)
        if at_once:
            sync(folder.parent)


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
