"""YAML is read as people mean it, with every place, and no file can do harm."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.files import Faults, Place
from core.yamlfile import MOST_BYTES, parse_yaml, read_source


def told_of(raw: bytes) -> list[str]:
    faults = Faults()
    assert parse_yaml(raw, "f.yaml", faults) is None
    return [str(fault) for fault in faults.found]


def rules_of(raw: bytes) -> set[str]:
    return {told.rpartition("[")[2].rstrip("]") for told in told_of(raw)}


def data_of(raw: bytes) -> object:
    faults = Faults()
    document = parse_yaml(raw, "f.yaml", faults)
    assert document is not None
    assert not faults.found
    return document.data


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), ("-3", -3), ("0", 0), ("1.5", 1.5), ("true", True), ("false", False), ("", None), ("~", None),
        ("null", None), ("no", "no"), ("Yes", "Yes"), ("True", "True"), ("010", "010"), ("12:30", "12:30"),
        ("+33123456789", "+33123456789"), ("1_000", "1_000"), ("1e3", "1e3"), ("0x1F", "0x1F"), (".5", ".5"),
        ("2026-11-23", "2026-11-23"), ("'12'", "12"), ('"true"', "true"), ("9" * 20, "9" * 20), (".inf", ".inf"),
    ],
)  # fmt: skip
def test_a_value_is_what_was_meant(written: str, value: object) -> None:
    data = data_of(f"a: {written}".encode())
    assert data == {"a": value}
    assert type(data["a"]) is type(value)  # type: ignore[index]


def test_keys_are_text() -> None:
    assert data_of(b"1: a\n0: b\nno: c\ntrue: d\n'*': e") == {"1": "a", "0": "b", "no": "c", "true": "d", "*": "e"}


def test_every_key_and_value_has_its_place() -> None:
    raw = "é: {b: [1, 'deux']}\nc: |\n  long\nd: \"x\"\n".encode()
    document = parse_yaml(raw, "f.yaml", Faults())
    assert document is not None
    assert document.key_place(("é", "b")) == Place("f.yaml", 1, 5)
    assert document.place(("é", "b", 1)) == Place("f.yaml", 1, 12)
    assert document.place(("é", "b", 1), offset=2) == Place("f.yaml", 1, 15)
    assert document.place(("c",), offset=2) == Place("f.yaml", 2, 4)
    assert document.place(("d",), offset=0) == Place("f.yaml", 4, 5)
    assert document.place(("é", "missing", "further")) == Place("f.yaml", 1, 4)


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert data_of(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}


def test_a_duplicate_key_is_told_and_the_rest_can_still_be_checked() -> None:
    faults = Faults()
    document = parse_yaml(b"a: 1\nb: {c: 2}\na: {c: 3, c: 4}\n", "f.yaml", faults)
    assert document is not None
    assert document.data == {"a": 1, "b": {"c": 2}}
    assert document.place(("a",)) == Place("f.yaml", 1, 4)
    assert [str(fault) for fault in faults.found] == [
        "f.yaml:3:1: the key a stands here twice; the first one is in line 1 [duplicate-key]",
        "f.yaml:3:11: the key c stands here twice; the first one is in line 3 [duplicate-key]",
    ]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "empty"),
        (b"# rien\n", "empty"),
        (b"a: &x 1\n", "anchor"),
        (b"a: [1, *x]\n", "alias"),
        (b"a: !!python/name:os.system x\n", "tag"),
        (b"! a\n", "tag"),
        (b"%TAG ! tag:x,2026:\n---\na: 1\n", "tag"),
        (b"a: 1\n---\nb: 2\n", "documents"),
        (b"? [a]\n: b\n", "key"),
        (b"{[a]: b}", "key"),
        (b"a: \x00", "control-character"),
        (b"a: \x1b[31m", "control-character"),
        ("a: \u202e".encode(), "control-character"),
        (b'a: "\\u202e"', "control-character"),
        (b'"\\0": a', "control-character"),
        (b"a: caf\xe9", "encoding"),
        ("a: b".encode("utf-16"), "encoding"),
        (b"a:\n\tb: 1\n", "syntax"),
        (b"a: 'b", "syntax"),
        (b"a: b: c", "syntax"),
        (b'a: "\\ud800"', "syntax"),
        (b"a: %b", "syntax"),
        (b"[" * 20_000, "too-deep"),
        (b"{a: " * 20_000, "too-deep"),
        (b"- " * 20_000, "too-deep"),
        (b"\n".join(b" " * depth + b"a:" for depth in range(1_300)), "too-deep"),
        (b"".join(b"k%d: v\n" % number for number in range(95_000)), "too-many-values"),
        (b"- a\n" * 237_000, "too-many-values"),
        (b"a" * (MOST_BYTES + 1), "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_not_allowed_is_told_by_its_rule(raw: bytes, rule: str) -> None:
    assert rule in rules_of(raw)


def test_a_bomb_of_aliases_is_told_and_never_built() -> None:
    raw = b"a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        raw += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n".encode()
    assert rules_of(raw) == {"anchor", "alias"}


@pytest.mark.parametrize(
    "piece",
    [b"- a: [1, 2\n", b"*a ", b"&a ", b"! ", b": ", b"? a\n", b"%a\n", b"a: b\n", b"'", b'"\\x41', b"{a: {}, ", b"a\n"],
)
@pytest.mark.timeout(20)
def test_950_kb_of_bad_yaml_are_soon_told(piece: bytes) -> None:
    faults = Faults()
    raw = b"a: [" + piece * (950_000 // len(piece))
    assert parse_yaml(raw, "f.yaml", faults) is None
    assert 0 < len(faults.found) <= 50


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{},&*!|>'\"%@`#?\n\t \\é01", max_size=120).map(str.encode))
def test_whatever_the_bytes_they_are_read_or_told(raw: bytes) -> None:
    faults = Faults()
    document = parse_yaml(raw, "f.yaml", faults)
    assert document is not None or faults.found
    assert all(fault.place.line >= 1 and fault.place.column >= 1 for fault in faults.found)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_bytes(b"a" * (MOST_BYTES + 1))
    for name, rule in (("missing.yaml", "unreadable"), (".", "unreadable"), ("large.yaml", "too-large")):
        faults = Faults()
        assert read_source(tmp_path / name, faults) is None
        assert [fault.rule for fault in faults.found] == [rule]
