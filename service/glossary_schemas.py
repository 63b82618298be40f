"""The glossary of a request: a mapping, or rows that say more of each term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

from models.entries import USER_DOMAIN, Entry
from models.glossary import MOST_TERM_CHARACTERS, PlacedEntry, find_conflict

MOST_TERMS = 5_000

Term = Annotated[str, StringConstraints(pattern=r"\w", max_length=MOST_TERM_CHARACTERS)]


class GlossaryRow(BaseModel):
    """One term of your own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    source: Term = Field(description="The Vietnamese.")
    target: Term = Field(description="The English that you prefer.")
    case: bool = Field(False, description="Find it only where it is written exactly so.")
    accept: list[Term] = Field([], max_length=50, description="More English that counts as right.")


_Mapping = Annotated[dict[Term, Term], Field(max_length=MOST_TERMS)]
_Rows = Annotated[list[GlossaryRow], Field(max_length=MOST_TERMS)]

_MAPPING: TypeAdapter[dict[str, str]] = TypeAdapter(_Mapping)
_ROWS: TypeAdapter[list[GlossaryRow]] = TypeAdapter(_Rows)


def read_glossary(value: object) -> tuple[Entry, ...]:
    """Read either form; errors name the key of a mapping, or the index of a row.

    Raises:
        ValidationError: a term is malformed, or there are too many.
        PydanticCustomError: two terms give one source different targets.
    """
    if isinstance(value, list):
        rows = _ROWS.validate_python(value)
        placed = [
            PlacedEntry(_entry(row.source, row.target, row.accept, row.case), f"glossary.{at}")
            for at, row in enumerate(rows)
        ]
    else:
        pairs = _MAPPING.validate_python({} if value is None else value)
        placed = [
            PlacedEntry(_entry(source, target), f"glossary.{source}")
            for source, target in pairs.items()
        ]
    if conflict := find_conflict(placed):
        raise PydanticCustomError("glossary_conflict", "{conflict}", {"conflict": conflict})
    return tuple(one.entry for one in placed)


def _entry(source: str, target: str, accept: Sequence[str] = (), case: bool = False) -> Entry:
    source, target, *others = (" ".join(text.split()) for text in (source, target, *accept))
    return Entry((source,), target, tuple(others), USER_DOMAIN, case)


Glossary = Annotated[
    tuple[Entry, ...],
    PlainValidator(read_glossary, json_schema_input_type=_Mapping | _Rows | None),
]
