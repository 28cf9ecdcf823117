"""Bytes to text: the charset a page is really in, and whether its text is ruined or a bomb."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
)

_EAST_ASIAN = {"big5", "big5hkscs", "euc_jp", "shift_jis", "cp932", "iso2022_jp", "euc_kr", "cp949"}
_UNICODE = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030"}
_SINGLE_BYTE = re.compile(
    r"ascii|koi8-[ru]|cp866|cp874|mac-roman|cp125[0-8]|iso8859-\d{1,2}|tis-620"
)
"""Python's names of what the Encoding Standard (encoding.spec.whatwg.org) lets a page ask for."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_ASCII_TO_SPACE = bytes(b if b > 127 else 32 for b in range(256))
_RUINS = re.compile(
    "\ufffd+"
    "|锟斤拷|锟斤|斤拷|烫烫烫|屯屯屯"
    "|ï¿½"
    # three bytes of UTF-8 shown as Windows-1252, several characters in a row
    "|(?:[ä-é][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2}){2,}"
    # two bytes of GBK shown as Latin-1, several characters in a row
    "|(?:[\u00b0-\u00f7][\u00a1-\u00fe]){3,}"
)
_SIGNS_OF_RUIN = re.compile("[\ufffd锟拷烫屯]|[\u00b0-\u00f7][\u0080-\u00fe\u0152-\u2122]")
"""Without one of these there is nothing of the above; much faster to look for."""
_RECODED = re.compile(r"[\u3400-\u9fff\ue000-\uf8ff€]{4,}")

_FORMATTING = r"(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)"
_LEAF = re.compile(rf"<({_FORMATTING})(?=[\s>])[^<>]*>[^<]*</\1>", re.I)
_FORMATTING_OPEN = re.compile(rf"<(?=[bcefistu]){_FORMATTING}(?=[\s/>])[^>]*", re.I)
_BLOCK = re.compile(
    r"<(/?)(address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figure"
    r"|footer|form|header|hgroup|main|menu|nav|ol|section|span|summary|table|ul)(?=[\s/>])",
    re.I,
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")

SAMPLE = 20_000
"""Characters beyond ASCII by which a page's text is judged."""
MOST_RUNS = 100
"""Chinese words of these that are written back, evenly spread."""
DEEPEST = 5_000
"""Unclosed elements; parsers take quadratic time in depth (measured: 4 s at 50,000)."""
MOST_BLOCKS = 50_000
MOST_ATTRIBUTES = 10_000
"""Of one element; quadratic as well (measured: 22 s at 100,000)."""
MOST_COPIES = 1_500_000
"""Unclosed formatting elements times other elements: each may be copied into each (400 bytes)."""


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return a page's text, in the charset it really is in.

    Asked in turn: byte order mark, content type, ``<meta>`` or XML declaration in the first 4 KB
    (where gb2312 and gbk mean gb18030, as the Encoding Standard says). A label that the bytes
    contradict is not believed: saved pages say GBK and are UTF-8, and the other way round. Without
    a label: UTF-8 if valid, else GB18030 if valid, else UTF-8 with U+FFFD for what cannot be read.
    Never raises.
    """
    bom, mark = read_bom(body)
    if bom is not None and mark is not None:
        return body[len(mark) :].decode(bom, "replace")
    label = http_content_type_encoding(content_type) or html_body_declared_encoding(body)
    charset = _charset(label)
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None and (charset in (None, "utf-8") or _HAN.search(utf8)):
        return utf8
    if charset is None:
        return _strictly(body, "gb18030") or body.decode("utf-8", "replace")
    text = body.decode(charset, "replace")
    if charset == "utf-8" and _share(text.count("\ufffd"), text) > 0.02:
        return _strictly(body, "gb18030") or text
    return text


def ruined(text: str) -> bool:
    """Tell whether the text was read in a wrong charset before it was saved.

    More than a twentieth of what should be Chinese (and at least three places) is U+FFFD, 锟斤拷,
    ï¿½, UTF-8 or GBK shown as Latin-1, or UTF-8 shown as GBK. What is lost cannot be guessed.
    """
    if text.isascii():
        return False
    runs = text.encode("utf-8", "replace").translate(_ASCII_TO_SPACE).split()
    sample = b" ".join(runs).decode()[:SAMPLE]
    found = _RUINS.findall(sample) if _SIGNS_OF_RUIN.search(sample) else ()
    lost = sum(map(len, found))
    return (lost >= 3 and _share(lost, sample) > 0.05) or _recoded(sample)


def bomb(text: str) -> str | None:
    """Say, in Chinese, why the markup would cost a parser minutes or gigabytes, or return None.

    Bounds measured with lexbor 2: see the constants of this module.
    """
    if text.count("<") > DEEPEST:
        unclosed: Counter[str] = Counter()
        blocks = 0
        for close, name in _BLOCK.findall(text):
            if not close:
                unclosed[name] += 1
                blocks += 1
            elif unclosed[name]:
                unclosed[name] -= 1
        if max(unclosed.values(), default=0) > DEEPEST or blocks > MOST_BLOCKS:
            return f"标签嵌套过深或过多（{blocks} 个），未解析"
    stride = MOST_ATTRIBUTES
    steps = range(0, len(text), stride)
    tags = text.split(">") if any(text.find(">", at, at + stride) < 0 for at in steps) else ()
    for piece in tags:
        if len(piece) > 3 * MOST_ATTRIBUTES and "<" in piece:
            names = re.split(r"[\s/]+", _QUOTED.sub(" ", piece[piece.find("<") :]))
            if len(names) > MOST_ATTRIBUTES:
                return "单个标签的属性过多，未解析"
    others = text.count("<") - text.count("</")
    if len(set(_FORMATTING_OPEN.findall(text))) * others > MOST_COPIES:
        closed = _LEAF.sub("", _LEAF.sub("", _LEAF.sub("", text)))
        if len(set(_FORMATTING_OPEN.findall(closed))) * others > MOST_COPIES:
            return "未闭合的格式标签过多，未解析"
    return None


def _charset(label: str | None) -> str | None:
    if label is None:
        return None
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in ("gb2312", "gbk", "hz"):
        return "gb18030"
    known = name in _UNICODE or name in _EAST_ASIAN or _SINGLE_BYTE.fullmatch(name)
    return name if known else None


def _strictly(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return None


def _share(lost: int, text: str) -> float:
    return lost / (lost + len(_HAN.findall(text)))


def _recoded(text: str) -> bool:
    """Tell whether most Chinese runs are UTF-8 read as GBK: written back, they read as UTF-8."""
    runs = _RECODED.findall(text)
    runs = runs[:: len(runs) // MOST_RUNS + 1]
    bad = 0
    for run in runs:
        try:
            back = run.encode("gb18030")[: len(run) * 2 // 3 * 3].decode("utf-8", "ignore")
        except UnicodeEncodeError:
            continue
        if len(_HAN.findall(back)) * 3 >= len(run):
            bad += len(run)
    return bad > 12 and bad * 2 > sum(map(len, runs))
