"""Who stamps and who signs: ``sealing.toml`` in the config folder; without it nobody does.

::

    ntp = "ntp.ntsc.ac.cn"            # time server; optional

    [[authority]]                     # tried in order until one answers
    name = "某时间戳服务"
    url = "https://tsa.example.cn/"
    certificates = "tsa-ca.pem"       # below the config folder
    timeout = 10                      # seconds

    [signer]
    certificate = "unit.pem"
    key = "/etc/markwatch/unit.key"   # its password, if any, in MARKWATCH_KEY_PASSWORD
    # or, for a device that holds the key: reads what is to be signed, writes CMS (DER)
    command = ["/usr/local/bin/sign"]
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import ConfigDict, Field, HttpUrl, model_validator

from leads.entries import entry
from leads.faults import ConfigError, Fault
from leads.model import Record

FILE = "sealing.toml"


class Authority(Record):
    """A time-stamp authority (RFC 3161)."""

    name: str = Field(min_length=1)
    url: HttpUrl
    certificates: Path
    """Certificates (PEM) by which its stamps are checked."""
    timeout: Annotated[float, Field(gt=0, le=120)] = 10
    """Seconds for the whole answer."""


class Signer(Record):
    """The bureau's own signature."""

    certificate: Path
    """Certificate (PEM), with those between it and its root after it."""
    key: Path | None = None
    """Private key (PEM)."""
    command: tuple[str, ...] = ()
    """What signs instead: the words of a command."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.key is None) == (not self.command):
            raise ValueError("key 和 command 须写且只写一个")
        return self


class Sealing(Record):
    """Who stamps, who signs, and which clock is right."""

    model_config = ConfigDict(populate_by_name=True)

    authorities: tuple[Authority, ...] = Field(default=(), alias="authority")
    signer: Signer | None = None
    ntp: str | None = None


def load(root: Path) -> Sealing:
    """Read ``sealing.toml`` below ``root``; its relative paths are below ``root`` as well.

    Raises:
        ConfigError: with everything that is wrong in it.
    """
    if not (root / FILE).is_file():
        return Sealing()
    faults: list[Fault] = []
    sealing = entry(root / FILE, root, Sealing, faults)
    if sealing is None:
        raise ConfigError(faults)
    authorities = tuple(
        one.model_copy(update={"certificates": root / one.certificates})
        for one in sealing.authorities
    )
    signer = sealing.signer
    if signer:
        key = signer.key and root / signer.key
        signer = signer.model_copy(update={"key": key, "certificate": root / signer.certificate})
    files = [one.certificates for one in authorities]
    files += [file for file in (signer and signer.certificate, signer and signer.key) if file]
    faults += [Fault(FILE, "", f"没有文件 {file}") for file in files if not file.is_file()]
    if faults:
        raise ConfigError(faults)
    return sealing.model_copy(update={"authorities": authorities, "signer": signer})
