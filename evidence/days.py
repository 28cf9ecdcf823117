"""The end of each day of the custody log, written down and stamped by an authority."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from evidence.custody import Custody
from evidence.disk import replace
from evidence.sealing import Authority
from evidence.stamp import StampError, stamp


def stamp_days(
    log: Custody, today: date, authorities: Sequence[Authority]
) -> tuple[list[Path], str | None]:
    """Stamp the head of every day before ``today`` that bears no stamp yet.

    Returns the heads that were stamped, and in Chinese why no more were. Without authorities the
    heads are written down all the same: a day that then loses its end is found by them.

    Raises:
        CustodyError: the log is damaged. OSError: it cannot be read or written.
    """
    done: list[Path] = []
    for head, text in log.heads(today):
        reply = head.with_name(f"{head.name}.tsr")
        if reply.is_file():
            continue
        _write(head, text)
        if not authorities:
            continue
        try:
            stamped = stamp(text, authorities)
        except StampError as failed:
            return done, str(failed)
        _write(head.with_name(f"{head.name}.tsq"), stamped.request)
        _write(head.with_name(f"{head.name}.pem"), stamped.roots)
        _write(reply, stamped.reply)
        done.append(head)
    return done, None


def _write(path: Path, body: bytes) -> None:
    replace(path, lambda file: file.write(body))
