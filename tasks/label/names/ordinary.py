"""Words that are ordinary ones in a language: a capital at the start of a sentence, or of a German noun, makes no name of them."""

import gzip
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "ordinary.tsv.gz"


@cache
def ordinary_words(language: str) -> frozenset[str]:
    """Return the plain forms of the ordinary words of a language, none of one without a list; read once in a process."""
    return _lists().get(language, frozenset())


@cache
def _lists() -> dict[str, frozenset[str]]:
    lines = gzip.decompress(FILE.read_bytes()).decode().splitlines()
    return {language: frozenset(words.split()) for language, words in (line.split("\t") for line in lines)}
