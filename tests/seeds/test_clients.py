"""The snippets of docs/clients.md, run as they stand there, over the store of the seed archive."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
IMPORTED = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
R_LIBRARIES = ("DBI", "duckdb")


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


PYTHON = [code for code in snippets("python") if "prefect" not in code]  # that one runs in tests/flows/test_prefect.py


@pytest.mark.filterwarnings("default::DeprecationWarning")  # what a client calls inside is its own affair: Ibis calls an old name of DuckDB
@pytest.mark.parametrize("code", PYTHON, ids=[IMPORTED.findall(code)[-1] for code in PYTHON])
def test_a_snippet_of_python_runs(code: str, seed_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for module in IMPORTED.findall(code):
        pytest.importorskip(module, reason=f"{module} is not installed")
    monkeypatch.chdir(seed_store.parent)
    exec(compile(code, PAGE.name, "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


@pytest.mark.parametrize("code", snippets("r"))
def test_a_snippet_of_r_runs(code: str, seed_store: Path) -> None:
    interpreter = shutil.which("Rscript")
    if interpreter is None:
        pytest.skip("R is not installed")
    asked = f"quit(status = !all(sapply(c({', '.join(map(repr, R_LIBRARIES))}), requireNamespace, quietly = TRUE)))"
    if subprocess.run([interpreter, "-e", asked], check=False, capture_output=True).returncode:
        pytest.skip(f"R has not all of {', '.join(R_LIBRARIES)}")
    done = subprocess.run([interpreter, "-e", code], cwd=seed_store.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr


def test_every_kind_of_client_has_its_snippet() -> None:
    modules = {module for code in snippets("python") for module in IMPORTED.findall(code)}
    assert {"duckdb", "pandas", "polars", "pyarrow", "ibis", "prefect"} <= modules
    assert len(snippets("r")) == 1
    assert "## DBeaver" in PAGE.read_text("utf-8")
