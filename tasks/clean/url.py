"""Addresses: one form for all spellings of the address of a page, and the domain that publishes it."""

import re
from functools import cache, lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from tasks.clean.lexicon import read_rules

LONGEST = 2048
"""Characters of the longest address taken seriously."""
_AMP_PATH = re.compile(r"(?:^|/)amp(?=/|$)|\.amp(?=\.html?$|$)|/amp\.html?$", re.IGNORECASE)
_SAFE = "/:@!$&'()*+,;=-._~%"


@cache
def _rules() -> tuple[frozenset[str], tuple[str, ...], frozenset[str], frozenset[str]]:
    rules = read_rules("urls")
    exact = frozenset(t for t in rules["trackers"] if not t.endswith("*"))
    families = tuple(t[:-1] for t in rules["trackers"] if t.endswith("*"))
    return exact, families, frozenset(rules["hosts"]), frozenset(rules["indexes"])


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
    mobile = _rules()[2]
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
    if last in _rules()[3]:
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
    exact, families, _, _ = _rules()
    kept = [(k, v) for k, v in pairs if k.lower() not in exact and not k.lower().startswith(families)]
    return urlencode(sorted(kept))


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
