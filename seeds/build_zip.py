"""Pack the archives among the seeds from their readable members: the same bytes every time.

Run it from the root of the repository: `python seeds/build_zip.py`.
"""

import gzip
import zipfile
from pathlib import Path

SEEDS = Path(__file__).parent
MEMBERS = SEEDS.parent / "tests" / "data" / "seeds_zip"
PACKED = SEEDS.parent / "tests" / "data" / "seeds_gz"
EPOCH = (2024, 12, 31, 0, 0, 0)
"""Every member's time: when it was packed must not show in the archive."""


def build_zip(target: Path) -> None:
    """Write the zip with all members, sorted by name."""
    with zipfile.ZipFile(target, "w") as archive:
        for member in sorted(path for path in MEMBERS.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(member.relative_to(MEMBERS).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, member.read_bytes())


def build_gz(folder: Path) -> None:
    """Write each text of the packed folder as `<name>.gz`, without name and time in the header."""
    for text in sorted(PACKED.iterdir()):
        (folder / f"{text.name}.gz").write_bytes(gzip.compress(text.read_bytes(), mtime=0))


if __name__ == "__main__":
    build_zip(SEEDS / "archive-2024.zip")
    build_gz(SEEDS / "en")
