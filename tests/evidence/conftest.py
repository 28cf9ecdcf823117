"""A lead with everything that proves it."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evidence.canonical import canonical
from evidence.exhibit import exhibits
from evidence.packet import Dossier, write_packet
from evidence.sealing import Authority, Sealing, Signer
from evidence.vault import Vault
from leads.model import (
    Clock,
    Defence,
    DefenceCode,
    Exchange,
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
    Session,
    Span,
    State,
    Triage,
    lead_id,
)
from leads.recipients import Recipient, RecipientKind

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PAGE = "<html><script>alert(1)</script>某老陈醋 ¥19.90</html>".encode()
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def listing(vault: Vault) -> Listing:
    """A listing whose page and first picture lie in the vault; its second picture was lost."""
    url = "https://item.shop.test/1"
    session = Session(
        mode="machine",
        purpose="监测",
        begun_at=NIGHT,
        clock=Clock(checked_at=NIGHT, source="ntp.test", offset=0.01),
        environment=(("python", "3.11"),),
    )
    exchange = Exchange(
        requested="http://shop.test/1",
        redirects=((302, "http://shop.test/1"),),
        resolved=("203.0.113.7",),
        request="GET /1 HTTP/1.1\r\nHost: item.shop.test\r\n\r\n",
        response="HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 01:30:00 GMT\r\n\r\n",
        omitted=("set-cookie",),
    )
    page = vault.keep(
        PAGE,
        media_type="text/html; charset=utf-8",
        url=url,
        captured_at=NIGHT,
        how="http",
        status=200,
        headers=[("Date", "Sun, 22 Nov 2026 01:30:00 GMT")],
        peer="203.0.113.7",
        exchange=exchange,
        session=vault.put(canonical(session)),
    )
    photo = vault.keep(
        PHOTO,
        media_type="image/png",
        url=f"{url}.png",
        captured_at=NIGHT + timedelta(seconds=3),
        how="http",
        status=200,
    )
    return Listing(
        site="shop",
        ref="1",
        url=url,
        title="正宗某老 陈·醋 5L",
        description="酿造" * 200,
        attributes=(("产地", "江苏镇江"),),
        price=Price(min=Decimal("19.90"), max=Decimal("39.90")),
        seller=Seller(ref="s7", name="醋坊旗舰店", company="太原某醋业有限公司"),
        origin="江苏镇江",
        ships_from="浙江杭州",
        pictures=(
            Picture(url=f"{url}.png", sha256=photo.sha256),
            Picture(url=f"{url}.lost.png"),
        ),
        captured_at=NIGHT,
        capture=page.id,
    )


@pytest.fixture
def lead(listing: Listing) -> Lead:
    hit = Hit(
        right="gi-vinegar",
        name="某老陈醋",
        finding=Finding.GI_ORIGIN,
        matcher="origin",
        score=0.9,
        reason="所称产地“江苏镇江”疑似不在保护范围内",
        spans=(
            Span(field="title", start=2, end=8, text="某老 陈·醋"),
            Span(field="attributes.0", start=0, end=4, text="江苏镇江"),
        ),
        provisions=(
            Provision(id="a#1", article="《某法》第一条", verified=True),
            Provision(id="a#2", article="《某法》第二条"),
        ),
        defences=(Defence(code=DefenceCode.DELIVERY_PLACE, detail="核对厂址"),),
    )
    return Lead(
        id=lead_id("shop", "1", "gi-vinegar"),
        right="gi-vinegar",
        right_name="某老陈醋",
        listing=listing,
        triage=Triage.LEAD,
        score=0.9,
        hits=(hit,),
        routes=(Route(bureau="140100", reason="企业住所在太原"),),
        law_day=date(2026, 11, 22),
        found_at=NIGHT,
    )


@pytest.fixture
def right() -> Right:
    return Right(
        id="gi-vinegar",
        kind=RightKind.GI,
        name="某老陈醋",
        holder="某协会",
        marks=(Mark(text="某老陈醋", number="1234567"),),
    )


BUREAU = Recipient(
    id="140100", kind=RecipientKind.BUREAU, name="太原市市场监督管理局", code="140100"
)


@pytest.fixture
def write(lead: Lead, right: Right, vault: Vault, tmp_path: Path) -> Callable[..., Path]:
    """Write the packet of the lead, or of one with other fields, right, recipient or seals."""

    def write(
        folder: str = "packets",
        of: Right | None = right,
        to: Recipient = BUREAU,
        sealing: Sealing | None = None,
        papers: dict[str, bytes] | None = None,
        **changes: Any,
    ) -> Path:
        changed = Lead.model_validate({**dict(lead), **changes})
        judgement = Judgement(
            lead=lead.id, state=State.ASSIGNED, reason="证据充分", by="甲", at=NIGHT
        )
        dossier = Dossier(
            leads=[changed],
            recipient=to,
            exhibits=exhibits([changed], vault),
            rights={of.id: of} if of else {},
            judgements={changed.id: [judgement]},
            papers=papers or {},
        )
        return write_packet(dossier, vault=vault, folder=tmp_path / folder, sealing=sealing).path

    return write


# ------------------------------------------------------------------ who stamps and signs

TSA = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.99
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
accuracy = secs:1
"""


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def issue(folder: Path, name: str, subject: str, ca: str | None, *extensions: str) -> None:
    """Make ``name.key`` and ``name.pem`` in ``folder``, certified by ``ca`` or by itself."""
    by = ("-CA", folder / f"{ca}.pem", "-CAkey", folder / f"{ca}.key") if ca else ()
    added = [word for extension in extensions for word in ("-addext", extension)]
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", subject, "-utf8",
        "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", *by, *added,
    )  # fmt: skip


@dataclass
class StampAuthority:
    """A real time-stamp authority on loopback, and what it is to do."""

    folder: Path
    url: str = ""
    mood: str = "good"
    """``good``, ``nonsense``, ``other`` (stamps what nobody sent), ``refuses``, ``drips`` or
    ``error``."""
    asked: list[bytes] = field(default_factory=list)

    def entry(self, timeout: float = 10) -> Authority:
        """Return it as it stands in the config."""
        url: Any = self.url
        return Authority(
            name="练习时间戳机构", url=url, certificates=self.folder / "ca.pem", timeout=timeout
        )

    def reply(self, query: bytes) -> bytes:
        """Answer a query as the mood is."""
        self.asked.append(query)
        if self.mood == "nonsense":
            return b"<html>502 Bad Gateway</html>"
        if self.mood == "other":
            (self.folder / "other").write_bytes(b"other")
            openssl("ts", "-query", "-data", self.folder / "other", "-sha256", "-cert",
                    "-out", self.folder / "query")  # fmt: skip
        else:
            (self.folder / "query").write_bytes(query if self.mood != "refuses" else query[:-3])
        subprocess.run(
            ["openssl", "ts", "-reply", "-queryfile", self.folder / "query", "-config",
             self.folder / "tsa.cnf", "-out", self.folder / "reply"],
            check=self.mood != "refuses", capture_output=True,
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()


@pytest.fixture(scope="session")
def made_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StampAuthority]:
    folder = tmp_path_factory.mktemp("authority")
    issue(folder, "ca", "/CN=练习根证书", None, "keyUsage=critical,keyCertSign,cRLSign")
    issue(
        folder, "tsa", "/CN=练习时间戳机构", "ca",
        "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=critical,timeStamping",
    )  # fmt: skip
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(TSA.format(folder=folder))
    authority = StampAuthority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = authority.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if authority.mood == "error" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for at in range(0, len(body), 64):
                self.wfile.write(body[at : at + 64])
                if authority.mood == "drips":
                    time.sleep(0.1)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield authority
    server.shutdown()
    server.server_close()


@pytest.fixture
def authority(made_authority: StampAuthority) -> Iterator[StampAuthority]:
    yield made_authority
    made_authority.mood = "good"


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """The bureau's key and certificate."""
    folder = tmp_path_factory.mktemp("signer")
    issue(folder, "unit", "/O=练习市场监督管理局", None)
    return Signer(certificate=folder / "unit.pem", key=folder / "unit.key")


@pytest.fixture
def sealing(authority: StampAuthority, signer: Signer) -> Sealing:
    return Sealing(authorities=(authority.entry(),), signer=signer)
