"""Bot walls: pages that a guard service sends instead of the one that was asked for, whatever the status says."""

import re
from collections.abc import Mapping

HEAD = 2**16  # bytes that are looked at; walls are small pages and say so early
LONG_TEXT = 3_000  # letters of running text: a wall has a sentence or two, an article about walls has more
PARAGRAPHS = 12  # more than a wall has; a quick way out for articles, which are nearly all there is
WALL_STATUSES = frozenset({200, 202, 403, 405, 429, 503})
"""What walls are sent with; on other answers the status says enough."""

WALLS: dict[bytes, tuple[str, bytes]] = {
    b"/cdn-cgi/challenge-platform/": ("Cloudflare", b"_cf_chl_opt"),
    b"cf-browser-verification": ("Cloudflare", b""),
    b"<title>just a moment...": ("Cloudflare", b"cf"),
    b"captcha-delivery.com": ("DataDome", b"var dd"),
    b"px-captcha": ("PerimeterX", b"px"),
    b"_incapsula_resource": ("Imperva", b"incident_id"),
    b"pardon our interruption": ("Imperva", b""),
    b"errors.edgesuite.net": ("Akamai", b"access denied"),
    b"sec-if-cpt-container": ("Akamai", b""),
    b"window.kpsdk": ("Kasada", b"ips.js"),
    b"awswafintegration": ("AWS WAF", b"challenge.js"),
    b"gokuprops": ("AWS WAF", b"challenge.js"),
    b"sucuri_cloudproxy_js": ("Sucuri", b""),
    b"checking your browser": ("DDoS-Guard", b"ddos-guard"),
    b"anubis_challenge": ("Anubis", b""),
}
"""What only such pages contain, in lower case -> the service, and what must be there besides."""

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
    if status == 200 and (len(body) > HEAD or body.count(b"</p>") > PARAGRAPHS):  # answers that refuse may be padded
        return None
    head = body[:HEAD].lower()
    if b"<html" not in head and b"<!doctype html" not in head:
        return None
    for mark, (service, besides) in WALLS.items():
        if mark in head and besides in head:
            return service if _letters(head) < LONG_TEXT else None
    return None


def _letters(head: bytes) -> int:
    for unseen in (b"script", b"style"):
        first, *others = head.split(b"<" + unseen)
        head = b" ".join((first, *(other.partition(b"</" + unseen)[2] for other in others)))
    return len(b" ".join(_TAG.sub(b" ", head).split()))
