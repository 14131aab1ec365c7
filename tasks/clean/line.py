"""One line of an article while its role is being decided."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from schemas.article import BlockRole
from tasks.clean.folding import core

if TYPE_CHECKING:
    from tasks.clean.meta import MetaLine

PROSE = 100
"""Characters from which a line that ends in a stop is a paragraph."""
LONG = 240
"""Characters from which a line is a paragraph however it ends."""
_STOP = re.compile(r"[.…。।۔።]['\"»”’)\]/」』]*\s*$|[.…]\s?[»”\"]\s*$")
_ANY_STOP = re.compile(r"[.!?…:;。！？।۔؟።]\s?['\"»”’)\]/」』]*\s*$")
_BULLET = re.compile(r"^(?:[•\-–*►▶→>]|\d{1,2}[.)])\s")
Role = BlockRole | Literal["body", "heading"]


@dataclass(slots=True)
class Line:
    """A line with its folded form; `role` None means that nothing has claimed it: it is text."""

    text: str
    folded: str
    index: int
    role: Role | None = None
    reason: str = ""
    note: str | None = None
    meta: "MetaLine | None" = None

    def cut(self, role: BlockRole, reason: str) -> None:
        """Take the line out of the text; the first rule that does so stays the reason."""
        self.role, self.reason = role, reason

    def give_back(self) -> None:
        """Make the line text again."""
        self.role, self.reason, self.meta = None, "", None

    @property
    def kept(self) -> bool:
        """Whether the line belongs to the text."""
        return self.role in (None, "body", "heading")

    @property
    def ends_with_stop(self) -> bool:
        """Whether a full stop ends the line, inside or outside quotation marks."""
        return bool(_STOP.search(self.text[-8:]))

    @property
    def is_prose(self) -> bool:
        """Whether the line is shaped like a paragraph."""
        size = len(self.text)
        return size >= LONG or (size >= PROSE and bool(_ANY_STOP.search(self.text[-8:])))

    @property
    def quoted(self) -> bool:
        """Whether the line begins with a quotation mark: somebody speaks."""
        return self.text[:1] in '«“"„'

    @property
    def bulleted(self) -> bool:
        """Whether the line begins with a bullet or a number."""
        return bool(_BULLET.match(self.text))

    @property
    def core(self) -> str:
        """The folded line without signs around it."""
        return core(self.folded)
