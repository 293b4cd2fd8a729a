"""The pages of the site and their addresses."""

from django.urls import path

from charcot.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("report", views.report, name="report"),
    path("health", views.health, name="health"),
]
handler400 = "charcot.web.views.bad_request"
handler403 = "charcot.web.views.forbidden"
handler404 = "charcot.web.views.not_found"
handler500 = "charcot.web.views.broken"
