"""The API: what people do at the pages, for programs, under ``/api/v1/``."""
