"""What the line rules keep and cut of plain-text articles, by language: `python -m tests.bench.lines [PART]...`, all parts without one.

The articles are the twins in tests/data/clean: our own texts in the layouts of many outlets, every line annotated.
Rules were written and the model of lines was trained with the parts of `layouts` at hand; `examination` is met by neither.
`-v` prints every difference.
"""

import json
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from schemas.article import Article, Stamp
from schemas.document import RawDocument
from tasks.clean.document import clean_document
from tasks.clean.extractor import extract_lines
from tests.bench.report import circumstances, table, write_section

FOLDER = Path(__file__).resolve().parents[1] / "data" / "clean"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ABOUT = """Articles as people copy them, with everything around them, written by somebody who had read neither the rules nor the texts
that the model of lines learnt from. Shares in per cent: lines of the body kept, lines of furniture cut, fields right. Beside them
trafilatura in its precision mode, given every line as a paragraph of a page."""
FIELDS = ("title", "published", "updated", "byline", "agency", "access")
"""Compared exactly; `"?"` in the annotation means that there is no telling."""


def clean(text: str) -> Article | None:
    """Return the article of a plain text, zone UTC assumed, or None when it is rejected."""
    document = RawDocument(body=text.encode(), media_type="text/plain", origin="a.txt", place="/a.txt", source="bench")
    article = clean_document(document, zone="UTC", now=NOW)
    return article if isinstance(article, Article) else None


def facts(article: Article | None) -> dict[str, Any]:
    """Return the measured fields of an article in the form of the annotation."""
    if article is None:
        return dict.fromkeys(FIELDS)
    return {
        "title": article.title,
        "published": _minute(article.published),
        "updated": _minute(article.updated),
        "byline": [name.casefold() for name in article.byline],
        "agency": sorted(article.agency),
        "access": article.access,
    }


def _comparable(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the annotation's names in any case and the agencies in any order, or as they are when there is no telling."""
    byline, agency = wanted["byline"], wanted["agency"]
    return {
        "byline": byline if byline == "?" else [name.casefold() for name in byline],
        "agency": agency if agency == "?" else sorted(agency),
    }


def _minute(stamp: Stamp | None) -> str | None:
    return stamp.at.strftime("%Y-%m-%dT%H:%M") if stamp and stamp.found_in != "inferred" else None


def differences(text: str, wanted: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the article of a text, as (kind, detail): `lost` and `left` lines, and fields."""
    article = clean(text)
    kept = Counter(article.text.split("\n\n")) if article else Counter()
    lost = [("lost", line) for line in (Counter(wanted["body"]) - kept).elements()]
    left = [("left", f"{role}: {line}") for role, line in wanted["cut"] if kept[line] > wanted["body"].count(line)]
    found = facts(article)
    wanted = {**wanted, **_comparable(wanted)}
    wrong = [(name, f"{found[name]} not {wanted[name]}") for name in FIELDS if wanted[name] not in ("?", found[name])]
    return [*lost, *left, *wrong]


def measure(part: str, *, verbose: bool) -> dict[str, Counter[str]]:
    """Return what was counted in the texts of a part, by language and `all` together; prints what is wrong with them if asked to."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(FOLDER.glob(f"**/{part}/*.txt")):
        wanted = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
        text = path.read_text(encoding="utf-8")
        wrong = differences(text, wanted)
        theirs = Counter(line for line in extract_lines(as_page(text), precision=True))
        for language in (path.name[:2], "all"):
            counts[language].update(kind for kind, _ in wrong)
            counts[language].update(texts=1, body=len(wanted["body"]), cut=len(wanted["cut"]))
            counts[language]["their lost"] += (Counter(wanted["body"]) - theirs).total()
            counts[language]["their left"] += sum(theirs[line] > wanted["body"].count(line) for _, line in wanted["cut"])
        for kind, detail in wrong if verbose else ():
            print(f"{path.stem}\t{kind}\t{detail}")
    return counts


def as_page(text: str) -> str:
    """Return a text as a page with a paragraph a line: as it stands trafilatura finds nothing in it."""
    return f"<html><body>{''.join(f'<p>{escape(line)}</p>' for line in text.splitlines() if line.strip())}</body></html>"


def drawn(counts: dict[str, Counter[str]]) -> str:
    """Return the table of a part: a row a language, in per cent."""
    rows = []
    for language, count in sorted(counts.items(), key=lambda entry: (entry[0] == "all", entry[0])):
        body, cut = max(count["body"], 1), max(count["cut"], 1)
        shares = [1 - count["lost"] / body, 1 - count["left"] / cut, *(1 - count[name] / count["texts"] for name in FIELDS)]
        shares += [1 - count["their lost"] / body, 1 - count["their left"] / cut]
        rows.append([language, f"{count['texts']}", *(f"{share * 100:.1f}" for share in shares)])
    return table(["language", "texts", "body kept", "furniture cut", *FIELDS, "trafilatura: body", "furniture"], rows)


def main() -> None:
    """Measure the parts named, or all; `--write` puts the examination into docs/benchmarks.md."""
    parts = [part for part in sys.argv[1:] if not part.startswith("-")] or [
        *sorted(path.name for path in (FOLDER / "layouts").iterdir()),
        "examination",
    ]
    for part in ["examination"] if "--write" in sys.argv else parts:
        found = drawn(measure(part, verbose="-v" in sys.argv))
        print(f"{part}\n{found}\n")
        if "--write" in sys.argv:
            write_section(
                "lines", "Plain texts of outlets nobody wrote rules for", f"{ABOUT}\n\n{found}\n\n{circumstances(['trafilatura'])}"
            )


if __name__ == "__main__":
    main()
