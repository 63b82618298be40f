"""What a user may call a model: a catalogue's name, a hub id or a local folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from models.catalogue import (
    TASKS,
    Catalogue,
    Checkpoint,
    FolderCheckpoint,
    HubCheckpoint,
    ModelCard,
)
from models.checkpoint_files import CONFIG
from models.errors import UnknownModel
from models.hub import HUB_ID, REVISION

UNKNOWN_LICENCE = "unknown: see the model's page"
NEWEST = "main"
_ACCEPTED = (
    "A hub id (owner/name or owner/name@revision) and the path of a folder with a transformers "
    "checkpoint (absolute, or beginning with . or ~) are accepted too."
)


def resolve_model(reference: str, catalogue: Catalogue) -> ModelCard:
    """Return the card of the model that the reference means; nothing is fetched or loaded.

    Raises:
        UnknownModel: it means none; the message lists the catalogue's names and what else
            is accepted.
    """
    if reference in catalogue.names:
        return catalogue.get(reference)
    if _means_folder(reference):
        return _card(reference, FolderCheckpoint(_folder(reference)), "A checkpoint in a folder.")
    if "/" in reference:
        return _hub_card(reference, _hub_checkpoint(reference), catalogue)
    try:
        return catalogue.get(reference)
    except UnknownModel as error:
        raise UnknownModel(f"{error} {_ACCEPTED}") from None


def licence_warning(card: ModelCard) -> str | None:
    """One line for whoever chooses a model whose licence binds them; None for the others."""
    if card.licence == UNKNOWN_LICENCE:
        return None
    if not card.commercial_use:
        return f"{card.name} is under {card.licence}: commercial use is not allowed."
    if "AGPL" in card.licence.upper():
        return (
            f"{card.name} is under {card.licence}: whoever offers a service with it over a "
            "network must offer the source as well."
        )
    return None


def licence_label(card: ModelCard) -> str:
    """The licence as lists show it, marked where it binds the user."""
    if licence_warning(card) is None:
        return card.licence
    return f"{card.licence} ({'network copyleft' if card.commercial_use else 'non-commercial'})"


def size_of(card: ModelCard) -> int | None:
    """Bytes to fetch; None where that is not known before the hub is asked."""
    if card.artifact:
        return card.artifact.size
    return (card.checkpoint.size or None) if isinstance(card.checkpoint, HubCheckpoint) else None


def checkpoint_label(card: ModelCard) -> str | None:
    """Which checkpoint it is, as a reference; None where the weights are one file."""
    if isinstance(card.checkpoint, HubCheckpoint):
        return f"{card.checkpoint.repo}@{card.checkpoint.revision}"
    return str(card.checkpoint.folder) if card.checkpoint else None


def _means_folder(reference: str) -> bool:
    if reference.startswith((".", "~")) or Path(reference).is_absolute():
        return True
    return _holds_config(Path(reference))


def _folder(reference: str) -> Path:
    try:
        folder = Path(reference).expanduser().absolute()
    except (OSError, RuntimeError, ValueError) as error:
        raise UnknownModel(f"The folder {reference!r} cannot be read: {error}.") from error
    if not _holds_config(folder):
        raise UnknownModel(
            f"The folder {reference!r} is not there or holds no config.json; name a folder with "
            "a transformers checkpoint: config.json, the tokenizer's files and model.safetensors."
        )
    return folder


def _holds_config(folder: Path) -> bool:
    try:
        return (folder / CONFIG).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _hub_checkpoint(reference: str) -> HubCheckpoint:
    repo, at, revision = reference.partition("@")
    if not HUB_ID.fullmatch(repo):
        raise UnknownModel(
            f"{reference!r} is no hub id: it must be owner/name or owner/name@revision, such as "
            "Helsinki-NLP/opus-mt-vi-en. A folder must begin with / or . or ~ instead."
        )
    if at and not REVISION.fullmatch(revision):
        raise UnknownModel(
            f"{reference!r} has a malformed revision after the @: it must be a commit, a branch "
            "or a tag, such as main or refs/pr/1."
        )
    return HubCheckpoint(repo, revision if at else NEWEST)


def _hub_card(reference: str, checkpoint: HubCheckpoint, catalogue: Catalogue) -> ModelCard:
    """The card of a hub id; what the catalogue knows of the repository holds for it too."""
    for name in catalogue.names:
        known = catalogue.get(name)
        if isinstance(known.checkpoint, HubCheckpoint) and known.checkpoint.repo == checkpoint.repo:
            same = known.checkpoint.revision == checkpoint.revision
            chosen = known.checkpoint if same else checkpoint
            return replace(known, name=reference, checkpoint=chosen, scores=())
    return _card(reference, checkpoint, "A checkpoint of the model hub.")


def _card(reference: str, checkpoint: Checkpoint, notes: str) -> ModelCard:
    return ModelCard(
        name=reference,
        tasks=TASKS,
        family="",
        engine="auto",
        licence=UNKNOWN_LICENCE,
        commercial_use=False,
        notes=notes,
        context=0,  # the checkpoint's own configuration tells it once it is opened
        chat_format=None,
        checkpoint=checkpoint,
    )
