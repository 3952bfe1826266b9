"""What every answer carries, and what is told when the database is busy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)


BUSY = frozenset({"55P03", "57014"})  # a lock that did not come, a statement that took too long
RETRY_AFTER = 20


class BusyDatabase:
    """Answer 503 where a statement waited too long for what another holds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(
        self,
        request: HttpRequest,  # noqa: ARG002 -- Django's signature
        exception: Exception,
    ) -> HttpResponse | None:
        """Tell to come back; the transaction is rolled back by now."""
        if getattr(exception.__cause__, "sqlstate", None) not in BUSY:
            return None
        headers = {"Retry-After": str(RETRY_AFTER)}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


class ContentSecurityPolicy:
    """Add the headers that keep a page to itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the policy; personal pages are kept by no cache."""
        response = self.get_response(request)
        response["Content-Security-Policy"] = POLICY
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store"
        return response
