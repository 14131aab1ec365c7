"""What sites say about text and data mining: the TDM Reservation Protocol (W3C Community Group, 10 May 2024) and `noai`.

Stored as data and never judged: whether a reservation binds is for the people who use the store.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin

from schemas.feed import Signal
from tasks.fetch.robots import host_key

WELL_KNOWN = "/.well-known/tdmrep.json"
LONGEST_FILE = 256 * 1024
"""Bytes of the well-known file that are read; a longer one is not believed."""
MOST_RULES = 1_000
LONGEST_HEAD = 64 * 1024
"""Bytes of a page in which its meta elements are looked for."""
LONGEST_ADDRESS = 2_048
LONGEST_HEADER = 2_000

_META = re.compile(r"<meta\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])(name|content)\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_FOR_A_ROBOT = re.compile(r"(?!unavailable_after|max-)[\w.-]+\s*:")
"""The name of a robot before its directives, as `googlebot: noindex`; the two excepted are directives with values."""


def page_signals(url: str, headers: Mapping[str, str], head: bytes, at: datetime) -> list[Signal]:
    """Return what a page reserves or allows: at most one signal of its headers, one of its meta elements.

    `headers` have lower-case names, `head` is the page or its beginning.
    """
    metas = _metas(head)
    told: tuple[tuple[Literal["header", "meta"], Mapping[str, str], str], ...] = (
        ("header", headers, headers.get("x-robots-tag", "")),
        ("meta", metas, metas.get("robots", "")),
    )
    signals = []
    for found_in, values, robots in told:
        stated = _stated(values.get("tdm-reservation"))
        reserved = True if _no_ai(robots) else stated
        if reserved is not None:
            policy = _policy(values.get("tdm-policy"), url)
            signals.append(Signal(url=url, host=host_key(url), found_in=found_in, reserved=reserved, policy=policy, seen_at=at))
    return signals


def well_known_signals(host: str, body: bytes, at: datetime) -> list[Signal]:
    """Return what a host's /.well-known/tdmrep.json says, a signal for each pattern of addresses; of junk nothing."""
    if len(body) > LONGEST_FILE:
        return []
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return list(_rules(host, rules if isinstance(rules, list) else [rules], at))


def _rules(host: str, rules: list[object], at: datetime) -> Iterator[Signal]:
    for rule in rules[:MOST_RULES]:
        if not isinstance(rule, dict):
            continue
        pattern, reserved = rule.get("location"), _stated(rule.get("tdm-reservation"))
        if isinstance(pattern, str) and len(pattern) <= LONGEST_ADDRESS and reserved is not None:
            below = pattern if pattern.startswith("/") else f"/{pattern}"
            policy = _policy(rule.get("tdm-policy"), f"https://{host}/")
            yield Signal(url=_clean(host + below), host=host, found_in="well-known", reserved=reserved, policy=policy, seen_at=at)


def _metas(head: bytes) -> dict[str, str]:
    """Return the contents of a page's named meta elements; the first of a name counts."""
    found: dict[str, str] = {}
    for meta in _META.finditer(head[:LONGEST_HEAD].decode("utf-8", "replace")):
        attributes = {name.lower(): "".join(values) for name, *values in _ATTRIBUTE.findall(meta[1])}
        found.setdefault(attributes.get("name", "").strip().lower(), attributes.get("content", ""))
    return found


def _stated(value: object) -> bool | None:
    """Return whether rights are reserved; None for anything but the protocol's 1 and 0."""
    text = str(value).partition(",")[0].strip() if isinstance(value, str | int) else ""
    return {"1": True, "0": False, "True": True, "False": False}.get(text)


def _no_ai(directives: str) -> bool:
    """Return whether directives to robots say `noai` to all of them."""
    to_one = False
    for part in directives[:LONGEST_HEADER].lower().split(","):
        directive = part.strip()
        to_one = to_one or _FOR_A_ROBOT.match(directive) is not None  # it is for that robot, and so is all that follows
        if directive == "noai" and not to_one:
            return True
    return False


def _policy(value: object, base: str) -> str | None:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_ADDRESS:
        return None
    try:
        address = urljoin(base, value.strip())
    except ValueError:
        return None
    return _clean(address) if address.startswith(("http://", "https://")) else None


def _clean(text: str) -> str:
    """Return text that every store can hold: JSON may escape halves of characters, and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
