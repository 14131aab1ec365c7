"""The seed archive holds what its expectations say, and is our own writing."""

import gzip
import itertools
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
TOP_TOPICS = {f"medtop:{number:02}000000" for number in range(1, 18)}
Load = Callable[[str], Any]
Bodies = dict[str, list[str]]


def shingles(lines: Iterable[str]) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", " ".join(lines)).lower())
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def all_documents() -> list[str]:
    found: list[str] = []
    for path in sorted(path for path in SEEDS.rglob("*") if path.is_file()):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found += itertools.chain.from_iterable(rows_of(f"{name}!{one}", archive.read(one)) for one in archive.namelist())
        elif name.removesuffix(".gz").endswith((".txt", ".html", ".jsonl")):
            found += rows_of(name, path.read_bytes())
    return found


def rows_of(name: str, body: bytes) -> list[str]:
    return [f"{name}#{number}" for number, _ in enumerate(body.splitlines(), 1)] if name.endswith(".jsonl") else [name]


def met_at(article: dict[str, Any]) -> list[str]:
    older = article.get("older_version_at")
    return [article["origin"], *article.get("also_met_at", ()), *([older] if older else ())]


def test_every_document_of_the_archive_is_expected_exactly_once(expected: Load) -> None:
    told = [origin for article in expected("articles") for origin in met_at(article)]
    told += [rejection["origin"] for rejection in expected("rejections")]
    assert Counter(told) == Counter(all_documents())


def test_the_counts_are_those_of_the_other_expectations(expected: Load) -> None:
    articles, counts = expected("articles"), expected("counts")
    assert counts == {
        "seen": len(all_documents()),
        "new": len(articles),
        "new_versions": sum("older_version_at" in article for article in articles),
        "sightings": sum(len(article.get("also_met_at", ())) for article in articles),
        "unchanged": 0,
        "rejected": len(expected("rejections")),
    }


def test_the_readme_names_every_difficult_file_and_the_counts(expected: Load) -> None:
    readme, counts = (SEEDS / "README.md").read_text(encoding="utf-8"), expected("counts")
    assert "sees {seen} documents: {new} new articles, {new_versions} new versions, {sightings} sightings".format(**counts) in readme
    texts = [path for path in SEEDS.rglob("*") if path.name.endswith((".txt", ".txt.gz", ".html", ".jsonl", ".zip"))]
    told = readme.replace("`-2-`", "`en/starliner-2-empty-return.txt`").replace("`-3-`", "`en/starliner-3-landing.txt`")
    assert [path.name for path in texts if path.name not in told and not path.name.startswith("notre-dame-")] == []


def test_half_of_the_articles_are_french_and_five_more_languages_follow(expected: Load) -> None:
    shares = Counter(article["language"] for article in expected("articles"))
    assert sum(shares.values()) >= 64
    assert shares["fr"] / sum(shares.values()) == pytest.approx(0.5, abs=0.05)
    assert shares["en"] >= 14
    assert min(shares[code] for code in ("de", "es", "it", "pt")) >= 4


def test_every_article_is_short(article: dict[str, Any], bodies: Bodies) -> None:
    words = sum(len(line.split()) for line in bodies[article["origin"]])
    if article["origin"].endswith("slim-une-phrase.txt"):
        assert 0 < words <= 25
    else:
        assert 150 <= words <= 500


def test_what_is_expected_of_a_document_stands_in_it(article: dict[str, Any], lines_of: Load, bodies: Bodies) -> None:
    lines, body = Counter(line.strip() for line in lines_of(article["origin"])), bodies[article["origin"]]
    cut = Counter(block["text"] for block in article.get("removed", ()))
    assert cut <= lines
    assert [line for line in body if line in article["headings"]] == article["headings"]
    assert len(body) == article.get("paragraphs", len(body))
    assert set(article.get("topics", ())) <= TOP_TOPICS


def test_every_difficulty_is_there(expected: Load) -> None:
    articles = expected("articles")
    roles = Counter(block["role"] for article in articles for block in article.get("removed", ()))
    assert {"related", "caption", "paywall", "donation", "byline", "date", "agency", "kicker", "social"} <= set(roles)
    assert sum(article["title"] is None for article in articles) >= 4
    assert sum(article["updated_at"] is not None for article in articles) >= 4
    assert sum("published_at" in article and article["published_at"] is None for article in articles) >= 4
    assert {rejection["reason"] for rejection in expected("rejections")} == {"empty", "binary", "broken_json", "no_text"}


def test_exactly_the_expected_pairs_are_copies(expected: Load, bodies: Bodies) -> None:
    sets = {origin: shingles(lines) for origin, lines in bodies.items()}
    found = {pair: kind_of(sets[pair[0]], sets[pair[1]]) for pair in itertools.permutations(sets, 2)}
    told = {(pair["later"], pair["earlier"]): pair["kind"] for pair in expected("relations")}
    assert {pair: found[pair] for pair in told} == told
    related = {frozenset(pair) for pair, kind in found.items() if kind}
    assert related == {frozenset(pair) for pair in told}


def kind_of(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> str:
    if one == other:
        return "exact"
    shared = len(one & other)
    if shared / max(1, len(one | other)) >= 0.5:
        return "near"
    of_one, of_other = shared / max(1, len(one)), shared / max(1, len(other))
    if max(of_one, of_other) < 0.5:
        return ""
    return "contains" if of_other > of_one else "contained"


def test_no_sentence_is_written_twice(expected: Load, bodies: Bodies) -> None:
    related = {frozenset((pair["later"], pair["earlier"])) for pair in expected("relations")}
    sets = {origin: shingles(lines) for origin, lines in bodies.items()}
    shared = {pair: len(sets[pair[0]] & sets[pair[1]]) for pair in itertools.combinations(sets, 2) if frozenset(pair) not in related}
    assert {pair: count for pair, count in shared.items() if count > 6} == {}


def test_stories_name_known_articles_and_do_not_overlap(expected: Load) -> None:
    stories = expected("stories")
    known = {article["origin"] for article in expected("articles")}
    together = [origin for group in stories["together"] for origin in group["origins"]]
    assert max(Counter(together).values()) == 1
    for group in itertools.chain.from_iterable(stories.values()):
        assert set(group["origins"]) <= known
        assert len(set(group["origins"])) == len(group["origins"]) >= 2
    grouped = {origin: number for number, group in enumerate(stories["together"]) for origin in group["origins"]}
    for pair in stories["apart"]:
        first, second = (grouped.get(origin, origin) for origin in pair["origins"])
        assert first != second


def test_packed_archives_equal_their_readable_members() -> None:
    members = ROOT / "tests" / "data" / "seeds_zip"
    with zipfile.ZipFile(SEEDS / "archive-2024.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {path.relative_to(members).as_posix(): path.read_bytes() for path in members.rglob("*") if path.is_file()}
    for path in (ROOT / "tests" / "data" / "seeds_gz").iterdir():
        assert gzip.decompress((SEEDS / "en" / f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_nothing_is_taken_from_the_documents_we_develop_on(bodies: Bodies) -> None:
    folder = ROOT.parent / "shared" / "seeds"
    if not folder.is_dir():
        pytest.skip("the five development documents are not beside the repository")
    theirs = set().union(*(shingles(path.read_text(encoding="utf-8").splitlines()) for path in folder.glob("*.txt")))
    assert {origin: taken for origin, lines in bodies.items() if (taken := shingles(lines) & theirs)} == {}
