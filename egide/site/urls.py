"""The addresses of the instance: sign-in, then each active system under its own prefix."""

from django.conf import settings
from django.contrib.auth.views import LogoutView, PasswordChangeView
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy

from egide.site import views
from egide.site.conformite import conformite

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("connexion", views.SignIn.as_view(), name="sign_in"),
    path("deconnexion", LogoutView.as_view(), name="sign_out"),
    path(
        "mot-de-passe",
        PasswordChangeView.as_view(
            template_name="registration/password_change.html", success_url=reverse_lazy("home")
        ),
        name="password_change",
    ),
    path("habilitations/", include("egide.kernel.access.habilitations.views")),
    path("conformite", conformite, name="conformite"),
    path("theme.css", views.theme, name="theme"),
    *(
        path(f"{system.replace('_', '-')}/", include(f"egide.systems.{system}.urls"))
        for system in settings.SYSTEMS
    ),
]
