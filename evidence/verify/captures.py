"""Whether captured files are those of their records, and the custody log knows all of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from evidence.verify.bag import info
from evidence.verify.contents import Contents
from evidence.verify.findings import Report

_RECORD = re.compile(r"data/evidence/(E[0-9]{3,5})/capture\.json")
_IN_EXHIBIT = re.compile(r"data/evidence/(E[0-9]{3,5})/(?!capture\.json)(.+)")
_LEAD = re.compile(r"data/leads/(L[0-9a-f]{12})/(?:lead|notice)\.json")
_DIGEST = re.compile(r"[0-9a-f]{64}")
CHAIN = "data/custody/chain.json"
Kept = Mapping[str, Mapping[str, Any]]
"""What the custody log says of each capture."""


def check(contents: Contents, report: Report) -> None:
    """Note what does not fit together in exhibits, leads and custody log."""
    kept = _custody(contents, report)
    captures: set[object] = set()
    described: set[str] = set()
    for name in sorted(contents.names):
        if found := _RECORD.fullmatch(name):
            captures.add(_exhibit(name, contents, kept, report))
            described.add(found[1])
    for name in sorted(contents.names):
        found = _IN_EXHIBIT.fullmatch(name)
        if found and found[1] not in described:
            report.add(name, "缺少采集记录")
    _leads(contents, captures, report)


def _exhibit(name: str, contents: Contents, kept: Kept | None, report: Report) -> object:
    """Check one exhibit and return the id of its capture."""
    record = contents.json(name, report)
    if record is None:
        return None
    folder = name.removesuffix("capture.json")
    capture, files = record.get("capture"), record.get("files")
    if not isinstance(capture, dict) or not isinstance(files, list) or not files:
        report.add(name, "采集记录不完整")
        return None
    listed = {}
    for said in files:
        if not isinstance(said, dict) or not isinstance(said.get("path"), str):
            report.add(name, "采集记录不完整")
            return None
        listed[folder + said["path"]] = said
    for path, said in listed.items():
        _captured(path, said, contents, report)
    for path in sorted(contents.names):
        if path.startswith(folder) and path != name and path not in listed:
            report.add(path, "多出的文件，采集记录中没有")
    facts = [files[0].get("sha256"), files[0].get("sm3"), files[0].get("bytes")]
    if facts != [capture.get("sha256"), capture.get("sm3"), capture.get("size")]:
        report.add(name, "所列文件与采集时的哈希值不符")
    if kept is not None:
        line = kept.get(str(capture.get("id")))
        if line is None:
            report.add(name, "保管链中没有此次采集")
        elif [line.get("sha256"), line.get("sm3"), line.get("size")] != facts:
            report.add(name, "与保管链中的哈希值不符")
    return capture.get("id")


def _captured(path: str, said: Mapping[str, Any], contents: Contents, report: Report) -> None:
    found = contents.files.get(path)
    if said.get("withheld") is True:
        if path in contents.names:
            report.add(path, "采集记录称未随附，却在证据包中")
    elif path not in contents.names:
        report.add(path, "采集记录中有，证据包中缺少")
    elif found and [found.sha256, found.sm3, found.size] != [
        said.get("sha256"), said.get("sm3"), said.get("bytes"),
    ]:  # fmt: skip
        report.add(path, "与采集记录中的哈希值或大小不符")


def _leads(contents: Contents, captures: set[object], report: Report) -> None:
    names = [name for name in sorted(contents.names) if _LEAD.fullmatch(name)]
    if not names:
        report.add("data/leads", "没有线索")
    for name in names:
        lead = contents.json(name, report)
        if lead is None:
            continue
        listing = lead.get("listing")
        capture = listing.get("capture") if isinstance(listing, dict) else None
        if lead.get("id") != name.split("/")[2]:
            report.add(name, "与所在文件夹的线索编号不符")
        elif capture not in captures:
            report.add(name, "没有该商品的采集记录")


def _custody(contents: Contents, report: Report) -> Kept | None:
    """Go along the chain; return what it says of captures, or None where it cannot be read."""
    chain = contents.json(CHAIN, report)
    if chain is None:
        return None
    kept: dict[str, Mapping[str, Any]] = {}
    days = chain.get("days")
    if not isinstance(days, list) or not all(map(_is_day, days)):
        report.add(CHAIN, "格式不符")
        return None
    for said in days:
        name = f"data/custody/{said['day']}.jsonl"
        text = contents.text(name)
        if text is None:
            report.add(name, "缺少此文件，保管链不完整")
            return None
        link, number = said["before"], said["first"]
        for line in _lines(name, text, report):
            if line["line"] != number or _link(link, line["digest"]) != line["link"]:
                report.add(name, f"保管链在第 {number} 行处断开")
                return None
            record = line.get("record")
            if isinstance(record, dict) and isinstance(record.get("capture"), str):
                kept[record["capture"]] = record
            link, number = line["link"], number + 1
        if (number - 1, link) != (said["last"], said["head"]):
            report.add(name, f"保管链末端缺失：应至第 {said['last']} 行，现至第 {number - 1} 行")
            return None
        _check_head(name.removesuffix("jsonl") + "head", said, contents, report)
    total = sum(said["last"] - said["first"] + 1 for said in days)
    head = days[-1]["head"] if days else ""
    facts = info(contents)
    if "bag-info.txt" in contents.files and (
        facts.get("Custody-Lines"), facts.get("Custody-Head"),
    ) != (str(total), head):  # fmt: skip
        report.add(CHAIN, "保管链的长度或末端与 bag-info.txt 所载不符")
    return kept


def _is_day(said: object) -> bool:
    return (
        isinstance(said, dict)
        and all(isinstance(said.get(number), int) for number in ("first", "last"))
        and all(_is_digest(said.get(link)) for link in ("before", "head"))
        and isinstance(said.get("day"), str)
    )


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _lines(name: str, text: bytes, report: Report) -> Iterator[dict[str, Any]]:
    *lines, rest = text.split(b"\n")
    if rest:
        report.add(name, "最后一行不完整")
    for number, body in enumerate(lines, 1):
        try:
            line = json.loads(body)
            sound = _is_digest(line["link"]) and _is_digest(line["digest"])
            if "record" in line:
                sound &= line["digest"] == hashlib.sha256(_canonical(line["record"])).hexdigest()
            line["line"]
        except (ValueError, KeyError, TypeError, RecursionError):
            sound = False
        if not sound:
            report.add(name, f"文件第 {number} 行已改动")
            return
        yield line


def _link(before: str, digest: str) -> str:
    return hashlib.sha256((before + digest).encode()).hexdigest()


def _canonical(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check_head(name: str, said: Mapping[str, Any], contents: Contents, report: Report) -> None:
    text = contents.text(name)
    if text is not None and text != f"{said['day']} {said['last']} {said['head']}\n".encode():
        report.add(name, "与保管链的末端不符")
