"""Which model a user means."""

import pytest

from models.catalogue import Catalogue, FolderCheckpoint, HubCheckpoint
from models.errors import UnknownModel
from models.references import (
    UNKNOWN_LICENCE,
    checkpoint_label,
    licence_label,
    licence_warning,
    resolve_model,
    size_of,
)
from tests.weights_lab import HUB, NAME, catalogue_text

CATALOGUE = Catalogue.parse(catalogue_text(b"weights", HUB))
SHIPPED = Catalogue.load()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory that holds one checkpoint, which is also in the user's home."""
    checkpoint = tmp_path / "own" / "model"
    checkpoint.mkdir(parents=True)
    (checkpoint / "config.json").write_text("{}")
    (tmp_path / "bare").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_name_of_the_catalogue_comes_first(here):
    (here / NAME).mkdir()
    (here / NAME / "config.json").write_text("{}")
    assert resolve_model(NAME, CATALOGUE) is CATALOGUE.get(NAME)


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("lab/tiny", HubCheckpoint("lab/tiny", "main")),
        ("lab/tiny@v1.0", HubCheckpoint("lab/tiny", "v1.0")),
        ("lab/tiny@refs/pr/3", HubCheckpoint("lab/tiny", "refs/pr/3")),
        ("lab/tiny@" + "a" * 40, HubCheckpoint("lab/tiny", "a" * 40)),
    ],
)
def test_a_hub_id_means_a_repository_and_its_revision(here, reference, meant):
    card = resolve_model(reference, CATALOGUE)
    assert (card.name, card.checkpoint) == (reference, meant)
    assert checkpoint_label(card) == f"{meant.repo}@{meant.revision}"
    assert (card.engine, card.family, card.artifact, card.recipe) == ("auto", "", None, None)
    assert (card.licence, card.commercial_use) == (UNKNOWN_LICENCE, False)
    assert set(card.tasks) == {"translate", "summarize"}
    assert size_of(card) is None


@pytest.mark.parametrize("form", ["absolute", "./own/model", "own/model", "~/own/model"])
def test_a_folder_means_the_checkpoint_in_it(here, form):
    reference = str(here / "own" / "model") if form == "absolute" else form
    card = resolve_model(reference, CATALOGUE)
    assert card.name == reference
    assert card.checkpoint == FolderCheckpoint(here / "own" / "model")
    assert checkpoint_label(card) == str(here / "own" / "model")


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("huge", "Unknown model 'huge'; the catalogue has: tiny. A hub id (owner/name or"),
        ("", "Unknown model ''; the catalogue has: tiny."),
        ("a/b/c", "'a/b/c' is no hub id: it must be owner/name"),
        ("owner/", "'owner/' is no hub id"),
        ("owner/na me", "'owner/na me' is no hub id"),
        ("owner/..", "'owner/..' is no hub id"),
        ("owner/name@", "'owner/name@' has a malformed revision"),
        ("owner/name@a b", "has a malformed revision after the @"),
        ("owner/name@../main", "has a malformed revision"),
        ("owner/name@x@y", "has a malformed revision"),
        ("../x", "The folder '../x' is not there or holds no config.json; name a folder with a"),
        ("./bare", "The folder './bare' is not there or holds no config.json"),
        ("~nobody-at-all/x", "The folder '~nobody-at-all/x' cannot be read"),
        ("/a\0b", "The folder '/a\\x00b' "),
        ("./" + "x" * 5000, "The folder './xxx"),
        ("x" * 5000, "Unknown model 'xxx"),
        ("a\0b", "Unknown model 'a\\x00b'"),
    ],
)
def test_what_means_nothing_is_told_with_what_would(here, reference, told):
    with pytest.raises(UnknownModel) as caught:
        resolve_model(reference, CATALOGUE)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("name", "warning", "label"),
    [
        ("opus-mt-vi-en", None, "Apache-2.0"),
        ("nllb-200-distilled-600m", "commercial use is not allowed", "(non-commercial)"),
        ("vinai-translate-vi2en-v2", "must offer the source as well", "(network copyleft)"),
        ("mbart-large-50-many-to-one", None, UNKNOWN_LICENCE),
        ("lab/tiny", None, UNKNOWN_LICENCE),
    ],
)
def test_a_licence_that_binds_the_user_is_told_in_one_line(name, warning, label):
    card = resolve_model(name, SHIPPED)
    told = licence_warning(card)
    assert licence_label(card).endswith(label)
    if warning is None:
        assert told is None
    else:
        assert warning in told
        assert told.startswith(f"{name} is under {card.licence}") and "\n" not in told


def test_sizes_are_those_of_artifact_and_checkpoint():
    assert size_of(CATALOGUE.get(NAME)) == len(b"weights")
    assert size_of(SHIPPED.get("madlad400-3b-mt")) == 11_783_000_000
    assert checkpoint_label(CATALOGUE.get(NAME)) is None


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("VietAI/envit5-translation", "envit5-translation"),
        ("VietAI/vit5-base-vietnews-summarization@main", "vit5-base-vietnews-summarization"),
        ("facebook/nllb-200-distilled-600M", "nllb-200-distilled-600m"),
        ("vinai/vinai-translate-vi2en-v2@main", "vinai-translate-vi2en-v2"),
    ],
)
def test_a_hub_id_keeps_what_the_catalogue_knows_of_its_repository(reference, name):
    catalogue = Catalogue.load()
    known, card = catalogue.get(name), resolve_model(reference, catalogue)
    assert card.name == reference
    assert (card.recipe, card.family) == (known.recipe, known.family)
    assert (licence_warning(card) is None) == (licence_warning(known) is None)
    assert card.checkpoint.revision == "main" and card.scores == ()
