"""A headless Chromium that has seen a page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

PROGRAMS = ("chromium", "chromedriver")
LACKING = [name for name in PROGRAMS if not shutil.which(name)]
needs_chromium = pytest.mark.skipif(
    bool(LACKING), reason=f"{' and '.join(LACKING)} missing: apt-get install chromium chromium-driver"
)


class Browser:
    """Chromium, with what a test asks of a page."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, page: Path, *, width: int = 1200, dark: bool = False, media: str = "screen") -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get(page.as_uri())

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 (whatever the script returns)
        return self.driver.execute_script(script, *arguments)

    def type(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def escape(self) -> None:
        self.type(Keys.ESCAPE)

    def shown(self) -> list[str]:
        """The ids of promises that are there to see."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll('.promise')].filter(e => e.checkVisibility()).map(e => e.id)"
        )
        return found

    def complaints(self) -> list[str]:
        """What the console holds: errors of scripts, and what the policy of the page forbade."""
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
        return [str(entry["message"]) for entry in log]

    def requests(self) -> list[str]:
        """The addresses that the page asked for beyond itself."""
        found: list[str] = self.run("return performance.getEntriesByType('resource').map(e => e.name)")
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    # CI runs as root in a container, where Chromium's own sandbox cannot start.
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
