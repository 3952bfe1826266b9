"""Pages that belong to no system: sign-in, first page, theme, refusals of the framework."""

from pkgutil import resolve_name
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_GET

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import openings_of
from egide.site.context import navigation

DEFAULT_COLOUR = "#124e57"


class ConfirmedPasswordForm(PasswordChangeForm):
    """A new password, once the present one is given: a wrong one counts as a failed sign-in."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Keep the request, in which the failures are counted."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Check the present password through the sign-in, which locks after its failures."""
        given: str = self.cleaned_data["old_password"]
        username = self.user.get_username()
        if authenticate(self.request, username=username, password=given) is None:
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return given


class ChangePassword(auth.PasswordChangeView):
    """Change one's own password; whoever holds an open session does not try passwords here."""

    form_class = ConfirmedPasswordForm
    success_url = reverse_lazy("home")
    template_name = "registration/password_change.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the request to the form."""
        return super().get_form_kwargs() | {"request": self.request}


class SignInForm(AuthenticationForm):
    """A name and a password; which of the two is wrong is not told."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": "Identifiant ou mot de passe incorrect. Vérifiez les majuscules."
    }

    def clean(self) -> dict[str, Any]:
        """Refuse a name that no account can have before it is looked up and counted."""
        name = self.cleaned_data.get("username") or ""
        longest = self.username_field.max_length
        if longest and len(name) > longest:
            raise self.get_invalid_login_error()
        return super().clean()


class SignIn(auth.LoginView):
    """Sign in by name and password; the failures are counted and lock the account."""

    form_class = SignInForm
    redirect_authenticated_user = True
    template_name = "registration/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the accounts of the demonstration, on its own server only."""
        context = super().get_context_data(**kwargs)
        context["demos"] = resolve_name("egide.site.demo:demos")() if settings.DEMO else []
        return context


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send an agent to the first page that their habilitations open, a visitor to sign in."""
    if not isinstance(request.user, Agent):
        return redirect("sign_in")
    opened = openings_of(request.user, on=timezone.localdate())
    entries = navigation(opened, path=request.path)
    return redirect(entries[0]["url"]) if entries else render(request, "home.html")


@require_GET
def theme(request: HttpRequest) -> HttpResponse:
    """Serve the colour of the agent's organisme, as a file: the pages allow no inline style."""
    colour = request.user.organisme.couleur if isinstance(request.user, Agent) else DEFAULT_COLOUR
    return HttpResponse(f":root{{--egide-brand:{colour}}}\n", content_type="text/css")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's
    """Explain a form that is too old or comes from elsewhere."""
    return render(request, "403_csrf.html", status=403)
