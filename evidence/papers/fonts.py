"""Chinese type for PDFs: the system's Noto Serif CJK SC, else the one that comes as a package."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

_SYSTEM = "Noto Serif CJK SC"
_PACKED = "Noto Sans SC"


class NoTypeError(Exception):
    """There is no Chinese type to set a paper in; the message says what to install."""


@cache
def fonts() -> tuple[str, typst.Fonts]:
    """Return the family to set papers in, and where it is found.

    Raises:
        NoTypeError: neither the system nor the package has it.
    """
    import typst

    system = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    if _SYSTEM in system.families():
        return _SYSTEM, system
    return _PACKED, packed()


def packed() -> typst.Fonts:
    """Return the type of package justmytype-intl-cjk: Noto Sans SC, SIL Open Font License 1.1.

    Raises:
        NoTypeError: the package is not installed.
    """
    import typst

    try:
        from justmytype_intl_cjk import get_font_pack  # type: ignore[import-untyped]  # no stubs
    except ImportError as absent:
        raise NoTypeError("缺少中文字体，请安装：pip install 'markwatch[papers]'") from absent
    folders = [str(folder / "ofl/notosanssc") for folder in get_font_pack().get_font_directories()]
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
    if _PACKED not in found.families():
        raise NoTypeError(f"字体包中没有 {_PACKED}，请重新安装：pip install 'markwatch[papers]'")
    return found
