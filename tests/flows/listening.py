"""What every Python process of a test asks the network for: where it connects to, what it sends there, and which names it looks up."""

import os
from ipaddress import ip_address
from pathlib import Path

WATCH = """
import os, sys
LOG = os.environ["CONNECTIONS"]
def note(host, port):
    name = host.decode() if isinstance(host, bytes) else host
    port = port.decode() if isinstance(port, bytes) else port
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(f"{name} {port}\\n")
def hook(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        note(*arguments[1][:2])
    elif event == "socket.getaddrinfo" and arguments[0]:
        note(*arguments[:2])
    elif event in ("socket.gethostbyname", "socket.gethostbyaddr"):
        note(arguments[0], None)
sys.addaudithook(hook)
"""


def listen(folder: Path) -> dict[str, str]:
    """Return the environment in which all Python processes write down whom they ask, in this folder."""
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path), "CONNECTIONS": str(folder / "connections")}


def heard(folder: Path) -> set[tuple[str, str]]:
    """Return every host that was asked for, with its port, since this was called last."""
    log = folder / "connections"
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return {(host, port) for host, _, port in (line.partition(" ") for line in lines)}


def is_this_machine(host: str) -> bool:
    """Return whether a name or an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
