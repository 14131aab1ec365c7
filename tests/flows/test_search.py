"""wirehouse search, as a person types it."""

import importlib.util
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from flows.cli import app
from schemas.errors import UsageError
from tests.flows.command import report, wirehouse

ARTICLES = [
    {
        "id": 1,
        "url": "https://one.example/a",
        "title": "Sommet sur le climat à l'Élysée",
        "text": "Le président a ouvert jeudi le sommet sur le climat. Quarante pays sont attendus à Paris jusqu'à samedi.",
        "published_at": "2025-03-06T08:00:00Z",
        "language": "fr",
    },
    {
        "id": 2,
        "url": "https://two.example/b",
        "title": "Harbour works begin",
        "text": "The climate in the council was cool on Monday when the harbour works began. A summit of engineers was promised.",
        "published_at": "2025-03-10T08:00:00Z",
        "language": "en",
    },
    {
        "id": 3,
        "url": "https://two.example/c",
        "title": "Climate summit: what was decided",
        "text": "Forty countries agreed at the climate summit in Paris to meet again. The harbour cities asked for more money.",
        "published_at": "2025-03-12T08:00:00Z",
        "language": "en",
    },
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("searching")
    (folder / "news.jsonl").write_text("".join(json.dumps(one) + "\n" for one in ARTICLES), encoding="utf-8")
    assert report(wirehouse("backfill", "news.jsonl", "--engine", "direct", "--json", folder=folder))["counts"]["new"] == 3
    return folder


def titles(folder: Path, *arguments: str) -> list[str]:
    """Return the titles found, asked for in this process: a process of its own takes most of a second."""
    done = CliRunner().invoke(app, ["search", *arguments, "--json", "--store", str(folder / "news.duckdb")])
    assert done.exit_code == 0, done.output
    return [one["title"] for one in json.loads(done.stdout)]


def test_best_first_with_the_hits_marked(folder: Path) -> None:
    found = report(wirehouse("search", "climate", "summit", "--json", folder=folder))
    assert [one["url"] for one in found] == ["https://two.example/c", "https://two.example/b"]
    assert found[0]["score"] > found[1]["score"] > 0
    assert "**climate** **summit**" in found[0]["snippet"]
    assert found == report(wirehouse("search", "climate summit", "--json", folder=folder))
    shown = wirehouse("search", "elysee", folder=folder)
    assert "Sommet sur le climat à l'**Élysée**" in shown.stdout
    assert "one.example  2025-03-06  fr" in shown.stdout


def test_conditions_hold_together(folder: Path) -> None:
    assert titles(folder, '"climate summit"') == ["Climate summit: what was decided"]
    assert titles(folder, "climate", "-harbour") == []
    assert titles(folder, "harbour", "-agreed") == ["Harbour works begin"]
    assert titles(folder, "title:harbour") == ["Harbour works begin"]
    assert titles(folder, "paris", "--language", "fr") == ["Sommet sur le climat à l'Élysée"]
    assert titles(folder, "paris", "--since", "2025-03-07") == ["Climate summit: what was decided"]
    assert titles(folder, "paris", "--source", "one.example", "--entity", "paris") == ["Sommet sur le climat à l'Élysée"]
    assert len(titles(folder, "clima*", "--limit", "1")) == 1
    assert set(titles(folder, "climate", "--topic", "environment")) <= set(titles(folder, "climate"))


def test_the_macro_says_the_same(folder: Path) -> None:
    rows = report(wirehouse("sql", "select article_id, score, title from search('climate summit')", "--json", folder=folder))
    found = report(wirehouse("search", "climate summit", "--json", folder=folder))
    assert rows == [{name: one[name] for name in ("article_id", "score", "title")} for one in found]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["..."], "no word to look for"),
        (["-climate"], "no word to look for"),
        (["x" * 2_000], "2,000 characters"),
        (["climate", "--limt=3"], "No such option: --limt"),
        (["climate", "--language", "xx"], "No story is told in 'xx'"),
        (["climate", "--topic", "no such topic"], "No topic"),
    ],
)
def test_what_cannot_be_searched_is_said_plainly(folder: Path, arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["search", *arguments, "--store", str(folder / "news.duckdb")])
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


def test_nothing_found_is_no_error(folder: Path) -> None:
    done = wirehouse("search", "volcano", folder=folder)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "No article has all of these words." in done.stderr
    assert report(wirehouse("search", "volcano", "--json", folder=folder)) == []


def test_an_older_store_says_how_to_go_on(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "news.duckdb").write_bytes((folder / "news.duckdb").read_bytes())
    with duckdb.connect(str(tmp_path / "news.duckdb")) as con:
        con.execute("DELETE FROM internal.schema_version WHERE version >= 12")
    done = wirehouse("search", "climate", folder=tmp_path)
    assert done.returncode == 2
    assert "wirehouse maintain" in done.stderr


MISSING = importlib.util.find_spec("tantivy") is None
BY_TANTIVY = {"WIREHOUSE_SEARCH_ENGINE": "tantivy"}


@pytest.mark.skipif(MISSING, reason="the extra tantivy is not installed")
def test_another_engine_answers_when_it_can(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "news.duckdb", tmp_path)
    asked = ("search", "climate summit", "--language", "en", "--json")
    expected = report(wirehouse(*asked, folder=tmp_path))
    without = wirehouse(*asked, folder=tmp_path, **BY_TANTIVY)
    assert report(without) == expected
    assert without.stderr.splitlines() == [
        "There is no search index at news.duckdb.tantivy; make it with: wirehouse maintain. The store has answered by itself."
    ]
    care = report(wirehouse("maintain", "--json", folder=tmp_path, **BY_TANTIVY))
    assert care["steps"][-1]["step"] == "tantivy"
    found = wirehouse(*asked, folder=tmp_path, **BY_TANTIVY)
    assert found.stderr == ""
    assert [(one["url"], one["snippet"]) for one in report(found)] == [(one["url"], one["snippet"]) for one in expected]
    assert report(found)[0]["score"] != expected[0]["score"]
    anew = report(wirehouse("maintain", "--only", "tantivy", "--json", folder=tmp_path, **BY_TANTIVY))
    assert (anew["indexed_documents"], anew["steps"][0]["done"]) == (3, True)
    assert report(wirehouse("doctor", "--json", folder=tmp_path, **BY_TANTIVY))


@pytest.mark.skipif(MISSING, reason="the extra tantivy is not installed")
def test_a_backfill_keeps_the_other_engine_up_to_date(folder: Path, tmp_path: Path) -> None:
    for end in (2, 3):  # once into a new store, once into one that has articles
        report(wirehouse("backfill", folder / "news.jsonl", "--limit", end, "--engine", "direct", "--json", folder=tmp_path, **BY_TANTIVY))
        found = wirehouse("search", "clim*", "--json", folder=tmp_path, **BY_TANTIVY)
        assert (len(report(found)), found.stderr) == (end, "")


@pytest.mark.skipif(not MISSING, reason="the extra tantivy is installed")
def test_another_engine_that_is_missing_is_named(folder: Path) -> None:
    for command in (["search", "climate"], ["maintain"], ["backfill", "news.jsonl", "--engine", "direct"]):
        done = wirehouse(*command, folder=folder, **BY_TANTIVY)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[-1].endswith("which is not installed; install it with: pip install 'wirehouse[tantivy]'")
        assert len(done.stderr.splitlines()) == 1


def test_no_index_is_made_that_nobody_asked_for(folder: Path) -> None:
    done = wirehouse("maintain", "--only", "tantivy", folder=folder)
    assert done.returncode == 2
    assert "search_engine" in done.stderr
    assert not (folder / "news.duckdb.tantivy").exists()
