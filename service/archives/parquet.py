"""The rows of a Parquet file -> items, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from typing import TYPE_CHECKING, BinaryIO, cast

from models.errors import MissingDependency
from service.archives.faults import Bomb, Fault, report_fault
from service.archives.items import Found, Trouble
from service.archives.limits import ArchiveLimits
from service.archives.mapping import Columns, FieldMapping, find_columns, map_row
from service.archives.metering import too_large

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyarrow.parquet import FileMetaData, ParquetFile

_BATCH_ROWS = 64
_BUFFER = 1024 * 1024


def require_pyarrow() -> type[ParquetFile]:
    """The class of pyarrow that reads Parquet.

    Raises:
        MissingDependency: it is not installed.
    """
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingDependency("Parquet needs: pip install 'diemtin[archive]'") from error
    return cast("type[ParquetFile]", ParquetFile)


def read_parquet(
    stream: BinaryIO, origin: str, mapping: FieldMapping, limits: ArchiveLimits
) -> Iterator[Found]:
    """The items of a Parquet file that can be read back and forth.

    Raises:
        Fault: it is damaged, expands to far too much, or has no column for the text.
        MissingDependency: pyarrow is not installed.
    """
    open_parquet = require_pyarrow()
    from pyarrow import ArrowException

    try:
        with open_parquet(stream, buffer_size=_BUFFER, pre_buffer=False) as file:
            columns = find_columns(mapping, file.schema_arrow.names)
        stream.seek(0)
        # Values that repeat stay one value in memory, or a small file could fill it.
        with open_parquet(
            stream,
            buffer_size=_BUFFER,
            pre_buffer=False,
            read_dictionary=[name for name in astuple(columns) if name],
        ) as file:
            _check_expansion(file.metadata, origin, limits)
            yield from _read_rows(file, columns, origin, limits)
    except (ArrowException, UnicodeDecodeError) as error:
        raise Fault(
            Trouble.CORRUPT, f"It is damaged ({type(error).__name__}). Fetch or write it again."
        ) from error


def _check_expansion(metadata: FileMetaData, origin: str, limits: ArchiveLimits) -> None:
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for index in range(row_group.num_columns):
            column = row_group.column(index)
            unpacked, packed = column.total_uncompressed_size, column.total_compressed_size
            if unpacked > limits.free_expansion_bytes and unpacked > limits.most_expansion * packed:
                raise Bomb(
                    origin,
                    f"It unpacks to more than {limits.most_expansion} times its size, as bombs do. "
                    "If it is sound, allow more with --max-expansion.",
                )


def _read_rows(
    file: ParquetFile, columns: Columns, origin: str, limits: ArchiveLimits
) -> Iterator[Found]:
    names = [name for name in astuple(columns) if name]
    place = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=names):
        for index in range(batch.num_rows):
            place += 1
            yield _read_row(batch, index, columns, f"{origin}#{place}", limits)


def _read_row(
    batch: RecordBatch, index: int, columns: Columns, origin: str, limits: ArchiveLimits
) -> Found:
    try:
        row = {name: batch.column(name)[index].as_py() for name in batch.schema.names}
        fields = [one for one in row.values() if isinstance(one, str | bytes)]
        if sum(map(len, fields)) > limits.most_item_bytes:
            raise too_large(limits)
        return map_row(row, columns, origin)
    except Fault as fault:
        return report_fault(origin, fault)
    except UnicodeDecodeError:
        return report_fault(
            origin, Fault(Trouble.ENCODING, "Its text is not UTF-8, as Parquet demands.")
        )
    except (ValueError, OverflowError) as error:  # dates that Python cannot hold
        return report_fault(origin, Fault(Trouble.BAD_ROW, f"It cannot be read ({error})."))
