"""Whether a packet is whole and unchanged, byte by byte; shares no code with what wrote it.

A packet is a BagIt bag in a zip file of one plain form: stored files in order of name, dated
1980-01-01, nothing before, between or after them. Every byte of the container is compared with what
it must be, so that a change is found wherever it hits; files are held against the manifests, the
manifests against signature and time stamp, captured files against their records and the custody
log. Nothing is unpacked to disk, and every fault is told once, by the name of the file.
"""

from __future__ import annotations

from pathlib import Path

from evidence.verify import bag, captures, contents, seals
from evidence.verify.container import BrokenError
from evidence.verify.findings import Problem, Report
from evidence.verify.seals import Trust
from leads.faults import why

__all__ = ["Problem", "Report", "Trust", "examine", "verify"]


def verify(path: Path, trust: Trust | None = None) -> list[Problem]:
    """Return every problem of the packet at ``path``; none means whole and unchanged.

    Never raises for what the file holds, nor for a file that cannot be read.
    """
    return examine(path, trust).problems


def examine(path: Path, trust: Trust | None = None) -> Report:
    """Return the problems of the packet at ``path``, and what its seals say."""
    report = Report()
    try:
        found = contents.read(path, report)
    except BrokenError as broken:
        report.add(path.name, str(broken))
    except OSError as error:
        report.add(path.name, f"无法读取（{why(error)}）")
    else:
        bag.check(found, report)
        captures.check(found, report)
        seals.check(found, trust or Trust(), report)
    return report
