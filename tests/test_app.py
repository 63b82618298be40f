"""The application around the interface: its pages, its start, its isolation."""

import os
import re
import subprocess
import sys

import pytest

from models.errors import BadConfig
from service.app import create_app
from service.settings import load_settings
from tests.fake_home import fake_settings
from tests.processes import ROOT

ASSETS = re.compile(r'(?:src|href)="([^"]+)"')


def test_the_page_and_everything_it_asks_for_is_served(client):
    page = client.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    addresses = ASSETS.findall(page.text)
    assert len(addresses) >= 6
    for address in addresses:
        answer = client.get(address if address.startswith("/") else f"/{address}")
        assert answer.status_code in {200, 308}, address
        answer.close()


def test_the_documentation_is_served_from_here(client):
    assert client.get("/docs").headers["Location"].endswith("/docs/")
    page = client.get("/docs/")
    assert page.status_code == 200
    local = [one for one in ASSETS.findall(page.text) if not one.startswith("data:")]
    assert local and not any(one.startswith(("http:", "https:", "//")) for one in local)


def test_importing_reads_no_settings_and_makes_nothing(tmp_path):
    env = os.environ | {"DIEMTIN_THREDS": "1", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    code = "import service.app, service.cli, service.serving"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_start_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("DIEMTIN_THREDS", "1")
    with pytest.raises(BadConfig, match="DIEMTIN_THREDS"):
        create_app()
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text("[models]\n")
    with pytest.raises(BadConfig):
        create_app(fake_settings(tmp_path, catalogue=catalogue))


def test_two_applications_do_not_share_limits(runtime, tmp_path):
    small = create_app(fake_settings(tmp_path, max_characters=10), runtime)
    large = create_app(fake_settings(tmp_path), runtime)
    assert small.config["MAX_CONTENT_LENGTH"] < large.config["MAX_CONTENT_LENGTH"]


def test_no_settings_of_the_caller_reach_a_test(tmp_path):
    assert not [n for n in os.environ if n.startswith("DIEMTIN_") and "_TEST_" not in n]
    assert load_settings().models_dir.is_relative_to(tmp_path)
