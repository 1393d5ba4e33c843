"""A page of ours in the system's Chromium, for tests; skipped, and said so loudly, where there is none."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# What would look for updates and other hosts at every start.
_FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def opened(address: str, *, dark: bool = False, width: int = 1200) -> Iterator[Page]:
    """The page at an address, as a browser of its own shows it; an error in its scripts fails the test."""
    sync_api = _playwright()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        page = browser.new_page(color_scheme="dark" if dark else "light", viewport={"width": width, "height": 800})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: problems.append(request.url) if request.url != address else None)
        page.goto(address)
        yield page
        browser.close()
        assert problems == []


def _playwright() -> object:
    if CHROMIUM is None:
        reason = "BROWSER TESTS SKIPPED: no Chromium; install Debian's package chromium"
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(reason)
        warnings.warn(reason, stacklevel=3)
        pytest.skip(reason)
    from playwright import sync_api

    return sync_api
