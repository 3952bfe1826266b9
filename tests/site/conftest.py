"""Pages rendered by the real templates, answered to Chromium without any server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Request, Route

from egide.site.middleware import POLICY
from tests.chromium import chromium

__all__ = ["chromium"]

ORIGIN = "http://egide.test"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Stricter than the site's own: the house needs no data: image.
STRICT = POLICY.replace(" data:", "")


@dataclass
class Shown:
    """An open page and all that the browser complained of."""

    page: Page
    html: str
    reports: list[str] = field(default_factory=list)
    fragments: dict[str, str] = field(default_factory=dict)

    def answer(self, route: Route, request: Request) -> None:
        """Answer from the page, the static files or nothing."""
        path = request.url.removeprefix(ORIGIN).split("?")[0]
        found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if path == "/page":
            headers = {"Content-Security-Policy": STRICT}
            html = "text/html; charset=utf-8"
            route.fulfill(body=self.html, content_type=html, headers=headers)
        elif path == "/theme.css":
            route.fulfill(body=":root{--egide-brand:#4a1d6b}", content_type="text/css")
        elif path == "/jobs/1":
            # The running job of the gallery asks every two seconds; by default, no news.
            fragment = self.fragments.get(path)
            route.fulfill(
                status=200 if fragment else 204,
                body=fragment or "",
                content_type="text/html; charset=utf-8",
            )
        elif found:
            kind = TYPES[Path(found).suffix]
            route.fulfill(body=Path(found).read_bytes(), content_type=kind)
        else:
            self.reports.append(f"not served: {request.url}")
            route.abort()


@pytest.fixture
def show(chromium: Browser) -> Iterator[Callable[..., Shown]]:
    """Open a text of HTML under the strict policy."""
    pages: list[Page] = []

    def open_page(html: str, *, width: int = 1366) -> Shown:
        page = chromium.new_page(viewport={"width": width, "height": 800})
        pages.append(page)
        shown = Shown(page, html)
        page.on("console", lambda message: shown.reports.append(message.text))
        page.on("pageerror", lambda error: shown.reports.append(str(error)))
        page.route("**/*", shown.answer)
        page.goto(f"{ORIGIN}/page")
        return shown

    yield open_page
    for page in pages:
        page.close()
