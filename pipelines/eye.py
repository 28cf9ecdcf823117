"""A process that looks at pictures, one a line, until its input ends: what it dies of, dies alone.

Started as ``python -m pipelines.eye BANK CACHE`` (an empty BANK: words only). First it says
``{"version": …, "faults": […]}`` or ``{"error": …}``; then for each line ``{"sha256": …, "path": …,
"depth": …}`` it answers with a sight, or with an error and its end.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from leads.faults import ConfigError, why
from leads.sight import Depth, Legible, Sight

if TYPE_CHECKING:
    from matchers.image.seeing.look import Looker

MEMORY = 2_000_000_000
"""Bytes of addresses that looking may take beyond what bank and models take; a reader reserves up
to 1.4 GB in a night, of which it uses a fifth."""
_MAX_BYTES = 16 * 1024 * 1024  # one more than is decoded: what is longer is refused there


def main(bank: str, cache: str) -> None:
    """Answer on what was standard output; what libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it ends our input
    os.nice(10)  # a crawl or an officer comes first
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import cv2

    from matchers.image.seeing.bank import Bank
    from matchers.image.seeing.look import Looker
    from matchers.image.seeing.words import Reader

    cv2.setNumThreads(1)
    try:
        known = Bank.open(Path(bank), Path(cache)) if bank else None
    except ConfigError as broken:
        answers.write(json.dumps({"error": str(broken)}) + "\n")
        return
    except OSError as refused:
        answers.write(json.dumps({"error": f"{refused.filename}：{why(refused)}"}) + "\n")
        return
    looker = Looker(known, Reader())
    faults = [str(fault) for fault in known.faults] if known else []
    answers.write(json.dumps({"version": looker.version, "faults": faults}) + "\n")
    _limit()
    _answer(looker, sys.stdin, answers)


def _answer(looker: Looker, questions: IO[str], answers: IO[str]) -> None:
    for line in questions:
        asked = json.loads(line)
        try:
            with Path(asked["path"]).open("rb") as file:
                data = file.read(_MAX_BYTES)
            sight = looker.look(asked["sha256"], data, Depth(asked["depth"]))
        except OSError as refused:
            reason = f"图片无法读取：{why(refused)}"
            sight = Sight(
                sha256=asked["sha256"],
                legible=Legible.REFUSED,
                reason=reason,
                bank=looker.version,
                read=True,
            )
        except Exception as error:  # this picture's fault or an earlier one's: a new process tells
            told = str(error).strip().rpartition("\n")[2][:200]
            answers.write(
                json.dumps({"error": f"图片识别出错（{type(error).__name__}：{told}）"}) + "\n"
            )
            return
        answers.write(sight.model_dump_json() + "\n")


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(*sys.argv[1:])
