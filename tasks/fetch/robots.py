"""What a robots.txt says to us (RFC 9309), read by protego from the groups that are meant for us."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

LONGEST = 512 * 1024
"""Bytes of a robots.txt that are read; RFC 9309 asks for 500 KiB at least."""
LONGEST_KEPT = 64 * 1024
"""Characters that are kept of what concerns us; one feed can lead to thousands of hosts, and all are remembered for a day."""
SITEMAPS_KEPT = 50
LONGEST_DELAY = 60.0
"""Seconds between two requests that a Crawl-delay may ask for."""
USUAL_PORTS = {"http": 80, "https": 443}

_AGENT = re.compile(r"user[- ]?agent[\s:]+(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\s*:", re.IGNORECASE)
"""Lines about the whole site, which do not end the list of agents that a group begins with."""


def host_key(url: str) -> str:
    """Return the host that an address is on, in lower case, with the port when it is not the usual one; '' for junk."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    name = f"[{host}]" if ":" in host else host
    return name if port is None or port == USUAL_PORTS.get(parts.scheme) else f"{name}:{port}"


def product_token(user_agent: str) -> str:
    """Return the name by which a robots.txt speaks of us: the User-Agent up to its version."""
    return re.split(r"[/\s(]", user_agent.strip(), maxsplit=1)[0].lower()


class Policy:
    """The rules of one robots.txt for one product token; groups that name it replace those for everybody."""

    def __init__(self, text: str, token: str) -> None:
        from protego import Protego

        ours, everybodys = _groups(text, token)
        self._named = ours is not None
        rules = everybodys if ours is None else ours
        self._rules = Protego.parse("\n".join(["User-agent: *", *rules]))

    def allows(self, url: str) -> bool:
        """Return whether the rules let us ask for an address."""
        return bool(self._rules.can_fetch(url, "*"))

    def names_us_and_disallows(self, url: str) -> bool:
        """Return whether a group that names us forbids an address: what counts for a feed, which is an offer to everybody."""
        return self._named and not self.allows(url)

    @property
    def crawl_delay(self) -> float:
        """Seconds to leave between two requests, at most 60; 0 when none are asked for."""
        return min(float(self._rules.crawl_delay("*") or 0.0), LONGEST_DELAY)


@lru_cache(maxsize=16)  # requests to one host come together; a hostile file may weigh 20 MB once parsed, so few are kept
def read_policy(text: str, token: str) -> Policy:
    """Return the rules in the text of a robots.txt for a product token."""
    return Policy(text, token)


def decode_robots(body: bytes) -> str:
    """Return the text of a robots.txt: its first 512 KiB, read as UTF-8 whatever it claims to be."""
    return body[:LONGEST].decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "")


def condensed(text: str, token: str) -> str:
    """Return what a robots.txt says to a product token and to everybody, and its sitemaps; at most 64 K characters."""
    ours, everybodys = _groups(text, token)
    sitemaps = [line for raw in text.splitlines() if _SITE_WIDE.match(line := raw.strip())][:SITEMAPS_KEPT]
    groups = ([] if ours is None else [f"User-agent: {token}", *ours]) + ["User-agent: *", *everybodys]
    kept, size = [], 0
    for line in (*sitemaps, *groups):
        size += len(line) + 1
        if size > LONGEST_KEPT:
            break
        kept.append(line)
    return "\n".join(kept)


def _groups(text: str, token: str) -> tuple[list[str] | None, list[str]]:
    """Return the lines of the groups that name the token, None without any, and of those for everybody.

    Only these go to protego: it repeats each rule for each agent of a group, so a thousand of each would cost seconds.
    """
    ours: list[str] | None = None
    everybodys: list[str] = []
    current: list[list[str]] = []
    in_agents = False
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if not line or _SITE_WIDE.match(line):
            continue
        if agent := _AGENT.match(line):
            current = current if in_agents else []
            in_agents = True
            name = product_token(agent[1])
            if name == "*":
                current.append(everybodys)
            elif name and name.rstrip("*") == token:
                ours = [] if ours is None else ours
                current.append(ours)
            current = current[:1] + [lines for lines in current[1:] if lines is not current[0]]  # an agent named twice
        else:
            in_agents = False
            for lines in current:
                lines.append(line)
    return ours, everybodys
