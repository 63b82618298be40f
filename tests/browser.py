"""Finding a Chromium, and watching what a page asks for and complains about."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADVICE = (
    "No Chromium to test the page with: install the chromium package, "
    "run `python -m playwright install chromium`, or set DIEMTIN_TEST_CHROMIUM"
)
STREAM = "/v1/digest/stream"
RECORD_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


def find_chromium(playwright: Playwright) -> str | None:
    """Give the Chromium named, installed on the machine, or fetched by Playwright."""
    named = os.environ.get("DIEMTIN_TEST_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    found = next(filter(None, map(shutil.which, COMMANDS)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


def chromium_path(playwright: Playwright) -> str:
    """Give the Chromium to test with, or fail the test with what to do."""
    found = find_chromium(playwright)
    if found is None:
        pytest.fail(ADVICE)
    return found


def install_chromium() -> None:
    """Install one: Debian's package where that is allowed, else Playwright's own build."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """Start a headless Chromium and stop it afterwards."""
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What one page asked for and what its console said."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to everything that the page does from now on."""
        page.add_init_script(RECORD_VIOLATIONS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.take_message)

    def take_message(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings, but not the browser's own note of a failed answer."""
        failed_answer = message.text.startswith("Failed to load resource")
        if failed_answer and message.location["url"].endswith(STREAM):
            return
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.text} ({message.location['url']})")

    def check(self, page: Page, origin: str) -> None:
        """Fail if the page left its origin, broke its policy or logged an error."""
        abroad = [url for url in self.requests if not url.startswith((f"{origin}/", "blob:"))]
        assert abroad == []
        assert self.errors == []
        assert page.evaluate("window.violations") == []


@contextmanager
def watched_page(browser: Browser, origin: str, **options: object) -> Iterator[Page]:
    """Open the service's page in a context of its own, and check its conduct at the end."""
    settings = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
    context = browser.new_context(**settings)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    watch = Watch()
    try:
        page = context.new_page()
        watch.attach(page)
        page.goto(f"{origin}/")
        yield page
        watch.check(page, origin)
    finally:
        context.close()


def translate(page: Page, text: str, state: str = "done") -> None:
    """Paste a text, press Translate and wait until the page is in a state."""
    page.fill("#text", text)
    page.click("#translate")
    page.wait_for_selector(f"main[data-state={state}]")


def main() -> None:
    """Make sure that there is a Chromium."""
    with sync_playwright() as playwright:
        found = find_chromium(playwright)
    if found is None:
        install_chromium()


if __name__ == "__main__":
    main()
