"""Who a paper can be addressed to, and what kind of office that is."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from leads.model import Bureau, Dated, Finding, Id, Right


class RecipientKind(StrEnum):
    """What sort of body receives a paper; it decides which paper that is."""

    OWN = "own"
    """The office that uses markwatch, and its own enforcement unit."""
    BUREAU = "bureau"
    """A city bureau of the own province: down the line."""
    PROVINCE = "province"
    """The market regulator of another province: sideways."""
    DEPARTMENT = "department"
    """Another department, such as the tobacco monopoly bureau."""
    POLICE = "police"
    PROCURATOR = "procurator"
    """Receives a copy of what goes to the police."""
    PLATFORM = "platform"
    HOLDER = "holder"
    """The holder of a right, asked to identify goods."""
    SUPERIOR = "superior"
    """The office above, asked where no transfer is possible."""


RECIPIENT_ZH = {
    RecipientKind.OWN: "本机关",
    RecipientKind.BUREAU: "市局",
    RecipientKind.PROVINCE: "外省市场监管部门",
    RecipientKind.DEPARTMENT: "其他部门",
    RecipientKind.POLICE: "公安机关",
    RecipientKind.PROCURATOR: "检察机关",
    RecipientKind.PLATFORM: "平台",
    RecipientKind.HOLDER: "权利人",
    RecipientKind.SUPERIOR: "上级机关",
}


class Recipient(Dated):
    """One body that papers are addressed to; in ``config/recipients/<id>.toml``."""

    id: Id
    """The stem of its file; ``holder-<right id>`` for the holder of a right."""
    kind: RecipientKind
    name: str = Field(min_length=1)
    """As a paper is addressed."""
    place: str | None = None
    """The division it is in charge of, or a platform's seat, as written: 浙江省杭州市."""
    code: str | None = Field(default=None, pattern=r"^\d{6}$")
    """GB/T 2260 code of that division."""
    cities: tuple[str, ...] = ()
    """Its cities without 市, by which a place without province is known."""
    sites: tuple[str, ...] = ()
    """Ids of the sites a platform runs."""
    findings: tuple[Finding, ...] = ()
    """What a department must also hear of."""
    address: str | None = None
    contact: str | None = None
    phone: str | None = None
    verified: bool = False
    source: str | None = None
    note: str | None = None

    @property
    def competent(self) -> bool:
        """Tell whether it is an authority that may know the persons behind a shop."""
        return self.kind not in (RecipientKind.PLATFORM, RecipientKind.HOLDER)


def of_bureau(bureau: Bureau) -> Recipient:
    """Return a city bureau as a recipient."""
    return Recipient(
        id=bureau.code,
        kind=RecipientKind.BUREAU,
        name=bureau.name,
        place=bureau.city,
        code=bureau.code,
        address=bureau.address,
        contact=bureau.contact,
        verified=bureau.verified,
    )


def of_holder(right: Right) -> Recipient | None:
    """Return the holder of a right as a recipient; None where no holder is known."""
    if not right.holder:
        return None
    return Recipient(
        id=f"holder-{right.id}",
        kind=RecipientKind.HOLDER,
        name=right.holder,
        verified=right.verified,
        source=right.source,
    )
