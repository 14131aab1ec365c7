"""Every command that there is: its help has an example that could be typed, it takes --store, and --json where it reports."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from flows.cli import app
from schemas.errors import UsageError

NO_REPORT = {"serve", "feeds export"}
"""What runs until it is told to stop, and what writes a document of its own."""
MAKES_A_STORE = {"init", "backfill", "ingest", "serve", "doctor", "feeds add", "feeds import", "feeds remove"}
"""What does not need a store, or says in words of its own that there is none."""
GIVEN = {"remove": ["--where", "true"], "label train-topics": ["--where", "true"]}
"""Options that a command cannot do without."""
EXAMPLE = re.compile(r"Example: wirehouse (.+)")
RUNNER = CliRunner()


def walk(command: Any, *names: str) -> Iterator[tuple[str, Any]]:
    """Yield every command below this one, with what one types for it."""
    if not getattr(command, "commands", None):
        yield " ".join(names), command
        return
    for name, below in command.commands.items():
        yield from walk(below, *names, name)


COMMANDS = dict(walk(typer.main.get_command(app)))
READING = sorted(COMMANDS.keys() - MAKES_A_STORE)


def options(name: str) -> set[str]:
    return {option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")}


def typed(name: str) -> list[str]:
    """Return a command with a word for each argument that it cannot do without."""
    words = [parameter.name for parameter in COMMANDS[name].params if parameter.required and parameter.param_type_name == "argument"]
    return [*name.split(), *words, *GIVEN.get(name, [])]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_can_be_typed(name: str) -> None:
    shown = RUNNER.invoke(app, [*name.split(), "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}, prog_name="wirehouse")
    assert (shown.exit_code, shown.stderr) == (0, "")
    example = EXAMPLE.search(shown.stdout)
    assert example, shown.stdout
    words = shlex.split(example[1])
    assert " ".join(words[: len(name.split())]) == name
    rest = words[len(name.split()) :]
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= options(name)  # search lets all through
    COMMANDS[name].make_context(name, rest)  # raises what a wrong option, value or number of arguments raises


@pytest.mark.parametrize("name", COMMANDS)
def test_store_and_json_are_there(name: str) -> None:
    assert "--store" in options(name)
    assert ("--json" in options(name)) == (name not in NO_REPORT)


@pytest.mark.parametrize("group", ["", "feeds", "label"])
def test_groups_tell_what_is_in_them(group: str) -> None:
    shown = RUNNER.invoke(app, [*group.split(), "--help"], env={"COLUMNS": "60"}).stdout
    listed = re.findall(r"^[│|] (\w[\w-]*) ", shown, re.MULTILINE)
    names = (name.removeprefix(group).split()[0] for name in COMMANDS if name.startswith(group))
    assert listed == list(dict.fromkeys(listed))
    assert set(listed) == set(names)


@pytest.mark.parametrize("name", READING)
def test_without_a_store_it_is_said_what_to_do_and_nothing_is_made(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = RUNNER.invoke(app, [*typed(name), "--store", "news.duckdb"], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert "There is no store at news.duckdb yet; fill one with: wirehouse backfill PATH" in str(done.exception)
    assert (done.stdout, list(tmp_path.iterdir())) == ("", [])


def test_init_reports_and_names_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = RUNNER.invoke(app, ["init", "--store", 'the "old".duckdb', "--json"])
    assert json.loads(first.stdout) == {"written": ["wirehouse.toml", "feeds.opml"], "kept": []}
    assert json.loads(RUNNER.invoke(app, ["init", "--json"]).stdout) == {"written": [], "kept": ["wirehouse.toml", "feeds.opml"]}
    failed = RUNNER.invoke(app, ["stories"], standalone_mode=False)
    assert 'There is no store at the "old".duckdb yet' in str(failed.exception)
