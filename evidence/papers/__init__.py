"""The official papers that go with a packet, by recipient, as editable DOCX, PDF and XLSX."""

from __future__ import annotations

from collections.abc import Mapping

from evidence.papers.case import Case, Extraction, Officer
from leads.recipients import Recipient

__all__ = ["Case", "Extraction", "Incomplete", "Officer", "papers"]


class Incomplete(Exception):
    """Mandatory fields are empty; ``missing`` names each in Chinese, with the lead it is of."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(f"缺少 {len(missing)} 项必填内容：{'；'.join(missing)}")


def papers(case: Case, recipient: Recipient, draft: bool) -> Mapping[str, bytes]:
    """Return the papers for ``recipient`` as file name (by role) -> bytes, always the same bytes.

    With ``draft`` missing fields are left blank and every page says 草稿.

    Raises:
        Incomplete: a mandatory field is empty and this is no draft.
    """
    raise NotImplementedError
