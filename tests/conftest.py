"""Isolation for every test, and the real service as a process for those that need one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from models.registry import ENGINES, register
from service.app import create_app
from service.runtime import Runtime
from tests.browser import launch_chromium, watched_page
from tests.engines import GO_ON, LOADED, fake_behind
from tests.fake_engine import FakeEngine
from tests.fake_home import fake_environment, fake_settings
from tests.processes import running_service

PREFIX = "DIEMTIN_"
OWN_PREFIX = "DIEMTIN_TEST_"  # what tests are told, such as where a Chromium is


def _foreign_names() -> list[str]:
    return [name for name in os.environ if name.startswith(PREFIX) and OWN_PREFIX not in name]


@pytest.fixture(scope="session", autouse=True)
def no_foreign_settings() -> Iterator[None]:
    """Take the caller's settings away, from session fixtures and child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _foreign_names():
            patch.delenv(name)
        patch.setenv("DIEMTIN_MEMORY", "off")  # of session fixtures and their processes
        yield


@pytest.fixture(autouse=True)
def isolated_state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Let state go to the test's own folder; tests of the real model use the real cache."""
    structlog.reset_defaults()  # a command run in this process sets a level for all
    with pytest.MonkeyPatch.context() as patch:
        for name in _foreign_names():
            patch.delenv(name)
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        if request.node.get_closest_marker("model") is None:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        else:
            patch.setenv("DIEMTIN_MEMORY", "off")  # or yesterday's answers would pass the test
        yield


@pytest.fixture(scope="session")
def fake_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables that lead a process to the fake model, whose weights are in place."""
    return fake_environment(tmp_path_factory.mktemp("fake-service"))


@pytest.fixture(scope="session")
def service_url(fake_env: dict[str, str]) -> Iterator[str]:
    """The address of the real service, run as a process with the fake engine."""
    with running_service(["-m", "tests.fake_service"], fake_env) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with launch_chromium() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser, service_url: str) -> Iterator[Page]:
    """The page of the real service; its conduct is checked at the end."""
    with watched_page(browser, service_url) as opened:
        yield opened


RegisterEngine = Callable[[str], None]


@pytest.fixture
def register_engine() -> Iterator[RegisterEngine]:
    """Choose what loads the fake model; the registry is as before afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENGINES, "fake", "tests.engines:load_at_once")
        LOADED.clear()
        GO_ON.clear()
        yield lambda function: register("fake", f"tests.engines:{function}")
        GO_ON.set()


@pytest.fixture
def runtime(register_engine: RegisterEngine, tmp_path: Path) -> Iterator[Runtime]:
    """What the application owns, with the fake engine loaded."""
    owned = Runtime(fake_settings(tmp_path))
    owned.load()
    yield owned
    owned.close()


@pytest.fixture
def engine(runtime: Runtime) -> FakeEngine:
    """The engine behind the application; it remembers what it was asked."""
    found = fake_behind(runtime.engine("fake"))
    found.calls.clear()
    return found


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    """A client of the real application."""
    return create_app(runtime.settings, runtime).test_client()
