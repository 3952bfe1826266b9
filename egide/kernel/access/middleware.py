"""Record refused attempts once their transaction is rolled back; the answer stays a plain 404."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import Refused, record_refusal
from egide.kernel.catalogue.declarations import Purpose


class RecordRefusals:
    """Carry each `Refused` into the trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Write the attempt; Django then answers 404 as it does for what does not exist."""
        purpose: Purpose | None = getattr(request, "purpose", None)
        if not isinstance(exception, Refused) or purpose is None:
            return
        if isinstance(request.user, Agent):
            record_refusal(
                request.user,
                purpose=purpose,
                session=request.session.session_key or "",
                refused=exception,
            )
