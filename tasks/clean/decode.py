"""Bytes to text, so that one bad byte does not turn a page into mojibake.

Order: byte order mark, strict UTF-8, UTF-8 with a few bad bytes, charset of the server, of the page, charset-normalizer.
trafilatura's own decoder knows neither the page's declaration nor a tolerance,
so it is always handed text.
"""

import codecs
import re
import unicodedata

BAD_SHARE = 0.001
"""Share of undecodable bytes up to which a text is damaged UTF-8 and not another encoding."""
FEW_BAD = 2
"""Bytes that may always be undecodable: one in a short text is more than any share."""
ZERO_SHARE = 0.2
"""Share of zero bytes up to which they are dirt in a text of single bytes; in UTF-16 of letters other than Latin more are zero."""
WIDE_SHARE, MARKUP_SHARE = 0.7, 0.05
"""Share of zeros in every second byte of UTF-16; and of what begins like a page: in other letters its markup alone has any."""
CONTROL_SHARE = 0.02
"""Share of control characters from which the bytes are no text: real files hold none or a stray one."""
FOREIGN_SHARE = 0.03
"""Share of letters outside the six languages up to which bytes are read as Windows-1252, their usual old encoding."""
SNIFFED = 65536
"""Bytes looked at to tell text from binary and to guess an encoding: enough for both, and bounded."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SHORTEST_BROKEN = 64
"""Bytes of the shortest UTF-16 text without mark that may lack half of its last character."""
_PARAMETER = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u200b\u2060\u00ad\ufffe\uffff\ud800-\udfff]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile("\r\n|\r|\x85|\u2028|\u2029")
_BINARY_STARTS = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x7fELF",
    b"\x1f\x8b",
    b"SQLite format 3",
    b"OggS",
    b"ID3",
    b"RIFF",
    b"MZ\x90",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",
)
_WESTERN = frozenset("àâäáãçéèêëíìîïñóòôöõúùûüÿæœßÀÂÄÁÃÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜŒÆ«»°€’‘“”„–—…·¿¡ªº§£©®\u00a0")
_CP1252 = {"iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii", "ascii", "iso-8859-15"}


def charset_of(content_type: str) -> str | None:
    """Return the charset that a Content-Type header names, in lower case."""
    found = _PARAMETER.search(content_type, 0, 1000)
    return found[1].lower() if found else None


def decode(body: bytes, charset: str | None = None) -> str | None:
    """Return the text of the bytes, tidied (see `tidy`), or None when they are no text.

    `charset` is what the server named. It counts where the bytes are not UTF-8, before what the page names.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _if_text(body[len(mark) :].decode(name, errors="replace"))
    if body.startswith(_BINARY_STARTS):
        return None
    if b"\x00" in body[:SNIFFED]:
        return _without_mark(body)
    text = _utf8(body) or _served(body, charset) or _declared(body) or _western(body) or _guessed(body)
    return _if_text(text) if text is not None else None


def tidy(text: str) -> str:
    """Return the text in NFC, with one kind of line break, plain spaces, and without control and invisible characters.

    Non-breaking and thin spaces become plain ones, as in the text of web pages: they are typesetting, and a
    name is the same name with them. Apostrophes, quotation marks and dashes stay as printed.
    """
    text = _SPACES.sub(" ", _BREAKS.sub("\n", text))
    text = _CONTROLS.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _if_text(text: str) -> str | None:
    """Tidy what looks like text: few control characters and few replacement characters."""
    sample = text[:SNIFFED]
    strange = sum(1 for c in _CONTROLS.findall(sample) if c not in "\ufeff\u200b\u2060\u00ad") + sample.count("\ufffd")
    if sample and strange > max(2, CONTROL_SHARE * len(sample)):
        return None
    return tidy(text)


def _without_mark(body: bytes) -> str | None:
    """Return UTF-16 text that lacks its mark, told by where the zero bytes stand; None for binary data."""
    sample = body[:SNIFFED]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    for zeros, others, name, markup in ((odd, even, "utf-16-le", b"<\x00"), (even, odd, "utf-16-be", b"\x00<")):
        least = MARKUP_SHARE if body.startswith(markup) else WIDE_SHARE
        # pairs of bytes leave none over, unless the end is missing, and then there is more than a word
        if zeros > least * half and others < 0.05 * half and (len(body) % 2 == 0 or len(body) > SHORTEST_BROKEN):
            return _if_text(body.decode(name, errors="replace"))
    text = _utf8(body.replace(b"\x00", b"")) if sample.count(0) <= ZERO_SHARE * len(sample) else None
    return _if_text(text) if text else None


def _utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    return text if bad <= max(FEW_BAD, BAD_SHARE * len(body)) and len(text) < len(body) else None


def _served(body: bytes, charset: str | None) -> str | None:
    """Return the text in the charset that the server named, if it fits; many name one for all their pages."""
    text = _read_as(body, charset.lower()) if charset else None
    return text if text and text.count("\ufffd") <= BAD_SHARE * len(body) else None


def _declared(body: bytes) -> str | None:
    match = _META.search(body, 0, 4096) or _XML.search(body, 0, 256)
    if not match:
        return None
    text = _read_as(body, match.group(1).decode("ascii").lower())
    return text if text and text.count("\ufffd") <= BAD_SHARE * len(body) else None


def _read_as(body: bytes, name: str) -> str | None:
    try:
        return body.decode("cp1252" if name in _CP1252 else name, errors="replace")
    except (LookupError, ValueError):
        return None


def _western(body: bytes) -> str | None:
    """Return the text as Windows-1252 when its letters are those of our six languages; guessers mistake it for 1250."""
    text = body.decode("cp1252", errors="replace")
    beyond = [char for char in text[:SNIFFED] if char > "\x7f"]
    foreign = sum(char not in _WESTERN for char in beyond)
    return text if beyond and foreign <= FOREIGN_SHARE * len(beyond) else None


def _guessed(body: bytes) -> str | None:
    from charset_normalizer import from_bytes  # 30 ms to import, needed for one document in thousands

    best = from_bytes(body[:SNIFFED]).best()
    if best is None:
        return None
    try:
        return body.decode(best.encoding, errors="replace")
    except (LookupError, ValueError):
        return None
