"""What of a rematch is done: a file of lines beside the store, so that a killed one goes on."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self, TextIO

from leads.faults import why
from leads.store import StoreError
from leads.store.archive import Stretch


class Begin(StrEnum):
    """How a rematch begins; the value is what is told of it."""

    FRESH = ""
    RESUMED = "接着上次没有做完的重新比对"
    NOTHING = "没有未做完的重新比对，从头开始"
    CHANGED = "配置、排除决定、参数或程序已变，从头开始"
    ANEW = "上次的重新比对没有做完，现在从头开始（加 --resume 则接着做）"


class Counts(NamedTuple):
    """Listings matched, leads found, leads dropped."""

    seen: int = 0
    found: int = 0
    removed: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class Progress:
    """The stretches that are done, noted as they are; the file goes when all are.

    Args:
        digest: of all that the outcome depends on; another one begins anew.
        began: when it begins, unless it is resumed.

    Raises:
        StoreError: another process matches this store again, or the file cannot be written.
    """

    def __init__(self, path: Path, digest: str, began: datetime, *, resume: bool) -> None:
        self.done: set[Stretch] = set()
        self.counts = Counts()
        self.excluded: Counter[str] = Counter()
        """How many listings each exclusion met, by its id."""
        self.began = began
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{path}：无法写入（{why(error)}）") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise StoreError(f"{path}：另一个重新比对正在进行") from error
        self.begin = self._begun(digest, resume=resume)
        if self.begin is not Begin.RESUMED:
            self._file.truncate(0)
            self._write({"digest": digest, "began": began.isoformat()})

    def note(self, stretch: Stretch, counts: Counts, excluded: Mapping[str, int]) -> None:
        """Note that a stretch is done: its leads are in the store, to stay."""
        self.done.add(stretch)
        self.counts = self.counts.plus(counts)
        self.excluded.update(excluded)
        self._write({"stretch": stretch, "counts": counts, "excluded": excluded})

    def finish(self) -> None:
        """Forget it: everything is done."""
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _begun(self, digest: str, *, resume: bool) -> Begin:
        self._file.seek(0)
        whole, _, torn = self._file.read().rpartition("\n")
        if torn:  # the end of one that was killed while it wrote
            self._file.truncate(len(whole.encode()) + 1)
        lines = [json.loads(line) for line in whole.splitlines()]
        if not lines:
            return Begin.NOTHING if resume else Begin.FRESH
        if not resume:
            return Begin.ANEW
        if lines[0]["digest"] != digest:
            return Begin.CHANGED
        self.began = datetime.fromisoformat(lines[0]["began"])
        for line in lines[1:]:
            self.done.add(Stretch(*line["stretch"]))
            self.counts = self.counts.plus(Counts(*line["counts"]))
            self.excluded.update(line["excluded"])
        return Begin.RESUMED

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def progress_file(store: str) -> Path:
    """Return where the progress on a store is noted: beside a file, else in ``var/rematch``."""
    scheme, _, file = store.partition(":///")
    if scheme == "sqlite":
        return Path(f"{file}.rematch")
    return Path("var/rematch") / hashlib.sha256(store.encode()).hexdigest()[:16]
