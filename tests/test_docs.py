"""What the pages say is so: the tour's output, the links, the commands that make offers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tour import README, ROOT, TIMED, TOURS, run, steps

PAGES = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "seeds" / "README.md")
    if path.exists()
]
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


@pytest.mark.parametrize("page", TOURS, ids=lambda page: page.name)
def test_the_tour_shows_what_the_commands_print(page: Path, tmp_path: Path) -> None:
    shown = list(steps(page.read_text("utf-8"), tmp_path))
    assert shown
    for step, command, printed in shown:
        assert TIMED.sub("", step["shown"]) == TIMED.sub("", printed), f"run: python -m tests.tour ({command})"
    for code in PYTHON.findall(page.read_text("utf-8")):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), code
        assert done.stdout


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
