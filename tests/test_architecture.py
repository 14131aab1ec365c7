"""The rules of the house that a program can check: who imports whom, how big things are, what stays outside."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {"schemas": {"schemas"}, "tasks": {"schemas", "tasks"}, "flows": {"schemas", "tasks", "flows"}}
OURS = {*ALLOWED, "tests"}
MODULES = sorted(path.relative_to(ROOT).as_posix() for top in ALLOWED for path in (ROOT / top).rglob("*.py"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
FILE_MEDIAN, FILE_MOST, FUNCTION_MEDIAN, FUNCTION_MOST, PARAMETERS = 150, 500, 8, 60, 5

CHANGES = re.compile(
    r"\b(INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+[\w.]+\s+SET|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE\s+\w|"
    r"CREATE\s+(OR\s+REPLACE\s+)?(TABLE|VIEW|MACRO|(UNIQUE\s+)?INDEX|SCHEMA|SEQUENCE)|(DROP|ALTER)\s+(TABLE|VIEW|SCHEMA|INDEX))\b",
    re.IGNORECASE,
)
STRANGE = re.compile(r"(?<![\w.~/])/(?:work|tmp|root)/\w|--(?:extra-)?index-url|--find[-]links|/simple/[a-z]")
LEFT_OUT = {".git", ".venv", "build", "dist", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
LARGEST_TEXT = 2_000_000  # larger files are data

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parsed(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def wrong_imports(module: str, tree: ast.Module) -> list[str]:
    """What a module imports and must not, each with the reason."""
    top, found = module.split("/", maxsplit=1)[0], []
    for name in imported(tree):
        first = name.split(".")[0]
        if name.startswith("."):
            found.append(f"{name}: imports are absolute, Prefect loads flows by path")
        elif first in OURS and first not in ALLOWED[top]:
            found.append(f"{name}: {top} must not import {first}")
        elif first == "prefect" and top != "flows" and module != "tasks/steps.py":
            found.append(f"{name}: only tasks/steps.py and flows/ know prefect")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    assert wrong_imports(module, parsed(module)) == []


@pytest.mark.parametrize(
    ("module", "line", "reason"),
    [
        ("schemas/article.py", "from tasks.clean.page import extract_page", "schemas must not import tasks"),
        ("tasks/pipeline.py", "import flows.cli", "tasks must not import flows"),
        ("tasks/pipeline.py", "def run():\n    from prefect import task", "only tasks/steps.py"),
        ("tasks/label/topics.py", "from .entities import find", "absolute"),
        ("flows/cli.py", "import tests.bench.generate", "flows must not import tests"),
    ],
)
def test_a_forbidden_import_is_seen(module: str, line: str, reason: str) -> None:
    [fault] = wrong_imports(module, ast.parse(line))
    assert reason in fault


def test_steps_and_flows_may_import_prefect() -> None:
    tree = ast.parse("from prefect import flow, task")
    assert wrong_imports("tasks/steps.py", tree) == wrong_imports("flows/backfill.py", tree) == []


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function, docstring: bool) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if not docstring and ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def parameters(function: Function) -> int:
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def is_command(function: Function) -> bool:
    """A command of the CLI: its parameters are the options a person can type."""
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ("command", "callback") for call in calls)


def test_files_are_short() -> None:
    lines = {module: len((ROOT / module).read_text("utf-8").splitlines()) for module in MODULES}
    assert {module: count for module, count in lines.items() if count > FILE_MOST} == {}
    assert statistics.median(count for count in lines.values() if count > 1) <= FILE_MEDIAN


def test_functions_are_short() -> None:
    found = [(f"{module}:{function.lineno} {function.name}", function) for module in MODULES for function in functions(parsed(module))]
    assert {name: lines for name, function in found if (lines := length(function, docstring=True)) > FUNCTION_MOST} == {}
    assert statistics.median(length(function, docstring=False) for _, function in found) <= FUNCTION_MEDIAN


def test_functions_take_few_parameters() -> None:
    found = [(f"{module}:{function.lineno} {function.name}", function) for module in MODULES for function in functions(parsed(module))]
    assert {name: count for name, function in found if not is_command(function) and (count := parameters(function)) > PARAMETERS} == {}


def test_modules_are_named_after_what_they_hold() -> None:
    parts = {part.removesuffix(".py").strip("_") for module in MODULES for part in module.split("/")}
    assert parts & EMPTY_NAMES == set()


def strings(tree: ast.Module) -> Iterator[str]:
    """The string constants of a module that are not docstrings."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | Function) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return (
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    )


def test_only_the_store_changes_data() -> None:
    outside = [module for module in MODULES if not module.startswith("tasks/store/")]
    assert [(module, text) for module in outside for text in strings(parsed(module)) if CHANGES.search(text)] == []
    queries = [path for path in ROOT.glob("*/**/*.sql") if path.relative_to(ROOT).parts[0] in ALLOWED and "store" not in path.parts]
    assert [path for path in queries if CHANGES.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "text", ["insert into articles values (1)", "UPDATE main.runs\nSET state = 1", "create or replace table x as from y"]
)
def test_a_change_of_data_is_seen(text: str) -> None:
    assert CHANGES.search(text)
    assert not CHANGES.search("CREATE TEMP TABLE batch AS FROM articles")


def files_of_the_tree() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        left_out = LEFT_OUT.intersection(parts) or any(part.endswith(".egg-info") for part in parts)
        if not left_out and path.is_file() and path.stat().st_size <= LARGEST_TEXT:
            yield path


def test_the_tree_names_no_machine_and_no_package_index() -> None:
    found = []
    for path in files_of_the_tree():
        text = path.read_bytes().decode("utf-8", "ignore")
        found += [(path.relative_to(ROOT).as_posix(), match[0]) for match in STRANGE.finditer(text)]
    assert found == []
