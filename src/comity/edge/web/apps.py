"""The Django app of the pages: their templates, static files and tags. It has no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The pages."""

    name = "comity.edge.web"
    label = "web"
