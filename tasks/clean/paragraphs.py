"""Hard-wrapped text: lines broken at a fixed width are put together again into paragraphs."""

WIDEST = 100
"""Columns: wrapped text is 60-80 wide, and a paragraph kept on one line is longer."""
NARROWEST = 45
SLACK = 26
"""Columns by which a wrapped line may fall short of the widest: the longest ordinary word."""
LEAST_LINES = 6
"""Fewer full lines prove nothing."""
AGREEING = 0.9
ENDING_WITH_STOP = 0.35
"""Share of lines ending in a stop above which the lines are paragraphs or verse."""


def unwrap(text: str) -> str:
    """Return the text with hard-wrapped paragraphs joined; any other text as it is."""
    blocks = _blocks(text)
    inner = [line for block in blocks for line in block[:-1]]
    widest = max((len(line) for block in blocks for line in block), default=0)
    if len(inner) < LEAST_LINES or not NARROWEST <= widest <= WIDEST or len(blocks) < 2:
        return text
    full = sum(len(line) >= widest - SLACK for line in inner)
    stops = sum(line.endswith((".", "!", "?", ":")) for line in inner)
    if full < AGREEING * len(inner) or stops > ENDING_WITH_STOP * len(inner):
        return text
    return "\n\n".join(" ".join(block) for block in blocks)


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for raw in text.splitlines():
        line = raw.strip()
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]
