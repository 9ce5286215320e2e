"""The Django app that holds the node's few tables."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The store: generic tables, none of a protocol's own."""

    name = "comity.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
