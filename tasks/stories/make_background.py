"""Makes background.tsv.gz: in which share of documents a word or name stands, per language.

    python -m tasks.stories.make_background FOLDER

FOLDER holds the corpora that BACKGROUND.md names. Same input, same output, byte for byte.
"""

import gzip
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from tasks.stories.terms import name_counts, word_list

DOCUMENT_TOKENS = 300
"""The corpora are sentences; a run of this many tokens stands for one news article."""
LEAST_DOCUMENTS = 4
"""Rarer terms are not worth their space: a store counts its own."""
FUNCTION_WORD_SHARE = 0.5
"""Given to the function words of languages for which no corpus could be shipped."""
CORPORA = {
    "fr": ("europeana_fr.bio", "newseye_fr_dev.tsv.gz", "newseye_fr_dev2.tsv.gz", "newseye_fr_test.tsv.gz"),
    "en": ("wikigold_en.conll", "btc_en.conll", "crossner_en.txt.gz"),
    "de": (
        *(f"europeana_de_{library}.bio" for library in ("lft", "onb", "sbb")),
        *(f"newseye_de_{part}.tsv.gz" for part in ("dev", "dev2", "test")),
        *(f"sonar_de_{part}.tsv.gz" for part in ("dev", "test")),
    ),
}
_TERM = re.compile(r"[^\W_][\w ]*")  # no separator of the file inside a term


def tokens_of(path: Path) -> Iterator[str]:
    """Yield the tokens of a corpus file, in order: the first column of its lines."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    for line in text.splitlines():
        token = re.split(r"[\t ]", line.strip(), maxsplit=1)[0]
        if token and not token.startswith("#") and token not in {"TOKEN", "-DOCSTART-"}:
            yield token


def documents_of(path: Path) -> Iterator[str]:
    """Yield stretches of a corpus of the length of an article."""
    for _, stretch in groupby(enumerate(tokens_of(path)), key=lambda pair: pair[0] // DOCUMENT_TOKENS):
        yield " ".join(token for _, token in stretch)


def rows(folder: Path) -> Iterator[tuple[str, int, int, str]]:
    """Yield (language, table, per mille of documents, term), the most common first."""
    for language, names in sorted(CORPORA.items()):
        documents = [document for name in names for document in documents_of(folder / name)]
        counted: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        for document in documents:
            counted[0].update(set(word_list(document)))
            counted[1].update(set(name_counts(document)))
        for table, counts in enumerate(counted):
            for term, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
                if count >= LEAST_DOCUMENTS and _TERM.fullmatch(term):
                    yield language, table, round(1000 * count / len(documents)), term
    function_words = tomllib.loads((files("tasks.stories") / "function_words.toml").read_text(encoding="utf-8"))
    for language, words in sorted(function_words.items()):
        for word in sorted(set(words.split())):
            yield language, 0, round(1000 * FUNCTION_WORD_SHARE), word


def main() -> None:
    """Write background.tsv.gz beside this file; terms of one frequency share a line."""
    lines = defaultdict(list)
    for language, table, share, term in rows(Path(sys.argv[1])):
        lines[language, table, share].append(term)
    text = "".join(f"{language}\t{table}\t{share}\t{'|'.join(terms)}\n" for (language, table, share), terms in lines.items())
    (Path(__file__).parent / "background.tsv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
