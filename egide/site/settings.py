"""Assemble an instance: what runs, on which database, under which protections."""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from egide.kernel.access.connections import forget
from egide.kernel.access.secrets import login_password, read_or_create_secret
from egide.site.embedded import home
from egide.site.systems import ACTIVE

BASE_DIR = Path(__file__).resolve().parents[2]
HOME = home()
DEBUG = os.environ.get("EGIDE_DEBUG") == "1"
SECRET_KEY = os.environ.get("EGIDE_SECRET_KEY") or read_or_create_secret(HOME / "secret-key")
ALLOWED_HOSTS = os.environ.get("EGIDE_HOSTS", "127.0.0.1 localhost testserver").split()
CSRF_TRUSTED_ORIGINS = os.environ.get("EGIDE_ORIGINS", "").split()
# Behind TLS (the normal deployment) cookies are secure; the demo is plain HTTP on the loopback.
BEHIND_TLS = os.environ.get("EGIDE_TLS") == "1"
# Set by `egide demo` alone: the sign-in page then lists the accounts of the demonstration.
DEMO = os.environ.get("EGIDE_DEMO") == "1"

SYSTEMS = ACTIVE

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "django_htmx",
    "bootstrap",
    "egide.kernel.catalogue.apps.CatalogueConfig",
    "egide.kernel.audit.apps.AuditConfig",
    "egide.kernel.access.apps.AccessConfig",
    *(f"egide.systems.{system}.apps.SystemConfig" for system in SYSTEMS),
    "egide.site.apps.SiteConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "egide.site.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "egide.kernel.access.middleware.RecordRefusals",
    "egide.site.middleware.BusyDatabase",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "egide.site.urls"
WSGI_APPLICATION = "egide.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "egide.site.context.page",
            ],
        },
    }
]


SERVING = os.environ.get("EGIDE_DB_LOGIN", "owner") == "web"


def _database(login: str = "") -> dict[str, Any]:
    """Read DATABASE_URL; the web process takes logins of its own, which own nothing."""
    info = conninfo_to_dict(os.environ.get("DATABASE_URL", "postgresql:///egide"))
    name = str(info.get("dbname") or "egide")
    user, password = info.get("user"), info.get("password")
    options: dict[str, Any] = {
        key: value
        for key, value in info.items()
        if key not in {"dbname", "user", "password", "host", "port"}
    }
    options["pool"] = {"min_size": 1, "max_size": 10, "timeout": 10}
    if login:
        user = f"{name}_{login}"
        password = login_password(SECRET_KEY, login=user)
        # Given at the start of a session, the time zone is what clearing it comes back to.
        options["options"] = f"{options.get('options', '')} -c timezone=UTC".strip()
        options["pool"]["reset"] = forget
    if os.environ.get("EGIDE_POOL") == "0":
        del options["pool"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user or "",
        "PASSWORD": password or "",
        "HOST": info.get("host") or "",
        "PORT": str(info.get("port") or ""),
        "OPTIONS": options,
    }


# Serving, two logins: a passage never runs on the connection that knows passwords and sessions.
if SERVING:
    DATABASES = {"default": _database("web"), "signin": _database("signin")}
    DATABASE_ROUTERS = ["egide.site.routers.SignInRouter"]
else:
    DATABASES = {"default": _database()}

AUTH_USER_MODEL = "access.Agent"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "egide.kernel.access.backends.AgentBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "egide.kernel.access.passwords.DeliberationCnil2022"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("identifiant", "nom", "prenom")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign_in"

# CNIL 2022-100: access is restricted after failures; ten at the most.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
# The account locks whatever the address: agents of an organisme share one.
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_USERNAME_FORM_FIELD = "username"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_ENGINE = "egide.kernel.access.sessions"
SESSION_COOKIE_AGE = int(os.environ.get("EGIDE_INACTIVITY_SECONDS", str(30 * 60)))
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "egide.site.views.csrf_failure"
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LANGUAGE_CODE = "fr-fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # An SQL error carries the row that failed: only the exception's class may reach a log.
    "filters": {"no_personal_data": {"()": "egide.site.logs.NoPersonalData"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["no_personal_data"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

# The key that signs a request's passage into PostgreSQL; the same is kept there, out of reach.
PASSAGE_KEY = hmac.new(SECRET_KEY.encode(), b"egide.passage", hashlib.sha256).digest()
PASSAGE_SECONDS = 120

if len(SECRET_KEY) < 40:  # noqa: PLR2004 -- 40 characters of 64 symbols: 240 bits
    message = "EGIDE_SECRET_KEY must have at least 40 characters."
    raise ImproperlyConfigured(message)
