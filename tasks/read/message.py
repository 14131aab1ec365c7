"""An HTTP response as a web archive keeps it -> the page in it, its codings undone.

    status 200 | HTML | chunks put together | content coding undone, within the limit of a document

Archives differ in what they keep: some write the headers as they came but the body already undone. So a coding that the
body plainly does not have is not there.
"""

import re
from typing import NamedTuple

from schemas.document import MediaType
from tasks.clean.decode import charset_of
from tasks.fetch.decoding import Body, BrokenBodyError, TooLargeError
from tasks.read.piece import MAX_DOCUMENT

HTML = frozenset({"text/html", "application/xhtml+xml"})
OK = 200
MAX_HEADER = 1 << 18
"""Bytes of an HTTP header; servers refuse requests from 8 kB on, and what they answer is rarely longer."""
STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")
END = re.compile(rb"\r?\n\r?\n")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]{0,9}(?:;[^\r\n]{0,999})?\r?\n")
MARKUP = re.compile(rb"[\s\xef\xbb\xbf]{0,999}<[!?a-z]", re.IGNORECASE)
"""How a page begins, after a byte order mark and white space; no compressed stream begins so."""
MOST_CHUNKS = 100_000
"""Chunks of a response; servers send some kilobytes in each, and a million of one byte would only cost time."""
STEP = 1 << 18
"""Bytes handed to the decoder at a time."""


class Page(NamedTuple):
    """A document from a web archive: its bytes, what they are, the charset that the server named."""

    body: bytes
    media_type: MediaType
    charset: str | None


class BrokenMessageError(Exception):
    """A response whose page cannot be read: the constant reason, and why for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[1])


def kind_of(content_type: str) -> str:
    """Return the media type of a Content-Type header, lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def holds_page(begin: bytes) -> bool:
    """Return whether a response that begins so has status 200 and a page in it."""
    status = STATUS.match(begin)
    if status is None or int(status[1]) != OK:
        return False
    headers, body = _parted(begin)
    declared = headers.get("content-type", "")
    return kind_of(declared) in HTML or (not declared and MARKUP.match(body) is not None)


def read_message(message: bytes, most: int = MAX_DOCUMENT) -> Page:
    """Return the page of an HTTP response; BrokenMessageError when it has more than `most` bytes, or a coding that cannot be undone."""
    headers, body = _parted(message)
    body = _undone(_joined(body, headers.get("transfer-encoding", "")), headers.get("content-encoding", ""), most)
    return Page(body, "text/html", charset_of(headers.get("content-type", "")))


def _parted(message: bytes) -> tuple[dict[str, str], bytes]:
    """Return the headers of a response by lower-case name, and its body, empty when the header does not end."""
    end = END.search(message, 0, MAX_HEADER)
    return (_headers(message[: end.start()]), message[end.end() :]) if end else (_headers(message[:MAX_HEADER]), b"")


def _headers(head: bytes) -> dict[str, str]:
    """Return the headers by lower-case name; of one that comes twice the last."""
    lines = (line.partition(":") for line in head.decode("latin-1").splitlines()[1:])
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}


def _joined(body: bytes, coding: str) -> bytes:
    """Return a chunked body in one piece; as it stands when it is not chunked in truth, as far as it goes when it breaks off."""
    if "chunked" not in coding.lower() or not CHUNK.match(body):
        return body
    parts: list[bytes] = []
    at = 0
    while (head := CHUNK.match(body, at)) and (size := int(head[1], 16)):
        if len(parts) == MOST_CHUNKS:
            raise BrokenMessageError("broken_page", f"more than {MOST_CHUNKS:,} chunks")
        parts.append(body[head.end() : head.end() + size])
        at = head.end() + size
        at += 2 if body.startswith(b"\r\n", at) else 1
    return b"".join(parts)


def _undone(body: bytes, coding: str, most: int) -> bytes:
    if MARKUP.match(body):
        coding = ""
    try:
        unfolding = Body(coding, most)
        for start in range(0, len(body), STEP):
            for _ in unfolding.take(body[start : start + STEP]):
                pass
        return unfolding.close()
    except TooLargeError:
        raise BrokenMessageError("too_large", f"more than {most:,} bytes") from None
    except BrokenBodyError as error:
        raise BrokenMessageError("broken_page", str(error)) from error
