"""Sign-in by the party's own identity provider (OpenID Connect): the library's way, made strict."""
