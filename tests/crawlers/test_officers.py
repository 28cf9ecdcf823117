"""Two officers open a listing again: what they see is kept, what changed is told in Chinese."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawlers.browser import missing
from evidence.exhibit import exhibits
from evidence.packet import Dossier, write_packet
from evidence.recapture import recaptures
from evidence.vault import Vault
from evidence.verify import verify
from leads.model import Finding, Hit, Lead, Session, Triage, Verdict, lead_id
from leads.recipients import Recipient, RecipientKind
from leads.store import open_store
from practice.pages import walls
from practice.settle import settle

ROOT = Path(__file__).parent.parent.parent
NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
LEAD = lead_id("practice-market", "7001", "gi-shanxi-laochencu")

pytestmark = [
    pytest.mark.night,
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]


def png(color: int) -> bytes:
    """Return a picture that a browser can show."""
    import io

    from PIL import Image

    whole = io.BytesIO()
    Image.new("RGB", (20, 20), (color, 0, 0)).save(whole, "PNG")
    return whole.getvalue()


@pytest.fixture(scope="module")
def crawled(
    loopback: Callable[[], Any],
    crawl: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Any, Path]:
    """A market with one listing, crawled and made a lead."""
    market, folder = loopback(), tmp_path_factory.mktemp("crawled")
    market.results("7001")
    market.item("7001", picture=f"{market.url}/market/p.png")
    market.page("/market/p.png", png(10), Content_Type="image/png")
    done = crawl(market, folder=folder)
    listing = done.listings["7001"]
    assert listing.pictures[0].sha256
    hit = Hit(
        right="gi-shanxi-laochencu",
        name="山西老陈醋",
        finding=Finding.GI_NAME,
        matcher="names",
        score=0.9,
        reason="疑似",
    )
    lead = Lead(
        id=LEAD, right=hit.right, right_name=hit.name, listing=listing, triage=Triage.LEAD,
        score=0.9, hits=(hit,), law_day=date(2026, 11, 22), found_at=NIGHT,
    )  # fmt: skip
    with open_store(f"sqlite:///{folder / 'markwatch.db'}") as store:
        store.put([lead])
    return market, folder


@pytest.fixture
def found(crawled: tuple[Any, Path], tmp_path: Path) -> Iterator[tuple[Any, Path]]:
    """The same for each test, whatever it does to the market."""
    market, folder = crawled
    answers = dict(market.answers)
    yield market, shutil.copytree(folder, tmp_path / "found")
    market.answers.clear()
    market.answers.update(answers)


def recapture(folder: Path, *officers: str) -> subprocess.CompletedProcess[str]:
    where = ["--config", folder / "config", "--store", f"sqlite:///{folder / 'markwatch.db'}"]
    command = [sys.executable, "-m", "console.cli", "recapture", LEAD, "--officers"]
    done = subprocess.run(
        [*command, *officers, *map(str, where), "--vault", str(folder / "vault")],
        cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_what_is_seen_is_kept_with_every_step_and_goes_into_the_packet(
    found: tuple[Any, Path],
) -> None:
    _, folder = found
    done = recapture(folder, "张三", "李四")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "与首次采集相比，没有发现变化。\n"
    vault = Vault(folder / "vault")
    (record,) = recaptures(vault, LEAD)
    assert (record.officers, record.verdict) == (("张三", "李四"), Verdict.OK)
    files = {role: vault.record(capture) for role, _, capture in record.files}
    assert set(files) == {"dom", "screenshot", "mhtml", "picture", "steps"}
    assert vault.bytes(files["screenshot"]).startswith(b"\x89PNG")
    assert b"multipart/related" in vault.bytes(files["mhtml"])
    steps = json.loads(vault.bytes(files["steps"]))
    assert [one["status"] for one in steps["requests"]][:1] == [200]
    assert any("截取整页图片" in step for step in record.steps)
    session = Session.model_validate_json(vault.bytes(record.session))
    assert (session.mode, session.officers) == ("officer", ("张三", "李四"))
    facts = dict(session.environment)
    assert facts["浏览器"].startswith("Chromium ")
    assert "无 Cookie" in facts["清洁环境"]
    assert {one.peer for one in files.values()} == {"127.0.0.1"}

    with closing(open_store(f"sqlite:///{folder / 'markwatch.db'}")) as store:
        standing = store.get(LEAD)
    assert standing
    proofs = exhibits([standing.lead], vault)
    assert [proof.role for proof in proofs][:2] == ["page", "picture"]
    bureau = Recipient(id="140100", kind=RecipientKind.BUREAU, name="太原市市场监督管理局")
    dossier = Dossier([standing.lead], bureau, proofs)
    first = write_packet(dossier, vault=vault, folder=folder / "a").path
    second = write_packet(dossier, vault=vault, folder=folder / "b").path
    assert verify(first) == []
    assert first.read_bytes() == second.read_bytes()


def test_what_changed_or_vanished_is_told(found: tuple[Any, Path]) -> None:
    market, folder = found
    product = {
        "@type": "Product", "name": "演练商品7001改", "sku": "7001",
        "image": [f"{market.url}/market/q.png"],
        "offers": {"@type": "Offer", "price": "19.90", "priceCurrency": "CNY",
                   "seller": {"name": "另一店"}},
    }  # fmt: skip
    script = f'<script type="application/ld+json">{json.dumps(product)}</script>'
    market.page("/market/7001", f"<html><head>{script}</head><body>x</body></html>")
    market.page("/market/q.png", png(99), Content_Type="image/png")
    done = recapture(folder, "张三", "李四")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "标题：首次采集时为“演练商品7001”，本次为“演练商品7001改”",
        "标价：首次采集时为“12.50 至 12.50 CNY”，本次为“19.90 至 19.90 CNY”",
        "产地：首次采集时为“演练县”，本次未见",
        "店铺：首次采集时为“演练店”，本次为“另一店”",
        "参数“产地”：首次采集时为“演练县”，本次未见",
        "图片：首次采集的 1 张本次未见或已更换",
        "图片：本次有 1 张首次采集时未见",
        "首次为直接访问，本次用浏览器访问，脚本载入的内容只在本次可见。",
    ]


def test_what_the_first_page_never_said_cannot_vanish_from_it(
    found: tuple[Any, Path],
) -> None:
    _, folder = found
    with closing(open_store(f"sqlite:///{folder / 'markwatch.db'}")) as store:
        standing = store.get(LEAD)
        assert standing
        from_elsewhere = {"brand": "搜索页所示", "description": "店铺页所示"}
        listing = standing.lead.listing.model_copy(update=from_elsewhere)
        store.put([standing.lead.model_copy(update={"listing": listing})])
    assert recapture(folder, "张三", "李四").stdout == "与首次采集相比，没有发现变化。\n"


def captcha(market: Any) -> None:
    market.page("/market/7001", walls.CAPTCHA.data)


def login(market: Any) -> None:
    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "/login?redirectURL=x")
        request.send_header("Content-Length", "0")
        request.end_headers()

    market.answers["/market/7001"] = send
    market.page("/login", "<html><title>登录</title><form><input type=password></form></html>")


def gone(market: Any) -> None:
    market.page("/market/7001", "<h1>404</h1>", 404)


def forbidden(market: Any) -> None:
    market.page("/market/7001", "<h1>403</h1>", 403)


def sent_inside(market: Any) -> None:
    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "http://127.0.0.1:8099/")
        request.send_header("Content-Length", "0")
        request.end_headers()

    market.answers["/market/7001"] = send


def hoards(market: Any) -> None:
    """A page that does what it can to keep the officers from finishing."""
    market.page(
        "/market/7001",
        """<html><body onbeforeunload="return 1"><script>
alert('x'); Object.defineProperty(document.documentElement, 'scrollHeight', {get: () => 'x'});
window.print(); window.open('/market/7001');
</script><div style="height:100000px">x</div></body></html>""",
    )


OBSTACLES: list[tuple[Callable[[Any], None], set[Verdict], str]] = [
    (captcha, {Verdict.BLOCKED}, "要求登录或验证"),
    (login, {Verdict.BLOCKED}, "要求登录或验证"),
    (forbidden, {Verdict.BLOCKED}, "HTTP 403"),
    (gone, {Verdict.FAILED}, "HTTP 404"),
    (sent_inside, {Verdict.FAILED}, "拒绝访问"),
    (hoards, {Verdict.EMPTY, Verdict.UNSUPPORTED}, "不能读取"),
]


@pytest.mark.parametrize("case", range(len(OBSTACLES)))
def test_a_page_that_is_blocked_or_gone_is_a_result(found: tuple[Any, Path], case: int) -> None:
    obstacle, verdicts, told = OBSTACLES[case]
    market, folder = found
    obstacle(market)
    done = recapture(folder, "张三", "李四")
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
    (record,) = recaptures(Vault(folder / "vault"), LEAD)
    assert record.verdict in verdicts, record
    assert record.listing is None
    files = {role: Vault(folder / "vault").record(capture) for role, _, capture in record.files}
    assert "steps" in files
    if obstacle is login:
        assert files["dom"].exchange
        assert files["dom"].exchange.redirects == ((302, f"{market.url}/market/7001"),)


@pytest.mark.parametrize(
    "officers", [("张三", "张三"), ("张三", "张 三"), ("张三", " "), ("A", "Ａ")]
)
def test_one_officer_is_not_two(tmp_path: Path, officers: tuple[str, str]) -> None:
    settle(ROOT / "config", tmp_path / "config", "http://127.0.0.1:1", 0, 0)
    done = recapture(tmp_path, *officers)
    assert done.returncode == 2
    assert "两名不同的执法人员" in done.stderr
