"""Stamps of a real authority, signatures with a real key; and what is told when either fails."""

from __future__ import annotations

import json
import socket
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.days import stamp_days
from evidence.seal import STATUS, seal
from evidence.sealing import Sealing, Signer, load
from evidence.signature import SignatureError, sign
from evidence.stamp import StampError, stamp
from evidence.verify import Trust, examine
from evidence.verify.tokens import SealError, check_signature, check_stamp
from leads.faults import ConfigError

DATA = b"what is sealed\n"


def test_a_stamp_tells_when_it_was_given_and_keeps_the_raw_bytes(authority: Any) -> None:
    stamped = stamp(DATA, [authority.entry()])
    assert abs(stamped.ahead) < 60
    assert authority.asked[-1] == stamped.request
    assert check_stamp(stamped.reply, DATA, stamped.roots) == stamped.facts
    assert stamped.facts.policy == "1.2.3.4.99"


def test_without_the_library_openssl_says_the_same(
    authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamped = stamp(DATA, [authority.entry()])
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    assert check_stamp(stamped.reply, DATA, stamped.roots) == stamped.facts
    with pytest.raises(SealError, match="不是盖在本文件上"):
        check_stamp(stamped.reply, DATA + b"!", stamped.roots)
    with pytest.raises(SealError, match="不是时间戳"):
        check_stamp(b"nonsense", DATA, stamped.roots)


MOODS = {
    "nonsense": "应答不是时间戳",
    "other": "时间戳不是盖在本文件上的",
    "refuses": "时间戳机构拒绝了请求",
    "drips": "在 1 秒内没有应答",
    "error": "HTTP 500",
}


@pytest.mark.parametrize("mood", MOODS)
def test_an_authority_that_does_not_stamp_is_told(authority: Any, mood: str) -> None:
    authority.mood = mood
    with pytest.raises(StampError, match=f"^练习时间戳机构：.*{MOODS[mood]}"):
        stamp(DATA, [authority.entry(timeout=1)])


def test_an_authority_that_is_down_or_silent_is_told_and_the_next_one_asked(
    authority: Any,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mute = authority.entry(timeout=0.3).model_copy(update={"url": f"http://127.0.0.1:{port}/"})
        with pytest.raises(StampError, match=r"在 0.3 秒内没有应答"):
            stamp(DATA, [mute])
        assert stamp(DATA, [mute, authority.entry()]).facts
    with pytest.raises(StampError, match="无法连接"):
        stamp(DATA, [mute])


def test_a_stranger_is_not_believed(authority: Any, signer: Signer) -> None:
    strange = authority.entry().model_copy(update={"certificates": signer.certificate})
    with pytest.raises(StampError, match="不受信任"):
        stamp(DATA, [strange])
    lost = authority.entry().model_copy(update={"certificates": Path("missing.pem")})
    with pytest.raises(StampError, match=r"无法读取证书 missing\.pem"):
        stamp(DATA, [lost])


@pytest.mark.parametrize("mood", MOODS)
def test_a_failed_stamp_is_seen_in_the_packet_and_never_silent(
    write: Callable[..., Path], authority: Any, mood: str
) -> None:
    authority.mood = mood
    sealing = Sealing(authorities=(authority.entry(timeout=1),))
    sealed = seal(DATA, sealing)
    assert [fault for fault in sealed.faults if MOODS[mood] in fault]
    assert MOODS[mood] in sealed.files["核验说明.txt"].decode("utf-8-sig")
    assert b'"state":"failed"' in sealed.files[STATUS]
    report = examine(write(sealing=sealing))
    assert report.problems == []
    assert [
        line for line in report.seals if line.startswith("时间戳未成功") and MOODS[mood] in line
    ]


def test_a_clock_that_is_wrong_is_told(
    authority: Any, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import tzinfo

    import evidence.stamp

    class Late(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) - timedelta(hours=1)

    monkeypatch.setattr(evidence.stamp, "datetime", Late)
    packet = write(sealing=Sealing(authorities=(authority.entry(),)))
    report = examine(packet)
    assert report.problems == []
    assert [line for line in report.seals if "时钟比时间戳机构慢" in line]


def test_a_signature_is_over_these_bytes_by_this_key_only(signer: Signer, authority: Any) -> None:
    signature, certificate = sign(DATA, signer)
    check_signature(signature, DATA, certificate, None)
    other = (authority.folder / "ca.pem").read_bytes()
    for data, given, roots, reason in (
        (DATA + b"!", signature, certificate, "不是对本文件"),
        (DATA, b"nonsense", certificate, "无法解读"),
        (DATA, signature, other, "不受信任"),
        (DATA, signature, b"", "无法解读|不受信任"),
    ):
        with pytest.raises(SealError, match=reason):
            check_signature(given, data, roots, None)


def test_a_command_signs_in_place_of_a_key(signer: Signer, tmp_path: Path) -> None:
    words = ("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-signer",
             str(signer.certificate), "-inkey", str(signer.key))  # fmt: skip
    device = Signer(certificate=signer.certificate, command=words)
    signature, certificate = sign(DATA, device)
    check_signature(signature, DATA, certificate, None)
    for command, reason in (
        (("false",), "退出码 1"),
        (("true",), "退出码 0"),
        ((str(tmp_path / "none"),), "无法运行"),
    ):
        with pytest.raises(SignatureError, match=reason):
            sign(DATA, device.model_copy(update={"command": command}))


def test_a_devices_signature_that_nothing_here_can_read_is_told_and_never_called_valid(
    write: Callable[..., Path], signer: Signer
) -> None:
    device = Signer(certificate=signer.certificate, command=("echo", "SM2"))
    packet = write(sealing=Sealing(signer=device))
    report = examine(packet)
    assert report.problems == []
    assert "签名由签名设备作出，此处无法核验，须用该设备的工具核验" in report.seals
    problems = examine(packet, Trust(sealed=True)).problems
    assert [p for p in problems if "签名无效：签名无法解读" in p.reason]


def test_a_key_that_cannot_be_used_is_told(signer: Signer, authority: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.key"
    broken.write_text("no key")
    for key, reason in (
        (broken, "无法使用"),
        (tmp_path / "none", "无法读取"),
        (authority.folder / "tsa.key", "无法使用|不是对本文件"),
    ):
        with pytest.raises(SignatureError, match=reason):
            sign(DATA, signer.model_copy(update={"key": key}))


# ------------------------------------------------------------------ the config

GOOD = """
ntp = "ntp.example.cn"
[[authority]]
name = "甲"
url = "https://tsa.example.cn/"
certificates = "ca.pem"
[signer]
certificate = "ca.pem"
command = ["sign"]
"""


def test_sealing_is_read_from_the_config_folder(tmp_path: Path) -> None:
    assert load(tmp_path) == Sealing()
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "sealing.toml").write_text(GOOD, encoding="utf-8")
    sealing = load(tmp_path)
    assert sealing.authorities[0].certificates == tmp_path / "ca.pem"
    assert sealing.signer
    assert sealing.signer.command == ("sign",)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"ca.pem"', '"lost.pem"', "没有文件"),
        ('command = ["sign"]', "", "须写且只写一个"),
        ('command = ["sign"]', 'command = ["sign"]\nkey = "ca.pem"', "须写且只写一个"),
        ('"https://tsa.example.cn/"', '"file:///etc/passwd"', "url"),
        ('ntp = "ntp.example.cn"', "ntp = 3", "ntp"),
        ('ntp = "ntp.example.cn"', 'npt = "x"', "不认识的字段"),
        ("[signer]", "[signer", "TOML"),
    ],
)
def test_what_is_wrong_in_the_config_is_named(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "sealing.toml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=fault) as caught:
        load(tmp_path)
    assert "sealing.toml" in str(caught.value)


# ------------------------------------------------------------------ the custody log's days


def test_the_end_of_a_day_is_stamped_once_and_its_proof_goes_into_the_packet(
    write: Callable[..., Path], vault: Any, listing: Any, authority: Any
) -> None:
    before = examine(write("before"))
    assert before.problems == []
    later = datetime.now(UTC).date() + timedelta(days=3)
    assert len(stamp_days(vault.custody, later, [authority.entry()])[0]) == 1
    assert stamp_days(vault.custody, later, [authority.entry()]) == ([], None)
    vault.custody.check()
    packet = write("after")
    report = examine(packet)
    assert report.problems == []
    assert [line for line in report.seals if "保管链末端时间戳有效" in line]
    with zipfile.ZipFile(packet) as packed:
        (log,) = (name for name in packed.namelist() if name.endswith(".jsonl"))
        last = json.loads(packed.read(log).splitlines()[-1])
        (head,) = (name for name in packed.namelist() if name.endswith(".head"))
        assert packed.read(head).decode().split()[1:] == [str(last["line"]), last["link"]]


def test_a_day_that_could_not_be_stamped_is_told_and_stamped_the_next_time(
    vault: Any, listing: Any, authority: Any
) -> None:
    later = datetime.now(UTC).date() + timedelta(days=3)
    authority.mood = "nonsense"
    done, fault = stamp_days(vault.custody, later, [authority.entry()])
    assert (done, "应答不是时间戳" in (fault or "")) == ([], True)
    authority.mood = "good"
    done, fault = stamp_days(vault.custody, later, [authority.entry()])
    assert (len(done), fault) == (1, None)
