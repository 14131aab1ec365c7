"""What reports writes one JSON document to stdout with --json, and nothing beside it; what people see is never empty."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app

Rows = Callable[[str], list[dict[str, Any]]]
STORY, ARTICLE = "STORY", "ARTICLE"
READING = (
    ["sql", "FROM articles LIMIT 2"],
    ["stories", "--limit", "2"],
    ["story", STORY],
    ["article", ARTICLE],
    ["search", "notre-dame -football"],
    ["explain", ARTICLE],
    ["status"],
    ["doctor"],
    ["feeds", "list"],
    ["export", "out"],
)
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def store(seed_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: a file that a process has open for reading, it cannot open again with other settings."""
    return Path(shutil.copy(seed_store, tmp_path_factory.mktemp("reports") / "news.duckdb"))


def invoke(command: list[str], store: Path, rows: Rows) -> Any:
    [known] = rows("SELECT story_id, article_id FROM articles ORDER BY article_id LIMIT 1")
    ids = {STORY: str(known["story_id"]), ARTICLE: str(known["article_id"])}
    done = RUNNER.invoke(app, [*(ids.get(word, word) for word in command), "--store", str(store)], standalone_mode=False)
    assert done.exception is None
    return done


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_a_report_is_one_document(command: list[str], store: Path, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = invoke([*command, "--json"], store, rows)
    assert isinstance(json.loads(done.stdout), dict | list)
    assert done.stderr == ""


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_people_are_told_something(command: list[str], store: Path, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = invoke(command, store, rows)
    assert (done.stdout or done.stderr).strip()
    assert "None" not in done.stdout.split()
