"""An export that is killed: what stands there is whole, the old one or the new one, and the next export mends the rest."""

import json
import subprocess
import sys
from pathlib import Path

from tests.flows.command import environment
from tests.tasks.store.small import small_store

ROOT = Path(__file__).parents[2]


def test_killed_anywhere_no_half_of_it_is_left(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    small_store(tmp_path / "o")
    command = [sys.executable, "-m", "tests.flows.export_deaths", str(tmp_path / "o"), "900", "4"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["at"].partition(":")[0] for one in found} >= {"run.py", "tables.py", "folder.py"}
    assert [one for one in found if one["wrong"]] == []
