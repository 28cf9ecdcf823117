"""Sets a paper as PDF/A-2b with Typst; what is said goes in as JSON only, never as Typst code."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.papers.blocks import Annex, Block, Cell, Figures, Grid, Head, Paper, Para, Piece
from evidence.papers.fonts import fonts

_TEMPLATE = Path(__file__).with_name("paper.typ")
# The brackets of spelt out characters, in a form that every Chinese type has.
_BRACKETS = str.maketrans("⟨⟩", "〈〉")


def pdf(paper: Paper, at: datetime, draft: bool) -> bytes:
    """Return ``paper`` as PDF, always the same bytes with the same type.

    Args:
        paper: what to set.
        at: what the file says about its time; never the time of making.
        draft: whether every page says 草稿.

    Raises:
        evidence.papers.fonts.NoTypeError: there is no Chinese type.
        PressError: Typst refused it.
    """
    with tempfile.TemporaryDirectory(prefix="markwatch-paper-") as folder:
        data = {
            "fonts": [fonts()[0]],
            "office": paper.office,
            "title": paper.title,
            "number": paper.number,
            "draft": draft,
            "blocks": [_block(block, Path(folder)) for block in paper.blocks],
        }
        text = json.dumps(data, ensure_ascii=False).translate(_BRACKETS)
        try:
            return _set(text, at, folder)
        except _NoGlyphError:
            # Never a box: what the type cannot show is spelt out.
            return _set("".join(map(_common, text)), at, folder)


class PressError(Exception):
    """A paper cannot be set; the message says why."""


class _NoGlyphError(PressError):
    """No type has one of the characters."""


def _set(text: str, at: datetime, folder: str) -> bytes:
    import typst

    compiler = typst.Compiler(root=folder, font_paths=fonts()[1], sys_inputs={"data": text})
    try:
        made = compiler.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            timestamp=int(at.astimezone(UTC).timestamp()),
            pdf_standards="a-2b",
        )
    except typst.TypstError as refused:
        kind = _NoGlyphError if "could not be displayed" in refused.message else PressError
        raise kind(f"PDF 排版失败：{refused.message}") from refused
    if not isinstance(made, bytes):
        raise PressError("PDF 排版失败")
    return made


def _common(char: str) -> str:
    """Return a character that every Chinese type has as it is, any other spelt out."""
    try:
        char.encode("latin-1" if char <= "\xff" else "gbk")
    except UnicodeEncodeError:
        return f"〈U+{ord(char):04X}〉"
    return char


def _block(block: Block, folder: Path) -> dict[str, Any]:
    match block:
        case Para():
            return {
                "kind": "para",
                "pieces": _pieces(block.pieces),
                "indent": block.indent,
                "kept": block.kept,
            }
        case Head():
            return {"kind": "head", "text": block.text}
        case Grid():
            return {
                "kind": "grid",
                "rows": [[_cell(cell) for cell in row] for row in block.rows],
                "widths": block.widths,
                "headed": block.headed,
            }
        case Annex():
            return {"kind": "annex", "title": block.title}
        case Figures():
            return {"kind": "figures", "items": list(_figures(block, folder))}
        case _:
            return {"kind": "signed", "lines": block.lines}


def _pieces(pieces: tuple[Piece, ...]) -> list[dict[str, Any]]:
    return [piece._asdict() for piece in pieces]


def _cell(cell: Cell) -> dict[str, Any]:
    return {"pieces": _pieces(cell.pieces), "code": cell.code}


def _figures(block: Figures, folder: Path) -> Iterator[dict[str, Any]]:
    for item in block.items:
        path = folder / f"{sum(1 for _ in folder.iterdir())}.jpg"
        path.write_bytes(item.jpeg)
        yield {"file": path.name, "size": item.size, "caption": item.caption}
