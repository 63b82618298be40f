"""What goes out about the places of an item."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PlaceOut(BaseModel):
    """A unit of Vietnam's administration that the item names, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    text: str = Field(description="The place as it stands in the Vietnamese, at its first mention.")
    english: str = Field(description="Its English name, such as Ia Mo commune.")
    level: str = Field(
        description="Province, centrally run city, commune, ward, special zone; or, of the past, "
        "city, district, town, township. Several, with “or”, where the item leaves it open."
    )
    province: str = Field(
        description="The province or centrally run city of today that it lies in, in English; "
        "empty where the item leaves that open, or where it was divided between several."
    )
    status: Literal["current", "former", "ambiguous"] = Field(
        description="“current”: it exists today. “former”: it was merged, divided or abolished. "
        "“ambiguous”: several units have this name, and the item does not tell which is meant."
    )
    note: str = Field(
        description="What became of it, or which units it may be; empty where there is nothing "
        "to tell."
    )
