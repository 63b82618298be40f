"""Flags over variables over defaults, and nothing malformed or unknown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from models.errors import BadConfig
from models.store import default_root
from service.settings import PREFIX, Settings, load_settings


def test_defaults_need_nothing():
    settings = load_settings()
    assert (settings.translator, settings.catalogue, settings.glossary) == (None, None, None)
    assert settings.models_dir == default_root()
    assert (settings.max_characters, settings.max_texts) == (50_000, 50)
    engine = settings.engine_settings()
    assert (engine.context, engine.threads) == (settings.context, settings.threads) == (8192, 0)


def test_flags_win_over_variables_and_none_is_no_flag(monkeypatch):
    monkeypatch.setenv("DIEMTIN_MODELS_DIR", "from-variable")
    monkeypatch.setenv("DIEMTIN_THREADS", "3")
    assert load_settings(models_dir=Path("from-flag")).models_dir == Path("from-flag")
    settings = load_settings(models_dir=None)
    assert settings.models_dir == Path("from-variable")
    assert settings.engine_settings().threads == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THREADS", "four"),
        ("THREADS", "-1"),
        ("THREADS", ""),
        ("THREADS", "1.5"),
        ("CONTEXT", "1023"),
        ("CONTEXT", "131073"),
        ("MAX_CHARACTERS", "0"),
        ("MAX_TEXTS", "many"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_malformed_value_names_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(BadConfig, match=f"^Settings are wrong. {PREFIX}{name}: "):
        load_settings()


def test_every_wrong_value_is_named_at_once(monkeypatch):
    monkeypatch.setenv("DIEMTIN_THREADS", "x")
    monkeypatch.setenv("DIEMTIN_MAX_TEXTS", "y")
    with pytest.raises(BadConfig, match=r"DIEMTIN_THREADS: .*; DIEMTIN_MAX_TEXTS: "):
        load_settings()


def test_an_unknown_variable_is_named_with_the_known_ones(monkeypatch):
    monkeypatch.setenv("DIEMTIN_THREDS", "4")
    with pytest.raises(BadConfig, match=r"Unknown setting DIEMTIN_THREDS\. .*DIEMTIN_THREADS"):
        load_settings()


def test_variables_of_others_and_of_the_tests_are_let_be(monkeypatch):
    monkeypatch.setenv("DIEMTIN_TEST_CHROMIUM", "/usr/bin/chromium")
    monkeypatch.setenv("DIEM", "1")
    load_settings()


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().threads = 2


def test_every_setting_is_described():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
