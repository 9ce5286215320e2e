"""The addresses of sign-in by an identity provider, as the library names them."""

from __future__ import annotations

from django.urls import path

from comity.edge.web.oidc import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
