"""Sets a paper as an editable DOCX after GB/T 9704-2012, for Word and WPS.

It names the types officers' machines have (仿宋_GB2312, 方正小标宋简体) and embeds none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from evidence.papers.blocks import (
    Annex,
    Block,
    Cell,
    Figures,
    Grid,
    Head,
    Paper,
    Para,
    Piece,
    Signed,
)

_BODY, _TITLE, _HEAD, _PAGE = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
_LATIN = "Times New Roman"
_WIDTH = 156
"""Millimetres of the text area."""
_LINE = Pt(29)
_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
# What XML cannot hold; everything else that hides is spelt out before.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_CELL_STYLE, _CODE_STYLE = "MarkwatchCell", "MarkwatchCode"
_TWENTIETHS = 1440 / 25.4
"""Twentieths of a point in a millimetre."""
_TABLE = f"""<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>
<w:tblW w:w="0" w:type="auto"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr>"""

_WATERMARK = """
<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
     xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
 path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/>
<v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/>
<v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>
<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="markwatch-draft" o:spid="_x0000_s2049" type="#_x0000_t136"
 style="position:absolute;margin-left:0;margin-top:0;width:400pt;height:160pt;rotation:315;z-index:-251658240;mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin"
 fillcolor="#d9d9d9" stroked="f"><v:textpath style="font-family:'仿宋_GB2312'" string="草稿"/>
</v:shape></w:pict></w:r>
"""  # one attribute of VML


def docx(paper: Paper, at: datetime, draft: bool) -> bytes:
    """Return ``paper`` as DOCX, always the same bytes.

    Args:
        paper: what to set.
        at: what the file says about its time; never the time of making.
        draft: whether every page says 草稿.
    """
    document = Document()
    _properties(document, paper, at)
    _page(document, draft)
    _styles(document)
    for text, size in ((paper.office, 22), (paper.title, 22)):
        _run(_paragraph(document, "center", line=Pt(34)), text, _TITLE, size)
    if paper.number:
        _run(_paragraph(document, "center"), paper.number)
    _paragraph(document)
    for block in paper.blocks:
        _set(document, block)
    file = io.BytesIO()
    document.save(file)
    return _fixed(file.getvalue())


def _properties(document: Doc, paper: Paper, at: datetime) -> None:
    about = document.core_properties
    about.title, about.author, about.comments = paper.title, paper.office, ""
    about.last_modified_by, about.revision = paper.office, 1
    about.created = about.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _styles(document: Doc) -> None:
    """Add the two styles of cells: text, and small for addresses and digests."""
    for name, size in ((_CELL_STYLE, 11), (_CODE_STYLE, 7.5)):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY)
        style.paragraph_format.space_after = Pt(0)


def _page(document: Doc, draft: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # The number stands 7 mm below the text area.
    section.footer_distance, section.header_distance = Mm(22), Mm(15)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        _page_number(footer.paragraphs[0], side)
    if draft:
        for header in (section.header, section.even_page_header):
            _draft(header.paragraphs[0])


def _page_number(paragraph: Paragraph, side: str) -> None:
    paragraph.alignment = _SIDES[side]
    if side == "right":
        paragraph.paragraph_format.right_indent = Pt(14)
    else:
        paragraph.paragraph_format.left_indent = Pt(14)
    _run(paragraph, "— ", _PAGE, 14)
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, " PAGE "), ("separate", None), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    run.font.size = Pt(14)
    _run(paragraph, " —", _PAGE, 14)


def _draft(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _run(paragraph, "草稿　不得作为正式文书使用", _HEAD, 12).font.color.rgb = RGBColor(170, 0, 0)
    paragraph._p.append(parse_xml(_WATERMARK))


def _set(document: Doc, block: Block) -> None:
    match block:
        case Para():
            paragraph = _paragraph(document, indent=block.indent)
            paragraph.paragraph_format.keep_with_next = block.kept
            _pieces(paragraph, block.pieces, _BODY, 16)
        case Head():
            paragraph = _paragraph(document, indent=True)
            paragraph.paragraph_format.keep_with_next = True
            _run(paragraph, block.text, _HEAD)
        case Grid():
            _grid(document, block)
        case Figures():
            _figures(document, block)
        case Annex():
            paragraph = _paragraph(document, line=Pt(34))
            paragraph.paragraph_format.page_break_before = True
            _run(paragraph, block.title, _HEAD)
        case Signed():
            _paragraph(document).paragraph_format.keep_with_next = True
            for line in block.lines:
                paragraph = _paragraph(document, "right")
                paragraph.paragraph_format.keep_with_next = line is not block.lines[-1]
                paragraph.paragraph_format.right_indent = Pt(32)
                _run(paragraph, line)


def _paragraph(
    document: Any, side: str = "left", *, indent: bool = False, line: Pt = _LINE
) -> Paragraph:
    paragraph: Paragraph = document.add_paragraph()
    paragraph.alignment = _SIDES[side]
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, line
    shape.space_before = shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = Pt(32)
    return paragraph


def _pieces(paragraph: Paragraph, pieces: tuple[Piece, ...], face: str, size: float) -> None:
    for piece in pieces:
        run = _run(paragraph, piece.text, face, size)
        if piece.marked:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), "FFE08A")
            run._r.get_or_add_rPr().append(shade)


def _run(paragraph: Paragraph, text: str, face: str = _BODY, size: float = 16) -> Any:
    run = paragraph.add_run(_NO_XML.sub("", text))
    run.font.name, run.font.size = _LATIN, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    return run


def _grid(document: Doc, block: Grid) -> None:
    # Thousands of cells: the library would take seconds to put them in one by one.
    share = _WIDTH * _TWENTIETHS / sum(block.widths)
    widths = [round(share * width) for width in block.widths]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = "".join(
        _row(row, widths, named=block.headed and number == 0)
        for number, row in enumerate(block.rows)
    )
    made = parse_xml(f"{_TABLE}<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>")
    document.element.body[-1].addprevious(made)
    _paragraph(document, line=Pt(10))


def _row(row: tuple[Cell, ...], widths: Sequence[int], named: bool) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{_cell(cell, named)}</w:tc>'
        for cell, width in zip(row, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' * named}</w:trPr>{cells}</w:tr>"


def _cell(cell: Cell, bold: bool) -> str:
    style = _CODE_STYLE if cell.code else _CELL_STYLE
    runs = "".join(_run_xml(piece, bold) for piece in cell.pieces)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'


def _run_xml(piece: Piece, bold: bool) -> str:
    shade = '<w:shd w:val="clear" w:fill="FFE08A"/>' * piece.marked
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>'
        for line in _NO_XML.sub("", piece.text).split("\n")
    )
    return f"<w:r><w:rPr>{'<w:b/>' * bold}{shade}</w:rPr>{lines}</w:r>"


def _figures(document: Doc, block: Figures) -> None:
    grid = document.add_table(rows=2, cols=len(block.items))
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    for at, item in enumerate(block.items):
        picture = grid.rows[0].cells[at].paragraphs[0]
        picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
        width, height = item.size
        picture.add_run().add_picture(io.BytesIO(item.jpeg), Mm(width), Mm(height))
        caption = grid.rows[1].cells[at].paragraphs[0]
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(caption, item.caption, _BODY, 11)


def _fixed(body: bytes) -> bytes:
    """Return the same document, its parts in order of name and dated 1980."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as made,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        # [Content_Types].xml must come first, and does.
        for name in sorted(made.namelist()):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            fixed.writestr(entry, made.read(name), zipfile.ZIP_DEFLATED)
    return file.getvalue()
