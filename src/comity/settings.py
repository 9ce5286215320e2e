"""Django's settings. What a node may choose is in its own folder's ``node.json``, not here."""

from __future__ import annotations

INSTALLED_APPS = ["comity.store.apps.StoreConfig"]
# Databases are registered by ``store.database`` when a node opens, one alias per node: there is no
# default one, so that a query without an alias fails instead of reaching the wrong node.
DATABASES: dict[str, dict[str, object]] = {}
DATABASE_ROUTERS: list[str] = []
SECRET_KEY = "unused: nothing is signed by the framework"  # noqa: S105  no sign-in yet
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS: list[str] = []
DEBUG = False
LOGGING_CONFIG = None
