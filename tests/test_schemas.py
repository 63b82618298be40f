"""What goes out over HTTP about a model, whatever its weights are, and about a place."""

import dataclasses

import pytest
from pydantic import ValidationError

from models.catalogue import Catalogue
from models.gazetteer import PlaceNote
from service.place_schemas import PlaceOut
from service.schemas import ModelOut

SHIPPED = Catalogue.load()


def test_a_model_of_one_file_has_its_hash():
    out = ModelOut.of(SHIPPED.get(SHIPPED.default_for("translate")), present=True)
    assert (out.size, out.checkpoint, out.present) == (1_117_320_768, None, True)
    assert out.sha256 is not None and out.sha256.startswith("cc324af070c2")


def test_a_checkpoint_has_its_reference_and_a_size_where_it_is_known():
    known = ModelOut.of(SHIPPED.get("nllb-200-distilled-1.3b"), present=False)
    commit = "7be3e24664b38ce1cac29b8aeed6911aa0cf0576"
    assert known.checkpoint == f"facebook/nllb-200-distilled-1.3B@{commit}"
    assert (known.size, known.sha256, known.commercial_use) == (5_505_000_000, None, False)
    assert ModelOut.of(SHIPPED.get("pegasus-cnn-dailymail"), present=False).size is None


def test_a_place_goes_out_whole_and_its_status_is_one_of_those_described():
    note = PlaceNote("xã A", "A commune", "commune", "B province", "former", "now C commune")
    assert PlaceOut.model_validate(note).model_dump() == dataclasses.asdict(note)
    with pytest.raises(ValidationError, match="'current', 'former' or 'ambiguous'"):
        PlaceOut.model_validate(dataclasses.replace(note, status="gone"))
