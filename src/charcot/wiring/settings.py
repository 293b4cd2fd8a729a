"""Settings of Django, made once for a process; the databases of trials are added as folders are opened."""

import secrets
import threading
from typing import Any

import django
from django.apps import apps
from django.conf import settings

_LOCK = threading.Lock()

INSTALLED_APPS = (
    "django.contrib.staticfiles",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "charcot.store",
    "charcot.store.local",
    "charcot.web",
)
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "charcot.web.messages.RefusalsInWords",
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

QUIET: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {
        name: {"handlers": ["nowhere"], "propagate": False} for name in ("django.request", "django.security")
    },
}
"""Addresses carry participants' numbers: Django's own lines about requests are not logged. The pages log what breaks."""


def configure_django(**further: Any) -> None:
    """Configures Django unless that was done; `further` are settings that a site adds (the first call wins).

    The secret key made here lasts as long as the process; a site that is served uses the one kept in its
    trial's `local/` (`secret_key=`, from `TrialFolder.secret_key()`).
    """
    with _LOCK:
        if not settings.configured:
            settings.configure(**{**_defaults(), **further})
        if not apps.ready:
            django.setup()


def _defaults() -> dict[str, Any]:
    return {
        "DEBUG": False,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "INSTALLED_APPS": list(INSTALLED_APPS),
        "MIDDLEWARE": list(MIDDLEWARE),
        "ROOT_URLCONF": "charcot.web.urls",
        "DATABASES": {},
        "DATABASE_ROUTERS": [
            "charcot.store.databases.LedgerRouter",
            "charcot.store.site_database.SiteRouter",
        ],
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
        "STATIC_URL": "/static/",
        "LOGGING": QUIET,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "FILE_UPLOAD_PERMISSIONS": 0o600,
        "FILE_UPLOAD_DIRECTORY_PERMISSIONS": 0o700,
    }
