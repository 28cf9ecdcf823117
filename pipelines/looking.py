"""Pictures are looked at in processes of their own: slow or deadly ones cost nobody but themselves.

Needs the extra ``pictures``; :func:`missing` says what to do where it is not installed.
"""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import IO, NamedTuple, cast

from pydantic import ValidationError

from evidence.vault import Vault
from leads.faults import ConfigError, Fault
from leads.model import Listing
from leads.sight import Depth, Legible, Sight
from leads.store import Store

log = logging.getLogger("markwatch.pictures")

SECONDS = 30
"""A picture that takes longer is given up; the worst of honest ones needs five."""
CLOSELY = 2
"""Pictures of a listing in which marks and words are looked for; in the rest only copies."""
_ERROR = b'{"error"'
_NEEDED = ("cv2", "faiss", "imagehash", "numpy", "onnxruntime", "rapidocr")


def missing() -> str | None:
    """Return why pictures cannot be looked at, in Chinese, or None if they can."""
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if absent:
        return f"缺少组件 {'、'.join(absent)}，请先运行 pip install 'markwatch[pictures]'"
    return None


class Wanted(NamedTuple):
    """A picture of a listing that is to be looked at."""

    sha256: str
    depth: Depth


def wanted(listing: Listing, sights: Mapping[str, Sight], version: str) -> tuple[Wanted, ...]:
    """Return which pictures of a listing no sight of this version tells enough about."""
    digests = dict.fromkeys(picture.sha256 for picture in listing.pictures if picture.sha256)
    asked = [
        Wanted(digest, Depth.WORDS if number < CLOSELY else Depth.COPIES)
        for number, digest in enumerate(digests)
    ]
    return tuple(one for one in asked if not _enough(sights.get(one.sha256), one, version))


def sights_of(listing: Listing, store: Store) -> Mapping[str, Sight]:
    """Return what the store knows of a listing's pictures, by SHA-256."""
    digests = [picture.sha256 for picture in listing.pictures if picture.sha256]
    return store.sights(digests) if digests else {}


def look_again(listing: Listing, store: Store, vault: Vault, eyes: Eyes) -> None:
    """Look at the pictures of a listing that these eyes have not seen, and keep what they show.

    Pictures whose bytes are not in the vault stay unseen.
    """
    asked = wanted(listing, sights_of(listing, store), eyes.version)
    there = [one for one in asked if vault.has(one.sha256)]
    for look in [eyes.look(one.sha256, vault.blob(one.sha256), one.depth) for one in there]:
        store.keep_sight(look.result())


def _enough(sight: Sight | None, asked: Wanted, version: str) -> bool:
    return (
        sight is not None and sight.bank == version and (sight.read or asked.depth is Depth.COPIES)
    )


class Eyes:
    """Looks at pictures in the background, a process a core, which give way to everything else.

    Args:
        bank: folder of references; where there is none, pictures are only read.
        cache: folder for the index of the bank, built when missing.

    Raises:
        ConfigError: the bank cannot be used, or the extra ``pictures`` is not installed.
    """

    def __init__(self, bank: Path, cache: Path, processes: int | None = None) -> None:
        if why := missing():
            raise ConfigError([Fault(str(bank), "", why)])
        self._command = (str(bank) if bank.is_dir() else "", str(cache))
        first = _Child(*self._command)  # builds the index, which the others then find
        self.version = first.version
        self.faults = first.faults
        """References that could not be read."""
        count = processes or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(count)
        self._begun: dict[tuple[str, Depth], Future[Sight]] = {}
        self._idle: SimpleQueue[_Child | None] = SimpleQueue()
        for child in (first, *[None] * (count - 1)):
            self._idle.put(child)

    def look(self, sha256: str, path: Path, depth: Depth = Depth.WORDS) -> Future[Sight]:
        """Return what the picture in a file shows, once a process has had time for it.

        A picture that a new process dies of, or that takes one too long, is refused like one that
        is none.
        Asked for again meanwhile, it is looked at once.
        """
        key = sha256, depth
        look = self._begun.get(key)
        if look is None:
            look = self._begun[key] = self._threads.submit(self._look, sha256, path, depth)
            look.add_done_callback(lambda _: self._begun.pop(key, None))
        return look

    def close(self) -> None:
        """End the processes; what was not begun is not looked at."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            if child := self._idle.get():
                child.end()

    def _look(self, sha256: str, path: Path, depth: Depth) -> Sight:
        child = self._idle.get()
        try:
            child = child or _Child(*self._command)
            try:
                return child.ask(sha256, path, depth)
            except _Died:
                if child.asked == 1:
                    raise
                child = _Child(*self._command)  # what others left in the first may be the cause
                return child.ask(sha256, path, depth)
        except _Lost as lost:
            child = None
            log.warning("%s：%s", path, lost)
            return Sight(
                sha256=sha256,
                legible=Legible.REFUSED,
                reason=str(lost),
                bank=self.version,
                read=True,
            )
        finally:
            self._idle.put(child)


@cache
def eyes_of(config: str, vault: str) -> Eyes:
    """Return this process's eyes for the bank in a config folder; its index lies beside the vault.

    Raises:
        ConfigError: see :class:`Eyes`.
    """
    return Eyes(Path(config) / "bank", Path(vault).parent / "bank")


class _Lost(Exception):
    """A process did not answer; it has been ended."""


class _Died(_Lost):
    """It came to its own end."""


class _Child:
    """One process of :mod:`pipelines.eye`."""

    def __init__(self, bank: str, cache: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-P", "-m", "pipelines.eye", bank, cache],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._questions = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        told = json.loads(self._answers.readline() or '{"error": "图片识别进程未能启动"}')
        if "error" in told:
            self.end()
            raise ConfigError([Fault(bank, "", told["error"])])
        self.version: str = told["version"]
        self.faults: tuple[str, ...] = tuple(told["faults"])
        self.asked = 0
        """Pictures that it was given."""

    def ask(self, sha256: str, path: Path, depth: Depth) -> Sight:
        """Have a picture looked at.

        Raises:
            _Lost: the process died of it, or took too long.
        """
        self.asked += 1
        asked = {"sha256": sha256, "path": str(path.resolve()), "depth": depth}
        try:
            self._questions.write(json.dumps(asked).encode() + b"\n")
            self._questions.flush()
            if not select.select([self._answers], [], [], SECONDS)[0]:
                self.end()
                raise _Lost(f"图片处理超过 {SECONDS} 秒，已放弃")
            line = self._answers.readline()
            if not line.startswith(_ERROR):
                return Sight.model_validate_json(line)
            why = json.loads(line)["error"]
        except (BrokenPipeError, ValidationError):
            why = "图片处理进程异常退出，此图片未能识别"
        self.end()
        raise _Died(why)

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with suppress(BrokenPipeError):
            self._questions.close()
