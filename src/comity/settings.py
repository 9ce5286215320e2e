"""Django's settings. What a node may choose is in its own folder's ``node.json``, not here."""

from __future__ import annotations

from pathlib import Path

from django.conf.locale import LANG_INFO

LOCALE = Path(__file__).parent / "locale"
PROTOCOLS = Path(__file__).parent / "protocols"
"""Their folders may bring forms, as ``response/incident/forms/charter.html``."""


def languages(folder: Path) -> list[tuple[str, str]]:
    """Return English and every language that has a catalogue, with what it calls itself."""
    names = {"en", *(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/django.mo"))}
    codes = sorted(name.lower().replace("_", "-") for name in names)
    known = [(code, str(LANG_INFO[code]["name_local"])) for code in codes]
    return [(code, name[:1].upper() + name[1:]) for code, name in known]


INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "comity.store.apps.StoreConfig",
    "comity.edge.web.apps.WebConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "comity.edge.web.middleware.headers",
    "django.middleware.gzip.GZipMiddleware",
    "comity.edge.api.middleware.apart",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "comity.edge.web.middleware.sessions",
    "comity.edge.web.middleware.person",
]
ROOT_URLCONF = "comity.edge.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(PROTOCOLS)],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comity.edge.web.context.page",
            ],
        },
    }
]

# Databases are registered by ``store.database`` when a node opens, one alias per node. There is no
# default one, so that a query without an alias fails instead of reaching the wrong node; threads
# that serve one node's pages bind it (``store.database.bind``).
DATABASES: dict[str, dict[str, object]] = {}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Each node has its own, in its folder of keys; ``edge.web.app`` puts it here when it serves pages.
SECRET_KEY = "of no node"  # noqa: S105
ALLOWED_HOSTS = ["*"]
"""``edge.web.app`` compares the host with the node's own addresses before Django sees a request."""
DEBUG = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"routes": {"()": "comity.edge.web.logs.Routes"}},
    # Addresses of links that let people in are no business of a log's reader.
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["routes"]},
        "django.security": {"level": "ERROR"},
    },
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LOCALE_PATHS = [str(LOCALE)]
FORMAT_MODULE_PATH = ["comity.edge.web.formats"]
LANGUAGE_CODE = "en"
LANGUAGES = languages(LOCALE)
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.memory.InMemoryStorage"},
    "staticfiles": {"BACKEND": "comity.edge.web.static.Hashed"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600  # A file's address changes with its bytes.

SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None  # Ends with the browser, as the session does.
CSRF_FAILURE_VIEW = "comity.edge.web.views.errors.lost"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["comity.edge.web.uploads.Sized"]

AUTH_USER_MODEL = "store.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "work"
ACCOUNT_ADAPTER = "comity.edge.web.signin.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "comity.edge.web.signin.name_of"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # Whoever has a link for an address was given it by a person.
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_TEMPLATE_EXTENSION = "html"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "comity.edge.web.signin.SecondFactors"
SOCIALACCOUNT_ADAPTER = "comity.edge.web.signin.Providers"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "comity.edge.web.oidc.provider.HouseProvider"}
}
# A form that leads to another server is refused by the policy of every page; a link is not.
SOCIALACCOUNT_LOGIN_ON_GET = True
USERSESSIONS_TRACK_ACTIVITY = True
