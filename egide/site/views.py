"""Pages that belong to no system: sign-in, first page, theme, refusals of the framework."""

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from egide.kernel.access.models import Agent

DEFAULT_COLOUR = "#124e57"


class SignIn(auth.LoginView):
    """Sign in by name and password; the failures are counted and lock the account."""

    redirect_authenticated_user = True
    template_name = "registration/login.html"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send an agent to their day, a visitor to the sign-in page."""
    return redirect("apa_ash:journee" if request.user.is_authenticated else "sign_in")


@require_GET
def theme(request: HttpRequest) -> HttpResponse:
    """Serve the colour of the agent's organisme, as a file: the pages allow no inline style."""
    colour = request.user.organisme.couleur if isinstance(request.user, Agent) else DEFAULT_COLOUR
    return HttpResponse(f":root{{--egide-brand:{colour}}}\n", content_type="text/css")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's
    """Explain a form that is too old or comes from elsewhere."""
    return render(request, "403_csrf.html", status=403)
