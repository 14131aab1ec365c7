"""Addresses: one form for all spellings of the address of a page, and the domain that publishes it."""

import re
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from tasks.clean.lexicon import read_rules

LONGEST = 2048
"""Characters of the longest address taken seriously."""
_AMP_PATH = re.compile(r"(?:^|/)amp(?=/|$)|\.amp(?=\.html?$|$)|/amp\.html?$", re.IGNORECASE)
SLUG_WORDS = 3
"""Words from which a part of a path is taken for a headline; names of sections have one or two."""
_SLUG_WORD = re.compile(r"[-_+.]")
_LONG_NUMBER = re.compile(r"\d{5}")
"""Digits of an article's number; years and pages have fewer."""
_SAFE = "/:@!$&'()*+,;=-._~%"


class _Rules(NamedTuple):
    trackers: frozenset[str]
    tracker_families: tuple[str, ...]
    mobile_hosts: frozenset[str]
    indexes: frozenset[str]
    listings: frozenset[str]
    private: frozenset[str]
    ids: frozenset[str]


@cache
def _rules() -> _Rules:
    rules = read_rules("urls")
    return _Rules(
        trackers=frozenset(t for t in rules["trackers"] if not t.endswith("*")),
        tracker_families=tuple(t[:-1] for t in rules["trackers"] if t.endswith("*")),
        mobile_hosts=frozenset(rules["hosts"]),
        indexes=frozenset(rules["indexes"]),
        listings=frozenset(rules["listings"]),
        private=frozenset(rules["private"]),
        ids=frozenset(rules["ids"]),
    )


def normalize_url(url: str | None, base: str | None = None) -> str | None:
    """Return the address in the form that identifies its page, or None when it is no web address.

    Unified: scheme and `www`, mobile and AMP forms, default ports, trackers, fragment, trailing slash,
    order of the parameters. Kept apart: `?id=` and `?page=`, and every other parameter.
    """
    parts = _split(url, base)
    if parts is None:
        return None
    host = _host(parts)
    if host is None:
        return None
    query = _query(parts.query)
    return f"https://{host}{_path(parts.path)}" + (f"?{query}" if query else "")


def canonical_address(declared: str | None, url: str | None) -> str | None:
    """Return the normalised address that identifies a page: what it declares as canonical, else where it was met.

    A declared address that cannot be the page's own is not believed, because it would make all articles of a site
    one: the front page or a listing where the page has an address of its own, its address without the number that
    names it, and a host that nobody else can reach.
    An address of another page stays: the same article under a better address, at this site or at a partner's.
    """
    own = normalize_url(url)
    canonical = normalize_url(declared, url)
    if canonical is None or own is None:
        return canonical or own
    return own if _is_trap(urlsplit(canonical), urlsplit(own)) else canonical


def _is_trap(declared: SplitResult, own: SplitResult) -> bool:
    if _is_private(declared.hostname or "") and not _is_private(own.hostname or ""):
        return True
    if not (own.path or own.query) or declared.query:
        return False
    if declared.path == own.path:
        return not _is_slug(own.path) and any(name.lower() in _rules().ids for name, _ in parse_qsl(own.query))
    return not declared.path or (_is_listing(declared.path, own.path) and _names_article(own))


def _is_private(host: str) -> bool:
    return host.rsplit(".", 1)[-1] in _rules().private or not registered_domain_of_host(host)


def _is_listing(declared: str, own: str) -> bool:
    """Say whether a path lists pages: its last part is known for it, or it is a folder of the page and no part names an article."""
    parts = declared.strip("/").split("/")
    return not any(map(_is_slug, parts)) and (parts[-1].lower() in _rules().listings or own.startswith(f"{declared}/"))


def _names_article(own: SplitResult) -> bool:
    return bool(own.query) or any(map(_is_slug, own.path.split("/")))


def _is_slug(part: str) -> bool:
    """Say whether a part of a path names one article: a headline's words, or a long number."""
    return len([word for word in _SLUG_WORD.split(part) if word]) >= SLUG_WORDS or bool(_LONG_NUMBER.search(part))


def absolute_url(url: str | None, base: str | None = None) -> str | None:
    """Return the address made absolute, otherwise as it is; None when it is no web address."""
    parts = _split(url, base)
    return parts.geturl() if parts else None


def _split(url: str | None, base: str | None) -> SplitResult | None:
    if not url or len(url) > LONGEST:
        return None
    text = url.strip()
    try:
        if base:
            text = urljoin(base, text)
        elif text.startswith("//"):
            text = "https:" + text
        parts = urlsplit(text)
        hostname, port = parts.hostname, parts.port  # both raise on nonsense
    except ValueError:
        return None
    del port
    if parts.scheme not in ("http", "https") or not hostname or re.search(r"\s", parts.netloc):
        return None
    if "." not in hostname and ":" not in hostname and hostname != "localhost":
        return None
    return parts


def _host(parts: SplitResult) -> str | None:
    host = _ascii_host(parts.hostname or "")
    if host is None:
        return None
    labels = host.split(".")
    mobile = _rules().mobile_hosts
    while len(labels) > 2 and labels[0] in mobile and registered_domain_of_host(".".join(labels[1:])):
        labels.pop(0)
    port = parts.port
    return ".".join(labels) + (f":{port}" if port and port not in (80, 443) else "")


def _ascii_host(host: str) -> str | None:
    host = host.rstrip(".").lower()
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return f"[{host}]" if ":" in host else host


def _path(path: str) -> str:
    path = _AMP_PATH.sub("", path)
    path = re.sub(r"/{2,}", "/", path)
    last = path.rsplit("/", 1)[-1].lower()
    if last in _rules().indexes:
        path = path[: len(path) - len(last)]
    path = quote(unquote(path, errors="strict"), safe=_SAFE) if _decodable(path) else quote(path, safe=_SAFE)
    return "" if path == "/" else path.rstrip("/")


def _decodable(path: str) -> bool:
    """Say whether unquoting keeps the meaning: valid UTF-8, and no quoted separator."""
    if re.search(r"%(?:2f|3f|23|25)", path, re.IGNORECASE):
        return False
    try:
        unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _query(query: str) -> str:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return query
    return urlencode(sorted((name, value) for name, value in pairs if not _is_tracker(name)))


def _is_tracker(name: str) -> bool:
    rules = _rules()
    return name.lower() in rules.trackers or name.lower().startswith(rules.tracker_families)


def without_trackers(url: str) -> str:
    """Return an address as it is but for its trackers and its fragment: the same for everybody who was led there."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if not _is_tracker(unquote(pair.partition("=")[0]))]
    return parts._replace(query="&".join(kept), fragment="").geturl()


def registered_domain(url: str | None) -> str | None:
    """Return the domain that somebody registered for the address (`lemonde.fr`, `bbc.co.uk`), or None.

    Uses the list that comes with the package `tld`; nothing is fetched.
    """
    parts = _split(url, None)
    host = _ascii_host(parts.hostname or "") if parts else None
    return registered_domain_of_host(host) if host else None


@lru_cache(maxsize=10_000)  # hosts of a run: thousands, asked once an article
def registered_domain_of_host(host: str) -> str | None:
    """Return the registered domain of a host name, or None for an address in numbers or a name without dot.

    Under an ending that is not in the list, it is the name right before the ending (the list's own default rule).
    """
    from tld import get_fld  # reads its list (250 kB) at the first call

    domain = get_fld(host, fix_protocol=True, fail_silently=True)
    if domain:
        return str(domain)
    labels = host.split(".")
    named = len(labels) > 1 and all(labels) and labels[-1].isalpha()
    return ".".join(labels[-2:]) if named else None
