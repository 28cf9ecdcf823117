"""Whether a bag is complete and unchanged by its own manifests (RFC 8493)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evidence.verify.contents import Contents
from evidence.verify.findings import Report

ALGORITHMS = ("sha256", "sm3")
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAGS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "manifest-sm3.txt")
"""Tag files that the tag manifests list."""
SEALED = "tagmanifest-sha256.txt"
"""What is signed and stamped: it lists the manifests, which list everything else."""
UNLISTED = (
    SEALED,
    "tagmanifest-sm3.txt",
    "stamp-status.json",
    "核验说明.txt",
    f"{SEALED}.p7s",
    f"{SEALED}.tsq",
    f"{SEALED}.tsr",
    "authority.pem",
    "signer.pem",
)
"""Files no manifest can list, because they come after the seal."""
REQUIRED = (*TAGS, *UNLISTED[:4], "data/custody/chain.json", "data/recipient.json")
_PAYLOAD = re.compile(
    r"data/(?:recipient\.json|[0-9]{2}_[^/\\]{1,80}\.(?:docx|pdf|xlsx|txt)"
    r"|leads/L[0-9a-f]{12}/(?:lead|notice|judgements|right)\.json"
    r"|leads/L[0-9a-f]{12}/线索摘要\.html"
    r"|evidence/E[0-9]{3,5}/(?:capture\.json|exchange\.warc|steps\.json|(?:page|dom)\.bin"
    r"|page\.mhtml|(?:picture|screenshot)\.(?:bin|jpg|png|gif|bmp|webp|avif))"
    r"|custody/(?:chain\.json|[0-9]{4}-[0-9]{2}-[0-9]{2}\.(?:jsonl|head|head\.(?:pem|tsq|tsr))))"
)
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def check(contents: Contents, report: Report) -> None:
    """Note every file that is missing, too many, or not what the manifests say."""
    for name in REQUIRED:
        if name not in contents.names:
            report.add(name, "缺少此文件")
    for name in sorted(contents.names):
        if not (name in TAGS or name in UNLISTED or _PAYLOAD.fullmatch(name)):
            report.add(name, "多出的文件，名称不在规定之列")
    if contents.text("bagit.txt") not in (None, DECLARATION):
        report.add("bagit.txt", "内容已改动")
    payload = {name for name in contents.names if name.startswith("data/")}
    for algorithm in ALGORITHMS:
        # The tag manifest first: a manifest that was changed is told as such, once.
        _hold(f"tagmanifest-{algorithm}.txt", algorithm, set(TAGS), contents, report)
        _hold(f"manifest-{algorithm}.txt", algorithm, payload, contents, report)
    _check_oxum(payload, contents, report)


def info(contents: Contents) -> Mapping[str, str]:
    """Return what bag-info.txt says, by label."""
    text = (contents.text("bag-info.txt") or b"").decode(errors="replace")
    pairs = (line.partition(": ") for line in text.splitlines())
    return {label: value for label, _, value in pairs}


def _hold(
    manifest: str, algorithm: str, files: set[str], contents: Contents, report: Report
) -> None:
    """Hold files against a manifest, and the manifest against the files."""
    text = contents.text(manifest)
    if text is None:
        return
    listed = _listed(manifest, text, report)
    if list(listed) != sorted(listed):
        report.add(manifest, "文件未按名称排序")
    for name, digest in listed.items():
        found = contents.files.get(name)
        if name not in contents.names:
            report.add(name, "清单中有，证据包中缺少")
        elif found and digest != (found.sha256 if algorithm == "sha256" else found.sm3):
            report.add(name, f"内容已改动，与 {manifest} 中的哈希值不符")
    for name in sorted(files - listed.keys()):
        if name in contents.names:
            report.add(name, f"多出的文件，{manifest} 中没有")


def _listed(manifest: str, text: bytes, report: Report) -> dict[str, str]:
    """Return digests by name as a manifest gives them."""
    listed: dict[str, str] = {}
    try:
        *lines, rest = text.decode().split("\n")
    except UnicodeDecodeError:
        report.add(manifest, "不是 UTF-8 文本")
        return listed
    if rest:
        report.add(manifest, "最后一行不完整")
    for number, line in enumerate(lines, 1):
        written = _LINE.fullmatch(line)
        if written is None:
            report.add(manifest, f"第 {number} 行格式不符")
        elif written[2] in listed:
            report.add(manifest, f"第 {number} 行重复")
        else:
            listed[written[2]] = written[1]
    return listed


def _check_oxum(payload: set[str], contents: Contents, report: Report) -> None:
    said = info(contents).get("Payload-Oxum")
    whole = payload <= contents.files.keys()
    oxum = f"{sum(contents.files[name].size for name in payload & contents.files.keys())}."
    if whole and "bag-info.txt" in contents.files and said != f"{oxum}{len(payload)}":
        report.add("bag-info.txt", "所载文件数或字节数与实际不符")
