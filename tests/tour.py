"""The tours of the README and of the cookbook: their commands are run, and what they print is what the pages show.

`python -m tests.tour` writes today's output into the pages.
"""

import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.flows.command import wirehouse

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TOURS = (README, ROOT / "docs" / "cookbook.md")
STEP = re.compile(r"```console\n\$ (?P<command>wirehouse .*)\n(?P<shown>(?:(?!```).*\n)*)```")
TIMED = re.compile(r"^ *(seconds|documents per second) .*\n", re.MULTILINE)


def run(command: str, folder: Path) -> str:
    """Return what a command prints in this folder, where `seeds` is the seed archive; without spaces at line ends."""
    done = wirehouse(*shlex.split(command)[1:], folder=folder, COLUMNS="100")
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n") + "\n"


def steps(text: str, folder: Path, today: bool = False) -> Iterator[tuple[re.Match[str], str, str]]:
    """Yield every step with its command and what that prints today, in order, in one folder.

    `today`: the story that is shown is the first one listed before, whatever its id has become.
    """
    (folder / "seeds").symlink_to(ROOT / "seeds", target_is_directory=True)
    listed = ""
    for step in STEP.finditer(text):
        command = step["command"]
        if today and command.startswith("wirehouse story "):
            command = f"wirehouse story {listed}"
        printed = run(command, folder)
        listed = "".join("".join(printed.splitlines()[2:3]).split()[:1])  # below heading and rule
        yield step, command, printed


def main() -> None:
    """Write today's output into the pages."""
    for page in TOURS:
        text = page.read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            for step, command, printed in steps(text, Path(folder), today=True):
                text = text.replace(step[0], f"```console\n$ {command}\n{printed}```")
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
