"""The seed archive as its own tests read it: without any code of ours, so that the two can disagree."""

import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import lxml.html
import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
EXPECTED = SEEDS / "expected"
TEXT_KEYS = ("text", "maintext", "body")
Lines = Callable[[str], list[str]]


def load(name: str) -> Any:
    return json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `article` once for each expected article."""
    if "article" in metafunc.fixturenames:
        articles = load("articles")
        metafunc.parametrize("article", articles, ids=[one["origin"].removeprefix("seeds/") for one in articles])


@pytest.fixture(scope="session")
def expected() -> Callable[[str], Any]:
    return load


@pytest.fixture(scope="session")
def lines_of() -> Lines:
    """Give the lines of a seed document: of a page the headings and paragraphs of its article."""
    return document_lines


def document_lines(origin: str) -> list[str]:
    place, _, number = origin.partition("#")
    path, _, member = place.partition("!")
    body = member_bytes(ROOT / path, member)
    if number:
        return row_lines(body.splitlines()[int(number) - 1])
    return page_lines(body.decode()) if place.endswith(".html") else body.decode().splitlines()


def member_bytes(path: Path, member: str) -> bytes:
    if not member:
        body = path.read_bytes()
        return gzip.decompress(body) if path.suffix == ".gz" else body
    with zipfile.ZipFile(path) as archive:
        return archive.read(member)


def row_lines(line: bytes) -> list[str]:
    row = json.loads(line)
    if "html" in row:
        return page_lines(row["html"])
    return next(str(row[key]) for key in TEXT_KEYS if key in row).splitlines()


def page_lines(html: str) -> list[str]:
    tree = lxml.html.fromstring(html)
    found = tree.xpath("//h1 | //*[self::article or @class='article-body']/*[self::p or self::h2]")
    return [" ".join(node.text_content().split()) for node in found]


@pytest.fixture(scope="session")
def bodies() -> dict[str, list[str]]:
    """Give the body of every expected article, line by line, cut out by what is expected of it."""
    return {article["origin"]: body_lines(article) for article in load("articles")}


def body_lines(article: dict[str, Any]) -> list[str]:
    lines = [line.strip() for line in document_lines(article["origin"]) if line.strip()]
    first = next(i for i, line in enumerate(lines) if line.startswith(article.get("text_first", "")))
    last = next(i for i, line in enumerate(lines) if line.endswith(article["text_last"]))
    cut = {block["text"] for block in article.get("removed", ())}
    return [line for line in lines[first : last + 1] if line not in cut]


class Silence:
    """Progress for nobody."""

    def advance(self, counts: object, deliveries: Sequence[object]) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def backfill_seeds() -> Callable[[Path], Any]:
    """Give what takes the whole seed archive into a store and returns the run's report."""
    from flows.backfill import backfill
    from schemas.settings import Settings

    return lambda store: backfill([str(SEEDS)], Settings(store=store, workers=2), Silence())


@pytest.fixture(scope="session")
def seed_store(tmp_path_factory: pytest.TempPathFactory, backfill_seeds: Callable[[Path], Any]) -> Path:
    """Give the published store of one backfill of the whole seed archive."""
    store = tmp_path_factory.mktemp("seeds") / "news.duckdb"
    backfill_seeds(store)
    return store


@pytest.fixture(scope="session")
def rows(seed_store: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Give the rows of a query on that store, as dictionaries."""
    connection = duckdb.connect(str(seed_store), read_only=True)

    def run(query: str) -> list[dict[str, Any]]:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return run


@pytest.fixture(scope="session")
def ids(rows: Callable[[str], list[dict[str, Any]]]) -> dict[str, str]:
    """Give the id of the article met at each origin."""
    met = rows("SELECT article_id, origin FROM sightings")
    return {seed_origin(row["origin"]): str(row["article_id"]) for row in met}


def seed_origin(origin: str) -> str:
    """Return an origin relative to the repository, wherever it was read from."""
    return f"seeds/{origin.rpartition('seeds/')[2]}"
