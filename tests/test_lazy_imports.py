"""What only reads starts fast: no engine, no extractor, no language models are imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.commands import MODULES, Commands
from schemas.settings import Settings
from tasks.pipeline import Direct, Quiet, run
from tasks.read.intake import ArchiveIntake
from tests.bench.generate import write

ROOT = Path(__file__).parent.parent
HEAVY = {"prefect", "fastapi", "trafilatura", "htmldate", "langdetect", "py3langid", "scipy", "lxml", "aiohttp", "feedparser"}
HEAVY |= {"numpy", "pandas", "pyarrow", "pycrfsuite", "courlan", "tld", "pebble", "protego", "fastwarc", "charset_normalizer"}
SCRIPT = """
import json, sys
from flows.cli import app
code = app(sys.argv[1:], standalone_mode=False) if sys.argv[1:] else 0
print(json.dumps([code or 0, sorted({name if name.startswith("flows.") else name.split(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a few articles in it."""
    folder = tmp_path_factory.mktemp("store")
    write(folder / "articles.jsonl", 3)
    run(ArchiveIntake([str(folder / "articles.jsonl")]), Settings(store=folder / "news.duckdb", workers=1), Direct(), Quiet())
    return folder / "news.duckdb"


def run_and_list(arguments: list[str], folder: Path) -> tuple[int, set[str], str]:
    """Exit code, top-level modules imported, and what was printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules), done.stdout


def first(store: Path, column: str, table: str) -> str:
    code, _, out = run_and_list(
        ["sql", "--store", str(store), "--format", "json", f"SELECT {column}::VARCHAR AS id FROM {table} ORDER BY 1"], store.parent
    )
    assert code == 0, out
    return str(json.loads(out)[0]["id"])


def test_importing_the_commands_is_light(tmp_path: Path) -> None:
    _, modules, _ = run_and_list([], tmp_path)
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [
        *(["sql", "SELECT count(*) FROM articles"], ["search", "the"], ["stories"], ["status"], ["feeds", "list"]),
        *(["--help"], ["backfill", "--help"], ["feeds", "add", "--help"]),
    ],
    ids=" ".join,
)
def test_a_reading_command_is_light(arguments: list[str], store: Path) -> None:
    code, modules, _ = run_and_list(arguments, store.parent)
    assert code == 0
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    ("arguments", "loaded"), [(["sql", "SELECT 1"], {"flows.read_commands"}), (["search", "the"], {"flows.search_commands"})]
)
def test_only_the_module_of_the_command_is_imported(arguments: list[str], loaded: set[str], store: Path) -> None:
    _, modules, _ = run_and_list(arguments, store.parent)
    assert modules & set(MODULES.values()) == loaded


def test_every_command_is_where_it_is_said_to_be() -> None:
    assert {name: command.name for name, command in Commands(MODULES).items()} == {name: name for name in MODULES}


def test_reading_one_story_or_article_is_light(store: Path) -> None:
    for command, column, table in (("story", "story_id", "stories"), ("article", "article_id", "articles")):
        code, modules, _ = run_and_list([command, "--store", str(store), first(store, column, table)], store.parent)
        assert code == 0
        assert modules & HEAVY == set()


def test_exporting_the_feeds_needs_an_xml_writer_and_nothing_else(store: Path) -> None:
    code, modules, out = run_and_list(["feeds", "export"], store.parent)
    assert code == 0
    assert "<opml" in out
    assert modules & HEAVY == {"lxml"}


def test_init_is_light(tmp_path: Path) -> None:
    code, modules, _ = run_and_list(["init", "."], tmp_path)
    assert code == 0
    assert modules & HEAVY == set()
