"""What the pages say is so: the tour's output, the links, the commands that make offers."""

import re
from pathlib import Path

import pytest

from tests.tour import README, ROOT, TIMED, run, steps

PAGES = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "seeds" / "README.md")
    if path.exists()
]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def test_the_tour_shows_what_the_commands_print(tmp_path: Path) -> None:
    shown = list(steps(README.read_text("utf-8"), tmp_path))
    assert shown
    for step, command, printed in shown:
        assert TIMED.sub("", step["shown"]) == TIMED.sub("", printed), f"run: python -m tests.tour ({command})"


def test_every_command_is_in_the_readme(tmp_path: Path) -> None:
    commands = re.findall(r"^[│|] (\w+) ", run("wirehouse --help", tmp_path), re.MULTILINE)
    assert "backfill" in commands
    assert [command for command in commands if f"wirehouse {command}" not in README.read_text("utf-8")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()] == []


def test_every_make_target_is_explained(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [targets] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert [target for target in targets.split() if target != "help" and f"make {target} " not in makefile] == []
