"""Pages rendered by the real templates, answered to Chromium without any server."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from egide.site.theme import stylesheet

ORIGIN = "http://egide.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@pytest.fixture
def show(page) -> Callable[[str], list[str]]:
    """Open a text of HTML under the strict policy; give the list of what the browser reports."""
    reports: list[str] = []
    page.on("console", lambda message: reports.append(message.text))
    page.on("pageerror", lambda error: reports.append(str(error)))

    def open_page(html: str) -> list[str]:
        def answer(route) -> None:
            path = route.request.url.removeprefix(ORIGIN).split("?")[0]
            if not route.request.url.startswith(ORIGIN):
                reports.append(f"third party: {route.request.url}")
                route.abort()
            elif path == "/page":
                route.fulfill(
                    body=html,
                    content_type="text/html; charset=utf-8",
                    headers={"Content-Security-Policy": POLICY},
                )
            elif path == "/theme.css":
                route.fulfill(body=stylesheet(), content_type="text/css")
            else:
                found = finders.find(path.removeprefix("/static/"))
                if found:
                    kind = TYPES[Path(found).suffix]
                    route.fulfill(body=Path(found).read_bytes(), content_type=kind)
                else:
                    route.fulfill(status=404, body="")

        page.route("**/*", answer)
        page.goto(f"{ORIGIN}/page")
        return reports

    return open_page


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict[str, object]:
    """Use the system's Chromium."""
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    }
