"""Bot walls: pages that a guard service sends instead of the one that was asked for, whatever the status says."""

import re
from collections.abc import Mapping
from typing import NamedTuple

HEAD = 2**16  # bytes that are looked at; walls are small pages and say so early
LONG_TEXT = 3_000  # letters of running text: a wall has a sentence or two, an article about walls has more
WALL_STATUSES = frozenset({200, 202, 403, 405, 429, 503})
"""What walls are sent with; on other answers the status says enough."""


class Wall(NamedTuple):
    """A guard service and what only its own pages contain, in lower case; all of a tuple must be there."""

    name: str
    marks: tuple[tuple[bytes, ...], ...]


WALLS = (
    Wall(
        "Cloudflare",
        ((b"/cdn-cgi/challenge-platform/", b"_cf_chl_opt"), (b"cf-browser-verification",), (b"<title>just a moment...", b"cf")),
    ),
    Wall("DataDome", ((b"captcha-delivery.com", b"var dd="), (b"geo.captcha-delivery.com/captcha",))),
    Wall("PerimeterX", ((b"_pxappid", b"px-captcha"), (b"_pxuuid", b"captcha.px-cdn.net"), (b"human.com", b"px-captcha"))),
    Wall("Imperva", ((b"_incapsula_resource", b"incident_id"), (b"_incapsula_resource", b'id="main-iframe"'))),
    Wall("Imperva", ((b"pardon our interruption",),)),
    Wall("Akamai", ((b"access denied", b"errors.edgesuite.net"), (b"/_sec/cp_challenge/",), (b"sec-if-cpt-container",))),
    Wall("Kasada", ((b"window.kpsdk", b"/ips.js"),)),
    Wall("AWS WAF", ((b"awswafintegration", b"challenge.js"), (b"gokuprops", b"challenge.js"))),
    Wall("Sucuri", ((b"sucuri_cloudproxy_js",),)),
    Wall("DDoS-Guard", ((b"ddos-guard", b"checking your browser"),)),
    Wall("Anubis", ((b"/.within.website/x/cmd/anubis/", b"anubis_challenge"),)),
)
HEADERS = {
    ("cf-mitigated", "challenge"): "Cloudflare",
    ("x-amzn-waf-action", "challenge"): "AWS WAF",
    ("x-amzn-waf-action", "captcha"): "AWS WAF",
}
"""Header and value by which services say themselves that they stand in the way."""

_TAG = re.compile(rb"<[^<>]{0,2000}>")


def find_wall(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the name of the guard service that sent this instead of the page, or None.

    `body` may be the beginning only. A page with a long text is never a wall, so that articles about walls are read.
    """
    if status not in WALL_STATUSES:
        return None
    for (header, value), service in HEADERS.items():
        if headers.get(header, "").strip().lower() == value:
            return service
    head = body[:HEAD].lower()
    if b"<html" not in head and b"<!doctype html" not in head:
        return None
    name = next((wall.name for wall in WALLS if any(all(mark in head for mark in marks) for marks in wall.marks)), None)
    return name if name and _letters(head) < LONG_TEXT else None


def _letters(head: bytes) -> int:
    for unseen in (b"script", b"style"):
        first, *others = head.split(b"<" + unseen)
        head = b" ".join((first, *(other.partition(b"</" + unseen)[2] for other in others)))
    return len(b" ".join(_TAG.sub(b" ", head).split()))
