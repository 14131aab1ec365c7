"""Which rules cleaned an article: a digest of this room, so that no one has to remember to count a version up."""

import hashlib
from functools import cache
from importlib.resources import files

LENGTH = 12
"""Characters of the digest: enough to tell any two sets of rules that ever stood here apart."""


@cache
def rules_digest() -> str:
    """Return the digest of all code and rules of this room, in hexadecimal; another one means that texts may come out otherwise."""
    room = files("tasks.clean")
    parts = [part for folder in (room, room / "rules", room / "data") if folder.is_dir() for part in folder.iterdir()]
    digest = hashlib.sha256()
    for part in sorted((one for one in parts if one.is_file() and not one.name.endswith(".pyc")), key=lambda one: one.name):
        digest.update(part.name.encode() + b"\0" + part.read_bytes())
    return digest.hexdigest()[:LENGTH]
