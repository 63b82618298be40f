"""The places of an item as a short list: English name, province, and what became of each."""

from __future__ import annotations

from collections.abc import Callable

from service.place_schemas import PlaceOut
from service.rendering import escape_markdown
from service.schemas import DigestOut


def render_places_text(digest: DigestOut) -> str:
    """One line a place, for a terminal."""
    lines = [f"PLACES {len(digest.places)}"]
    lines += [f"- {_describe(place)}" for place in digest.places]
    return "\n".join(lines)


def render_places_markdown(digest: DigestOut) -> str:
    """One item of a list a place, as Markdown."""
    lines = [f"- {escape_markdown(_describe(place))}" for place in digest.places]
    return "\n\n".join(["## Places", "\n".join(lines) or "None."])


PLACE_RENDERERS: dict[str, Callable[[DigestOut], str]] = {
    "text": render_places_text,
    "markdown": render_places_markdown,
}


def _describe(place: PlaceOut) -> str:
    """Name and province; the notes of former units name them and their provinces themselves."""
    name = place.english
    if place.province not in ("", name):
        name += f", {place.province}"
    if place.status == "current":
        return name
    if not place.note:
        return f"{name} ({place.status})"
    return place.note if place.note.startswith(place.english) else f"{name}: {place.note}"
