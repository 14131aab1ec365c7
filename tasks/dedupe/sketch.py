"""The fingerprint of a text: a FracMinHash sketch of its word 5-grams.

    text | words | word hashes | 5-gram hashes | those divisible by 8

Plain MinHash misses a dispatch inside a longer article; a sketch that keeps a fixed *fraction* of the
shingles measures containment as well as resemblance, whatever the lengths.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import xxhash

from schemas.labels import Sketch

SKETCH_VERSION = 1
"""Raised with any change below: sketches of two versions are never compared."""
SHINGLE_WORDS = 5
KEEP_ONE_IN = 8
"""1/16 finds .97 of the containments that 1/8 finds: ordinary news texts have only 240 words."""
LEAST_WORDS = 40
"""A shorter text has about four kept hashes, too few to estimate anything: it is compared whole only."""
HASH_BITS_DROPPED = 32
CLOSING_WORDS = 80
"""The end of an article, where outlets print their standing lines."""
CLOSING_SHARE = 2
"""Only a text of this many times CLOSING_WORDS has a closing: what is shared there alone is then less than half of it."""
UNSPACED_SHARE = 0.5
"""A text with at least this share of characters from scripts without spaces is read by the character."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads every word over all bits
_FINISHER = np.uint64(0xBF58476D1CE4E5B9)  # first multiplier of splitmix64
_WORD = re.compile(r"\w+")
# Thai, Lao, Burmese, Khmer, kana, Han: no space between words, so a run of \w is a clause
_UNSPACED_RANGES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{_UNSPACED_RANGES}]")
_CHARACTER = re.compile(f"[{_UNSPACED_RANGES}]|[^\\W{_UNSPACED_RANGES}]+")

Hashes = np.ndarray[Any, np.dtype[np.uint64]]


def words_of(text: str) -> list[str]:
    r"""Return the words of a text: `\w+` of its NFKC form in lower case.

    A text written mostly without spaces (Chinese, Japanese, Thai...) gives its characters instead.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    return (_CHARACTER if is_unspaced(plain) else _WORD).findall(plain)


def is_unspaced(text: str) -> bool:
    """Return whether at least half of the letters and digits are of scripts that put no space between words."""
    if _UNSPACED.search(text) is None:
        return False
    return len(_UNSPACED.findall(text)) >= UNSPACED_SHARE * sum(map(str.isalnum, text))


def shingle_hashes(words: Sequence[str]) -> Hashes:
    """Return the 64-bit hashes of the distinct 5-grams of `words`, sorted; fewer words make one shingle."""
    if not words:
        return np.empty(0, dtype=np.uint64)
    digest = xxhash.xxh3_64_intdigest
    hashes = np.array([digest(word.encode("utf-8", "surrogatepass")) for word in words], dtype=np.uint64)
    width = min(SHINGLE_WORDS, len(hashes))
    count = len(hashes) - width + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for offset in range(width):
        mixed = mixed * _MULTIPLIER + hashes[offset : offset + count]
        mixed ^= mixed >> np.uint64(29)
    mixed *= _FINISHER
    mixed ^= mixed >> np.uint64(32)
    return np.unique(mixed)


def sketch(text: str) -> Sketch:
    """Return the sketch of a text; `hashes` is empty below 40 words, where only equality counts.

    Method and constants: FracMinHash over xxh3_64 word hashes, measured against brute force on 4,905 articles.
    """
    words = words_of(text)
    shingles = shingle_hashes(words)
    kept = tuple(_kept(shingles)) if len(words) >= LEAST_WORDS else ()
    return Sketch(version=SKETCH_VERSION, shingle_count=len(shingles), hashes=kept, words_hash=_hash_of_sequence(words, text))


def closing_hashes(sketch: Sketch, ending: str) -> frozenset[int]:
    """Return the hashes of a sketch that lie in the last 80 words of its text, of which `ending` is the end.

    A short text has no closing. Two texts that share hashes of their closings only cannot have a containment of .5.
    """
    if sketch.shingle_count < CLOSING_SHARE * CLOSING_WORDS:
        return frozenset()
    return frozenset(_kept(shingle_hashes(words_of(ending)[-CLOSING_WORDS:]))).intersection(sketch.hashes)


def _kept(shingles: Hashes) -> list[int]:
    chosen = shingles[shingles % np.uint64(KEEP_ONE_IN) == 0] >> np.uint64(HASH_BITS_DROPPED)
    kept: list[int] = np.unique(chosen).tolist()
    return kept


def _hash_of_sequence(words: Sequence[str], text: str) -> str:
    """Return 64 bits in hexadecimal; a text without a word stands for itself."""
    sequence = " ".join(words) if words else text.strip()
    return xxhash.xxh3_64_hexdigest(sequence.encode("utf-8", "surrogatepass"))
