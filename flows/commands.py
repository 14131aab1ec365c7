"""The commands of the command line, each in the module that is imported when it is asked for: reading starts without what writing needs."""

from collections import UserDict
from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

MODULES = {
    "init": "flows.care_commands",
    "backfill": "flows.fill_commands",
    "feeds": "flows.feed_commands",
    "ingest": "flows.fill_commands",
    "serve": "flows.serve_commands",
    "stories": "flows.story_commands",
    "story": "flows.story_commands",
    "article": "flows.read_commands",
    "search": "flows.search_commands",
    "sql": "flows.read_commands",
    "explain": "flows.explain",
    "export": "flows.export_commands",
    "status": "flows.status",
    "doctor": "flows.care_commands",
    "maintain": "flows.serve_commands",
    "retry": "flows.fill_commands",
    "reclean": "flows.fill_commands",
    "relabel": "flows.fill_commands",
    "label": "flows.label_commands",
    "remove": "flows.remove_commands",
}
"""In the order in which one comes to need them. Each module has an `app` with these commands, or that is a group of commands itself."""


class Commands(UserDict[str, Any]):
    """The commands by their names, made from their modules when they are taken."""

    def __getitem__(self, name: str) -> Any:
        """Return a command or a group of commands; KeyError when there is none of that name."""
        group = get_group(import_module(self.data[name]).app)
        if name in group.commands:
            return group.commands[name]
        group.name = name
        return group


class ByName(TyperGroup):
    """Knows its commands by their names and loads the one that is run; help loads all."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Commands(MODULES)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names."""
        return list(self.commands)
