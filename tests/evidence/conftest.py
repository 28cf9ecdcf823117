"""A lead with everything that proves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from evidence.packet import write_packet
from evidence.vault import Vault
from leads.model import (
    Bureau,
    Defence,
    DefenceCode,
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
    Span,
    State,
    Triage,
    lead_id,
)
from leads.store import Standing

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
    page = vault.keep(
        PAGE,
        media_type="text/html; charset=utf-8",
        url=url,
        captured_at=NIGHT,
        how="http",
        status=200,
        headers=[("Date", "Sun, 22 Nov 2026 01:30:00 GMT")],
        peer="203.0.113.7",
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


@pytest.fixture
def write(lead: Lead, right: Right, vault: Vault, tmp_path: Path) -> Callable[..., Path]:
    """Write the packet of the lead, or of one with other fields or another right."""

    def write(folder: str = "packets", of: Right | None = right, **changes: Any) -> Path:
        changed = Lead.model_validate({**dict(lead), **changes})
        judgement = Judgement(
            lead=lead.id, state=State.ASSIGNED, reason="证据充分", by="甲", at=NIGHT
        )
        return write_packet(
            Standing(changed, State.ASSIGNED),
            right=of,
            judgements=[judgement],
            bureau=Bureau(code="140100", name="太原市市场监督管理局", city="太原市"),
            vault=vault,
            folder=tmp_path / folder,
        )

    return write
