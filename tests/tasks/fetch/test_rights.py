import json
from datetime import UTC, datetime

import pytest

from tasks.fetch.rights import LONGEST_FILE, MOST_RULES, page_signals, well_known_signals

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = "https://news.example:8443/a/b"


def reserved(headers: dict[str, str], head: bytes = b"") -> list[tuple[str, bool]]:
    return [(signal.found_in, signal.reserved) for signal in page_signals(PAGE, headers, head, AT)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, []),
        ({"tdm-reservation": "1"}, [("header", True)]),
        ({"tdm-reservation": " 0 "}, [("header", False)]),
        ({"tdm-reservation": "1, 1"}, [("header", True)]),
        ({"tdm-reservation": "yes"}, []),
        ({"tdm-reservation": ""}, []),
        ({"tdm-policy": "https://news.example/policy.json"}, []),
        ({"x-robots-tag": "noindex, NoAI"}, [("header", True)]),
        ({"x-robots-tag": "noimageai"}, []),
        ({"x-robots-tag": "max-snippet: 20, noai"}, [("header", True)]),
        ({"x-robots-tag": "otherbot: noindex, noai"}, []),
        ({"x-robots-tag": "noai", "tdm-reservation": "0"}, [("header", True)]),
    ],
)
def test_headers(headers: dict[str, str], expected: list[tuple[str, bool]]) -> None:
    assert reserved(headers) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'<meta name="tdm-reservation" content="1">', [("meta", True)]),
        (b"<META CONTENT='0' NAME=TDM-Reservation />", [("meta", False)]),
        (b'<meta name=robots content="index, noai">', [("meta", True)]),
        (b'<meta name="robots" content="noarchive">', []),
        (b'<meta data-name="tdm-reservation" content="1">', []),
        (b'<meta name="tdm-reservation" content="0"><meta name="tdm-reservation" content="1">', [("meta", False)]),
        (b'<meta name="tdm-reservation"', []),
        (b"x" * 70_000 + b'<meta name="tdm-reservation" content="1">', []),
        (b"\xff\xfe\x00", []),
    ],
)
def test_meta_elements(head: bytes, expected: list[tuple[str, bool]]) -> None:
    assert reserved({}, head) == expected


def test_a_signal_says_where_and_when_and_the_policy_is_made_absolute() -> None:
    head = b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/policy.json">'
    header, meta = page_signals(PAGE, {"tdm-reservation": "1", "tdm-policy": "https://x.example/p"}, head, AT)
    assert (header.policy, meta.policy) == ("https://x.example/p", "https://news.example:8443/policy.json")
    assert (meta.url, meta.host, meta.seen_at) == (PAGE, "news.example:8443", AT)


@pytest.mark.parametrize("policy", ["javascript:alert(1)", "http://[junk", "x" * 3_000, " ", ""])
def test_a_policy_that_is_no_address_is_left_out(policy: str) -> None:
    (signal,) = page_signals(PAGE, {"tdm-reservation": "1", "tdm-policy": policy}, b"", AT)
    assert signal.policy is None


@pytest.mark.parametrize(
    "head",
    [
        b"<meta " * 11_000,
        b"<meta " + b"name" * 16_000 + b">",
        b"<meta name" + b" " * 60_000 + b">",
        b'<meta name="' * 6_000,
        b"<meta name=" * 6_000,
    ],
)
def test_hostile_heads_are_read(head: bytes) -> None:
    assert reserved({"x-robots-tag": "a:" * 50_000}, head) == []


def test_the_well_known_file() -> None:
    rules = [
        {"location": "/news/*", "tdm-reservation": 1, "tdm-policy": "https://news.example/policy.json"},
        {"location": "*.jpg", "tdm-reservation": "0"},
    ]
    found = well_known_signals("news.example", json.dumps(rules).encode(), AT)
    assert [(one.url, one.reserved, one.policy) for one in found] == [
        ("news.example/news/*", True, "https://news.example/policy.json"),
        ("news.example/*.jpg", False, None),
    ]
    assert {(one.host, one.found_in, one.seen_at) for one in found} == {("news.example", "well-known", AT)}
    assert len(well_known_signals("a.example", json.dumps(rules[0]).encode(), AT)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"7",
        b'"text"',
        b"[[], {}, 1, null]",
        b'[{"location": 1, "tdm-reservation": 1}]',
        b'[{"location": "/", "tdm-reservation": [1]}]',
        b'[{"location": "/", "tdm-reservation": 2}]',
        b'[{"location": "/", "tdm-reservation": 1.0}]',
        b'[{"location": "/' + b"x" * 3_000 + b'", "tdm-reservation": 1}]',
        b"[" * 100_000,
        b'[{"location": "/", "tdm-reservation": ' + b"1" * 10_000 + b"}]",
        b"\xff\xfe\x00",
    ],
)
def test_junk_in_the_well_known_file_says_nothing(body: bytes) -> None:
    assert well_known_signals("a.example", body, AT) == []


def test_the_well_known_file_is_bounded_and_storable() -> None:
    rule = b'{"location": "/\\ud800\\u0000", "tdm-reservation": 1}'
    (signal,) = well_known_signals("a.example", rule, AT)
    assert signal.url == "a.example/?"
    assert len(well_known_signals("a.example", b"[" + b",".join([rule] * (MOST_RULES + 5)) + b"]", AT)) == MOST_RULES
    assert well_known_signals("a.example", rule + b" " * LONGEST_FILE, AT) == []
