"""How much of an archive is taken before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import BadConfig

_MIB = 1024 * 1024


@dataclass(frozen=True)
class ArchiveLimits:
    """What keeps a hostile archive from filling the memory or the disk.

    Args:
        most_item_bytes: one file, row or page.
        most_expansion: bytes that a container unpacks to, for each byte that is read of it; looked
            at once it has unpacked to `free_expansion_bytes`.
        most_container_bytes: a container that must be read back and forth (ZIP, Parquet) and lies
            in another is unpacked to a temporary file, which grows to so much.
        most_members: files in one container.
        most_directory_bytes: a ZIP file's directory, which is held in memory while it is read;
            a member takes about a hundred bytes of it, and a kilobyte of memory.
        most_depth: containers within containers.
    """

    most_item_bytes: int = 16 * _MIB
    most_expansion: int = 200
    free_expansion_bytes: int = 8 * _MIB
    most_container_bytes: int = 4096 * _MIB
    most_members: int = 10_000_000
    most_directory_bytes: int = 128 * _MIB
    most_depth: int = 3

    def __post_init__(self) -> None:
        """Refuse limits that would let nothing through."""
        if wrong := [name for name, value in vars(self).items() if value < 1]:
            raise BadConfig(f"Archive limits must be 1 or more; set {', '.join(wrong)} higher.")
