"""The Django app of what a site keeps beside the record."""

from django.apps import AppConfig


class LocalConfig(AppConfig):
    """Tables in `local/site.sqlite3`, beside those of Django's own accounts and sessions."""

    name = "charcot.store.local"
    label = "local"
    default_auto_field = "django.db.models.BigAutoField"
