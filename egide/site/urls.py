"""The addresses of the instance: sign-in, then each active system under its own prefix."""

from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from egide.site import views
from egide.site.conformite import conformite
from egide.site.destructions import destructions
from egide.site.protection import protection

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("connexion", views.SignIn.as_view(), name="sign_in"),
    path("deconnexion", LogoutView.as_view(), name="sign_out"),
    path("mot-de-passe", views.ChangePassword.as_view(), name="password_change"),
    path("habilitations/", include("egide.kernel.access.habilitations.views")),
    path("protection", protection, name="protection"),
    path("protection/destructions", destructions, name="destructions"),
    path("conformite", conformite, name="conformite"),
    path("theme.css", views.theme, name="theme"),
    *(
        path(f"{system.replace('_', '-')}/", include(f"egide.systems.{system}.urls"))
        for system in settings.SYSTEMS
    ),
]
