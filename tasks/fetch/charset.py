"""The text of a fetched feed: the bytes unpacked and decoded, whatever the server says they are."""

import codecs
import re
import zlib

from tasks.clean.decode import charset_of, decode

MOST_BYTES = 15 * 2**20
"""Of a body after unpacking: the size that a fetched feed may have."""
_GZIP = b"\x1f\x8b"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
_PROLOG = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_DEFAULTS = frozenset(("iso8859-1", "cp1252", "ascii", "iso8859-15"))
"""What servers put in the header without looking at the file, by Python's names."""
_SHIFTING = ("iso2022", "hz", "utf-7")
"""Encodings in which every byte is ASCII, so that reading them as UTF-8 seems to work."""
_BAD_SHARE = 0.3
"""Share of bytes beyond ASCII that may break UTF-8 before it is another encoding altogether."""
_WIDEST = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
"""Names that are used for a larger set than they stand for."""


class TooLargeError(ValueError):
    """A packed body unpacks to more than MOST_BYTES."""


def unpacked(body: bytes) -> bytes:
    """Return the body, unpacked when it is a gzip file (sitemaps often are); one that breaks off gives what there is.

    TooLargeError when it unpacks to more than MOST_BYTES: no more than that is ever unpacked.
    """
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(wbits=31)  # gzip with its header
    try:
        plain = unpacker.decompress(body, MOST_BYTES)
    except zlib.error:
        return b""
    if unpacker.unconsumed_tail:
        raise TooLargeError(f"unpacks to more than {MOST_BYTES} bytes")
    return plain


def feed_text(body: bytes, content_type: str | None) -> str:
    """Return the body as text.

    Strongest first: a byte order mark, bytes that are valid UTF-8, the charset of the header (unless it is only the usual
    default of servers and the document says otherwise), the document's own declaration, UTF-8 in which single bytes are
    Windows-1252, and a guess from the bytes.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _mixed(body[len(mark) :]) if name == "utf-8" else body.decode(name, errors="replace").lstrip("\ufeff")
    wide = _WIDE.get(body[:2])
    if wide:
        return body.decode(wide, errors="replace").lstrip("\ufeff")
    declared = _declared(body, content_type)
    shifting = [name for name in declared if name.startswith(_SHIFTING)]
    text = next((text for name in (*shifting, "utf-8") if (text := _strict(body, name)) is not None), None)
    if text is not None:
        return text
    return _mixed(body) if _damaged_utf8(body) else _otherwise(body, declared)


def _otherwise(body: bytes, declared: list[str]) -> str:
    """Return the text of a body that is no UTF-8."""
    for name in declared:
        if name != "utf-8" and (text := _strict(body, _WIDEST.get(name, name))) is not None:
            return text
    return decode(body) or _mixed(body)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    header, prolog = charset_of(content_type or ""), _PROLOG.match(body, 0, 400)
    first = _known(header) if header else None
    second = _known(prolog[1].decode("ascii", errors="ignore")) if prolog else None
    names = (second, first) if first in _DEFAULTS and second else (first, second)
    return [name for name in dict.fromkeys(names) if name]


def _known(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return codec.name if getattr(codec, "_is_text_encoding", True) else None


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _damaged_utf8(body: bytes) -> bool:
    """Return whether it is UTF-8 with some foreign bytes: most of what is beyond ASCII makes whole characters."""
    beyond = sum(map(len, re.findall(rb"[\x80-\xff]+", body)))
    whole = len(body.decode("utf-8", errors="ignore").encode("utf-8"))
    return len(body) - whole <= _BAD_SHARE * beyond


def _mixed(body: bytes) -> str:
    return body.decode("utf-8", errors="wirehouse-cp1252")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", errors="ignore"), error.end


codecs.register_error("wirehouse-cp1252", _as_cp1252)
