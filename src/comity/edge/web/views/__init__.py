"""One module per page, or few that belong together: a view calls services and fills a template."""
