"""What is wrong with the config or a file, in words for officers, all of it at once."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in the config: where and why."""

    file: str
    field: str
    reason: str

    def __str__(self) -> str:
        return "：".join(part for part in (self.file, self.field, self.reason) if part)


class ConfigError(Exception):
    """The config is unusable; carries every fault that was found, not just the first."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[list[Fault]]]:
        """Let it come out of another process."""
        return type(self), (self.faults,)


_UNREADABLE = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已有同名文件",
    errno.ENAMETOOLONG: "名称过长",
    errno.ELOOP: "链接指向自身",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读，无法写入",
    errno.ENOSPC: "磁盘已满",
    errno.EADDRINUSE: "已被占用",
}


def why(error: OSError) -> str:
    """Return the reason of the operating system in Chinese; an uncommon one in its own words."""
    return _UNREADABLE.get(error.errno or 0) or error.strerror or str(error)


_REASONS = {
    "missing": "缺少必填项",
    "extra_forbidden": "不认识的字段",
    "json_invalid": "不是合法的 JSON（{error}）",
    "string_type": "应为文字",
    "string_unicode": "不是合法的文字",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "格式应符合 {pattern}",
    "tuple_type": "应为列表",
    "too_short": "至少要有 {min_length} 项",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "date_type": "应为日期，如 2026-11-22",
    "date_parsing": "应为日期，如 2026-11-22",
    "date_from_datetime_parsing": "应为日期，如 2026-11-22",
    "date_from_datetime_inexact": "应为日期，不带时刻",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "timezone_aware": "应写明时区，如 2026-11-22T01:30:00+08:00",
    "time_type": "应为时刻，如 01:30:00",
    "time_parsing": "应为时刻，如 01:30:00",
    "datetime_type": "应为时间，如 2026-11-22T01:30:00+08:00",
    "datetime_parsing": "应为时间，如 2026-11-22T01:30:00+08:00",
    "datetime_from_date_parsing": "应为时间，如 2026-11-22T01:30:00+08:00",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "model_type": "应为一组字段",
    "model_attributes_type": "应为一组字段",
    "value_error": "{error}",
}


def faults_of(file: str, invalid: ValidationError, where: str = "") -> Iterator[Fault]:
    """Yield a fault for everything pydantic refused; ``where`` stands before the field's name.

    A list is refused along with its items; only the items are told.
    """
    errors = invalid.errors(include_url=False, include_input=False)
    inner = {error["loc"][:size] for error in errors for size in range(1, len(error["loc"]))}
    for error in errors:
        if error["loc"] in inner:
            continue
        field = ".".join(map(str, error["loc"]))
        reason = _REASONS.get(error["type"])
        told = reason.format(**error.get("ctx", {})) if reason else f"不合要求（{error['msg']}）"
        yield Fault(file, where + field, told)
