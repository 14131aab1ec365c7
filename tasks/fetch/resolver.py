"""Names looked up, and every answer checked: one forbidden address among them and the name is not asked."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from tasks.fetch.address import Guard


class CheckedResolver(AbstractResolver):
    """Looks names up with `inner`, or as the system does, and lets only harmless answers through."""

    def __init__(self, guard: Guard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner or ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Return the addresses of a name; raises like `Guard.check` when any of them may not be connected to."""
        answers = await self._inner.resolve(host, port, family)
        for answer in answers:
            self._guard.check(answer["host"])
        return answers

    async def close(self) -> None:
        """Close what looks names up."""
        await self._inner.close()
