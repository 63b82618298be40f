"""The README says what the code does."""

import re
from pathlib import Path

import click

from models.summarizer import DEFAULT_WORDS
from service.cli import main
from service.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_every_setting_stands_in_the_table_with_its_default():
    rows = dict(re.findall(r"^\| `DIEMTIN_(\w+)` \|[^|]*\| ([^|]*) \|", README, re.MULTILINE))
    assert {name.upper() for name in Settings.model_fields} == set(rows)
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | float | str):
            default = int(field.default) if isinstance(field.default, bool) else field.default
            assert rows[name.upper()].startswith(str(default)), name


def test_every_command_stands_in_the_table_and_every_named_command_exists():
    table = README.partition("| command | does |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`diemtin (\w+)", table))
    assert named == set(main.commands)
    for group in main.commands.values():
        if isinstance(group, click.Group):
            for command in group.commands:
                assert f"`{command}`" in table or f"{group.name} {command}`" in table, command


def test_the_summary_limits_of_the_text_are_those_of_the_code():
    assert f"a summary of at most {DEFAULT_WORDS} words" in README
    assert f"{Settings().max_characters:,} characters a text by default" in README


def test_nothing_was_left_to_fill_in():
    assert "<!--" not in README
