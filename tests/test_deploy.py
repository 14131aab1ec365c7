"""What stands in deploy/ is true: files parse, entrypoints are there, names are those of the flows and the settings."""

import configparser
import importlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from schemas.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
TEXTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
SETTINGS = {f"WIREHOUSE_{name.upper()}" for name in Settings.model_fields}
EXACT = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?(-\w+)*")
"""An image with its version: a bare name or `latest` is another one every week."""


def load(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text("utf-8"))
    return parser


def commands() -> dict[str, Any]:
    """Every command of the command line, with the options it takes."""
    from flows.cli import app

    group: Any = typer.main.get_command(app)
    return {name: {flag for option in command.params for flag in option.opts} for name, command in group.commands.items()}


@pytest.mark.parametrize("deployment", load("prefect.yaml")["deployments"], ids=lambda one: str(one["name"]))
def test_a_deployment_names_a_flow_and_its_parameters(deployment: dict[str, Any]) -> None:
    path, name = deployment["entrypoint"].split(":")
    assert (ROOT / path).is_file()
    flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    assert flow.name == deployment["name"]
    assert deployment["parameters"].keys() <= flow.parameters.properties.keys()
    assert not flow.parameters.required, "a schedule gives no parameters"
    assert {schedule["timezone"] for schedule in deployment["schedules"]} == {"UTC"}


def test_serve_and_prefect_yaml_have_the_same_schedules() -> None:
    from flows.serve import ANCHOR, MAINTAIN_AT

    ingest, maintain = (one["schedules"][0] for one in load("prefect.yaml")["deployments"])
    assert ingest["anchor_date"] == ANCHOR.isoformat()
    minute, hour = maintain["cron"].split()[:2]
    assert f"{int(hour):02}:{int(minute):02}" == MAINTAIN_AT


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_settings_that_are_named_are_ours(path: Path) -> None:
    named = set(re.findall(r"\bWIREHOUSE_[A-Z_]+\b", path.read_text("utf-8")))
    assert named - SETTINGS == set()


def images() -> list[str]:
    services = load("compose.yaml")["services"].values()
    built_from = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    return [*(service["image"] for service in services), *built_from]


@pytest.mark.parametrize("image", sorted(set(images())))
def test_images_are_pinned(image: str) -> None:
    assert EXACT.fullmatch(image)


def test_our_image_has_our_version() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"', pyproject, re.MULTILINE)
    assert version
    assert {image for image in images() if image.startswith("wirehouse:")} == {f"wirehouse:{version[1]}"}


def test_what_is_copied_into_the_image_exists_and_is_let_through() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert [name for name in names if not (ROOT / name).exists()] == []
    let_through = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert names == let_through


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in load("compose.yaml")["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def started() -> list[list[str]]:
    """The wirehouse commands that units, image and services start."""
    lines = [shlex.split(unit(path)["Service"]["ExecStart"])[1:] for path in UNITS if path.suffix == ".service"]
    services = load("compose.yaml")["services"].values()
    lines += [service["command"] for service in services if service["image"].startswith("wirehouse:") and "entrypoint" not in service]
    return lines


@pytest.mark.parametrize("line", started(), ids=" ".join)
def test_commands_that_are_started_exist(line: list[str]) -> None:
    known = commands()
    assert line[0] in known
    assert {word for word in line[1:] if word.startswith("--")} <= known[line[0]]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_can_be_loaded(path: Path, tmp_path: Path) -> None:
    assert unit(path).sections()
    if (tool := shutil.which("systemd-analyze")) is None:
        pytest.skip("there is no systemd here to ask")
    # the program stands elsewhere on this machine
    for one in UNITS:
        text = one.read_text("utf-8").replace("/opt/wirehouse/.venv/bin/wirehouse", "/bin/true")
        (tmp_path / one.name).write_text(text, encoding="utf-8")
    done = subprocess.run([tool, "verify", "--man=no", str(tmp_path / path.name)], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_a_service_ends_serve_before_its_children() -> None:
    service = unit(DEPLOY / "systemd" / "wirehouse-serve.service")["Service"]
    assert (service["KillMode"], service["Restart"]) == ("mixed", "on-failure")
    assert int(service["TimeoutStopSec"]) > 10, "serve takes up to 10 seconds"
