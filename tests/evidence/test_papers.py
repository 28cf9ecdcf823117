"""Papers say what the case says, for each recipient its own, whole or marked as a draft."""

from __future__ import annotations

import hashlib
import io
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from PIL import Image

from evidence.exhibit import Exhibit
from evidence.linter import leaks
from evidence.papers import Case, Extraction, Incomplete, LeakError, Officer, PapersError, papers
from evidence.papers.fonts import packed
from leads.model import (
    Box,
    Defence,
    DefenceCode,
    Evidence,
    Finding,
    Hit,
    Judgement,
    Lead,
    Listing,
    Mark,
    Picture,
    Price,
    Provision,
    Right,
    RightKind,
    Route,
    Seller,
    Sold,
    Span,
    State,
    Triage,
)
from leads.recipients import Recipient, RecipientKind

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://x") #read("/etc/passwd") $x$ *粗*\u202e反\x07 <b>&amp; ' + "长" * 300
ENCLOSURES = ("涉嫌犯罪案件情况的调查报告", "涉案物品清单", "检验报告或者鉴定意见")


def picture(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(file, "JPEG")
    return file.getvalue()


PHOTO = picture((180, 120, 80))


def captured(body: bytes, id: str, media_type: str) -> Evidence:
    return Evidence(
        id=id,
        sha256=hashlib.sha256(body).hexdigest(),
        sm3=hashlib.new("sm3", body).hexdigest(),
        size=len(body),
        media_type=media_type,
        url="https://item.shop.test/1",
        captured_at=NIGHT,
        how="http",
        peer="203.0.113.7",
    )


def lead(number: int, title: str) -> Lead:
    sha = hashlib.sha256(PHOTO).hexdigest()
    listing = Listing(
        site="taobao",
        ref=str(number),
        url=f"https://item.shop.test/{number}",
        title=title,
        attributes=(("产地", "江苏镇江"),),
        price=Price(min=Decimal("19.9"), max=Decimal("39.9")),
        sold=Sold(count=3000),
        seller=Seller(name="醋坊", company="张三丰", location="山西 太原某路12号"),
        pictures=(Picture(sha256=sha),),
        captured_at=NIGHT,
        capture=f"c{number}",
    )
    hit = Hit(
        right="gi",
        name="某老陈醋",
        finding=Finding.GI_ORIGIN,
        matcher="origin",
        score=0.9,
        reason="所称产地疑似不在保护范围内",
        spans=(
            Span(field="title", start=0, end=2, text=title[:2]),
            Span(field="attributes.0", start=0, end=4, text="江苏镇江"),
        ),
        boxes=(Box(picture=sha, box=(10, 10, 5000, -3)),),
        provisions=(Provision(id="a#1", article="《某办法》第三十条"),),
        defences=(Defence(code=DefenceCode.DELIVERY_PLACE),),
    )
    return Lead(
        id=f"L{number:012}",
        right="gi",
        right_name="某老陈醋",
        listing=listing,
        triage=Triage.LEAD,
        score=0.9,
        hits=(hit,),
        routes=(Route(bureau="140100", reason="卖家所在地“山西 太原”"),),
        law_day=date(2026, 11, 22),
        found_at=NIGHT,
    )


@pytest.fixture
def case() -> Case:
    """A whole case: an ordinary title with a person in it, and a hostile one."""
    leads = [lead(1, "某老陈醋 联系人：张三 13812345678"), lead(2, HOSTILE)]
    page = b"<html>"
    return Case(
        leads=leads,
        sender=Recipient(
            id="140000",
            kind=RecipientKind.OWN,
            name="某省市场监督管理局",
            contact="王五",
            phone="0351-1234567",
        ),
        rights={
            "gi": Right(
                id="gi",
                kind=RightKind.GI,
                name="某老陈醋",
                holder="某协会",
                marks=(Mark(text="某老陈醋", number="1234567"),),
            )
        },
        judgements={
            leads[0].id: [
                Judgement(lead=leads[0].id, state=State.PENDING, reason="疑似", by="甲", at=NIGHT)
            ]
        },
        exhibits=[
            Exhibit(f"E{n:03}", role, name, record, body, one.id)
            for n, (role, name, record, body, one) in enumerate(
                (
                    part
                    for one in leads
                    for part in (
                        ("page", "网页", captured(page, f"c{one.id}", "text/html"), page, one),
                        ("picture", "图片 1", captured(PHOTO, "p", "image/jpeg"), PHOTO, one),
                        ("picture", "图片 2", captured(b"BM?", "q", "image/bmp"), b"BM?", one),
                    )
                ),
                1,
            )
        ],
        extractions=[
            Extraction(
                lead=leads[1].id,
                began=NIGHT,
                ended=NIGHT,
                officers=(Officer("李甲", "14010001"), Officer("赵乙")),
                environment=(("浏览器", "Chromium"),),
                steps=("打开浏览器", "截取全屏"),
                changes=("标价已改",),
            )
        ],
        officers=(Officer("李甲", "14010001"), Officer("赵乙")),
        approver="钱丙",
        number="某市监移〔2026〕12号",
        day=date(2026, 11, 23),
        crime="假冒注册商标罪",
        amount="59700 元（估算）",
        enclosures=ENCLOSURES,
        references={"gi": [picture((200, 0, 0))]},
    )


def to(kind: RecipientKind) -> Recipient:
    return Recipient(id="x", kind=kind, name="某收件单位", code="140100")


def words(docx: bytes) -> str:
    """Return every text of a document's body."""
    with zipfile.ZipFile(io.BytesIO(docx)) as packed:
        xml = packed.read("word/document.xml").decode()
    return "\n".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml))


def pdf_words(pdf: bytes, tmp_path: Path) -> str:
    (tmp_path / "a.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


FIRST = [
    (RecipientKind.OWN, "01_案件来源登记表"),
    (RecipientKind.BUREAU, "01_案件交办通知书"),
    (RecipientKind.PROVINCE, "01_案件线索移送函"),
    (RecipientKind.DEPARTMENT, "01_案件线索移送函"),
    (RecipientKind.POLICE, "01_涉嫌犯罪案件移送书"),
    (RecipientKind.PROCURATOR, "01_涉嫌犯罪案件移送书（抄送）"),
    (RecipientKind.PLATFORM, "01_关于核实处理涉嫌违法商品信息的通知"),
    (RecipientKind.HOLDER, "01_协助辨认（鉴别）通知书"),
    (RecipientKind.SUPERIOR, "01_关于涉嫌违法线索处置的请示"),
]


@pytest.mark.parametrize(("kind", "first"), FIRST)
def test_each_recipient_gets_its_own_paper(case: Case, kind: RecipientKind, first: str) -> None:
    files = papers(case, to(kind), draft=False)
    assert min(files) == f"{first}.docx"
    assert f"{first}.pdf" in files
    assert {"03_证据清单.xlsx", "05_比对说明.pdf"} <= set(files)
    assert ("04_电子数据证据提取笔录（底稿）.docx" in files) is to(kind).competent
    if kind is not RecipientKind.OWN:
        assert "某收件单位：" in words(files[f"{first}.docx"])


def test_the_same_case_gives_the_same_bytes_in_another_process(case: Case, tmp_path: Path) -> None:
    code = (
        "import hashlib,pickle,sys;from pathlib import Path;from evidence.papers import papers;"
        "files=papers(*pickle.loads(Path(sys.argv[1]).read_bytes()),draft=True);"
        "print(*(hashlib.sha256(files[n]).hexdigest() for n in sorted(files)))"
    )
    (tmp_path / "case").write_bytes(pickle.dumps((case, to(RecipientKind.BUREAU))))
    command = [sys.executable, "-c", code, str(tmp_path / "case")]
    told = subprocess.run(command, check=True, capture_output=True).stdout.decode().split()
    files = papers(case, to(RecipientKind.BUREAU), draft=True)
    assert told == [hashlib.sha256(files[name]).hexdigest() for name in sorted(files)]


def test_type_is_embedded_and_every_page_of_a_draft_says_so(case: Case, tmp_path: Path) -> None:
    assert shutil.which("pdffonts"), "poppler-utils"
    files = papers(case, to(RecipientKind.BUREAU), draft=True)
    whole = papers(case, to(RecipientKind.BUREAU), draft=False)
    for name in (name for name in files if name.endswith(".pdf")):
        pages = pdf_words(files[name], tmp_path).split("\f")[:-1]
        assert pages
        assert all("草稿" in page for page in pages)
        fonts = subprocess.run(
            ["pdffonts", str(tmp_path / "a.pdf")], check=True, capture_output=True
        ).stdout.decode()
        rows = fonts.splitlines()[2:]
        assert rows
        assert all(re.search(r"\byes yes yes\b", row) for row in rows), fonts
        assert "不得作为正式文书使用" not in pdf_words(whole[name], tmp_path)
    for name in (name for name in files if name.endswith(".docx")):
        with zipfile.ZipFile(io.BytesIO(files[name])) as packed_:
            headers = [packed_.read(n).decode() for n in packed_.namelist() if "header" in n]
        assert len(headers) == 2  # odd and even pages
        assert all('string="草稿"' in header for header in headers)


def test_the_packed_type_is_there_where_the_system_has_none() -> None:
    assert "Noto Sans SC" in packed().families()


def test_what_is_said_is_never_code_nor_hidden(case: Case, tmp_path: Path) -> None:
    files = papers(case, to(RecipientKind.BUREAU), draft=False)
    text = pdf_words(files["01_案件交办通知书.pdf"], tmp_path)
    assert '#read("/etc/passwd")' in text.replace("\u200b", "")
    assert "root:" not in text
    told = words(files["01_案件交办通知书.docx"])
    assert "⟨U+202E⟩反⟨U+0007⟩" in told
    assert "\u202e" not in told + text
    assert Document(io.BytesIO(files["05_比对说明.docx"])).tables


def test_what_the_type_cannot_show_is_spelt_out(case: Case, tmp_path: Path) -> None:
    one, chars = case.leads[0], "🔥𢿒®™ﷺ\U000f0000"
    title = "".join(f"正{char}宗" for char in chars)
    leads = [one.model_copy(update={"listing": one.listing.model_copy(update={"title": title})})]
    files = papers(replace(case, leads=leads), to(RecipientKind.HOLDER), draft=True)
    text = pdf_words(files["05_比对说明.pdf"], tmp_path)
    text = re.sub(r"\s", "", text)
    for char in chars:
        assert f"正{char}宗" in text or f"正〈U+{ord(char):04X}〉宗" in text


def test_official_layout_stands_in_the_word_file(case: Case) -> None:
    document = Document(
        io.BytesIO(papers(case, to(RecipientKind.BUREAU), draft=False)["01_案件交办通知书.docx"])
    )
    section = document.sections[0]
    sizes = [section.page_width, section.page_height, section.top_margin, section.left_margin]
    assert [round(size.mm) for size in sizes if size] == [210, 297, 37, 28]
    text_width = section.page_width.mm - section.left_margin.mm - section.right_margin.mm
    assert round(text_width) == 156
    assert {"仿宋_GB2312", "方正小标宋简体", "黑体"} <= set(
        re.findall(r'w:eastAsia="([^"]+)"', document.element.xml)
    )
    assert "PAGE" in section.footer._element.xml
    assert "PAGE" in section.even_page_footer._element.xml


def test_cells_of_a_workbook_are_text(case: Case) -> None:
    exhibit = case.exhibits[0]
    record = exhibit.record.model_copy(update={"url": "=1+1\x00\u202e", "peer": "@SUM(A1)"})
    case = replace(case, exhibits=[replace(exhibit, record=record), *case.exhibits[1:]])
    files = papers(case, to(RecipientKind.BUREAU), draft=False)
    sheet = load_workbook(io.BytesIO(files["03_证据清单.xlsx"])).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=1+1⟨U+0000⟩⟨U+202E⟩" in {cell.value for cell in cells}
    assert sheet.max_row == 1 + len(case.exhibits)


@pytest.mark.parametrize("kind", [RecipientKind.PLATFORM, RecipientKind.HOLDER])
def test_who_is_no_authority_reads_of_no_person(case: Case, kind: RecipientKind) -> None:
    files = papers(case, to(kind), draft=False)
    told = "".join(words(body) for name, body in files.items() if name.endswith(".docx"))
    for hidden in ("张三", "13812345678", "某路12号"):
        assert hidden not in told
    assert "联系人：张*" in told.replace("\n", "")
    assert "0351-1234567" in told  # the office's own
    assert leaks(files, allowed={"0351-1234567"}) == []


def test_an_authority_reads_all(case: Case) -> None:
    files = papers(case, to(RecipientKind.BUREAU), draft=False)
    told = words(files["01_案件交办通知书.docx"])
    assert "张三丰" in told
    assert "13812345678" in told


def test_what_the_masks_have_missed_does_not_leave(case: Case) -> None:
    sender = case.sender.model_copy(update={"address": "请打 13912345678"})
    with pytest.raises(LeakError, match=r"01_.*document\.xml 第 \d+ 段：电话号码 139\*"):
        papers(replace(case, sender=sender), to(RecipientKind.PLATFORM), draft=False)


def test_the_number_of_a_listing_may_look_like_a_phone(case: Case) -> None:
    first = case.leads[0]
    url = "https://item.shop.test/item?id=13912345678"
    listing = first.listing.model_copy(update={"url": url, "ref": "13912345678"})
    leads = [first.model_copy(update={"listing": listing})]
    files = papers(replace(case, leads=leads), to(RecipientKind.PLATFORM), draft=False)
    assert "13912345678" in words(min(files.items())[1])


MISSING = [
    (RecipientKind.BUREAU, {"number": None}, "文号"),
    (RecipientKind.BUREAU, {"day": None}, "成文日期"),
    (RecipientKind.BUREAU, {"approver": None}, "审批人"),
    (RecipientKind.BUREAU, {"approver": "李甲"}, "承办人员以外的审批人"),
    (RecipientKind.BUREAU, {"officers": (Officer("李甲"), Officer("李甲"))}, "两名承办人员"),
    (RecipientKind.PROVINCE, {"exhibits": ()}, "L000000000001 网页采集记录"),
    (RecipientKind.POLICE, {"crime": None}, "涉嫌罪名"),
    (RecipientKind.POLICE, {"amount": None}, "涉案金额"),
    (RecipientKind.POLICE, {"enclosures": ENCLOSURES[1:]}, f"随附材料：{ENCLOSURES[0]}"),
    (RecipientKind.PLATFORM, {"rights": {}}, "L000000000001 权利人"),
    (RecipientKind.OWN, {"rights": {}}, "L000000000002 权利登记（公告）号"),
]


@pytest.mark.parametrize(("kind", "changed", "named"), MISSING)
def test_a_missing_field_is_named_and_nothing_is_made(
    case: Case, kind: RecipientKind, changed: dict[str, object], named: str
) -> None:
    short = replace(case, **changed)  # type: ignore[arg-type]  # fields by name, from the table
    with pytest.raises(Incomplete) as refused:
        papers(short, to(kind), draft=False)
    assert named in refused.value.missing
    assert named in str(refused.value)


def test_a_bare_case_can_still_be_a_draft(case: Case) -> None:
    bare = Case(leads=[case.leads[0]], sender=case.sender)
    for kind in (RecipientKind.OWN, RecipientKind.POLICE, RecipientKind.HOLDER):
        assert papers(bare, to(kind), draft=True)


def test_without_leads_there_is_no_paper(case: Case) -> None:
    with pytest.raises(PapersError, match="没有线索"):
        papers(replace(case, leads=[]), to(RecipientKind.BUREAU), draft=True)


def test_a_picture_that_cannot_be_shown_is_told(case: Case) -> None:
    files = papers(case, to(RecipientKind.BUREAU), draft=False)
    told = words(files["05_比对说明.docx"])
    assert "E003 图片 2：无法显示，请查看原文件 evidence/E003/picture.bmp。" in told
    with zipfile.ZipFile(io.BytesIO(files["05_比对说明.docx"])) as packed_:
        media = [packed_.read(n) for n in packed_.namelist() if n.startswith("word/media/")]
    assert media
    assert all(body.startswith(b"\xff\xd8\xff") for body in media)
    assert PHOTO not in media
