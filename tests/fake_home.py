"""A folder with the fake model's weights in place, and what leads to it."""

from __future__ import annotations

from pathlib import Path

from models.catalogue import Catalogue
from models.store import WeightsStore
from service.settings import Settings

CATALOGUE = Path(__file__).parent / "data" / "fake-catalogue.toml"
WEIGHTS = b"hello"


def fake_store(folder: Path) -> WeightsStore:
    """A store in which the fake model's weights were put as a user would put them."""
    store = WeightsStore(folder / "models", Catalogue.load(CATALOGUE))
    source = folder / "weights.bin"
    source.write_bytes(WEIGHTS)
    store.pull("fake", source=source)
    return store


def fake_environment(folder: Path) -> dict[str, str]:
    """Variables for a process that is to use the fake model."""
    store = fake_store(folder)
    return {
        "DIEMTIN_CATALOGUE": str(CATALOGUE),
        "DIEMTIN_MODELS_DIR": str(store.root),
        "DIEMTIN_MEMORY": "off",
        "DIEMTIN_STATE_DIR": str(folder / "state"),
    }


def fake_settings(folder: Path, **changed: object) -> Settings:
    """Settings for an application that is to use the fake model."""
    own = {"models_dir": fake_store(folder).root, "catalogue": CATALOGUE, "memory": "off"}
    return Settings(**{**own, "state_dir": folder / "state", **changed})  # type: ignore[arg-type]
