"""Settings of Django, made once for a process; the databases of trials are added as folders are opened."""

import os
import secrets
import threading
from datetime import timedelta
from typing import Any

import django
from django.apps import apps
from django.conf import settings

from charcot.wiring.logs import logging_settings
from charcot.wiring.proxy import PROXY

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
    "charcot.web.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "charcot.wiring.served.ChooseSite",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "charcot.web.doorkeeper.Doorkeeper",
    "django.middleware.csrf.CsrfViewMiddleware",
    "charcot.web.messages.RefusalsInWords",
)
HOSTS = "CHARCOT_HOSTS"
"""The environment variable with the names under which the site is reached, separated by commas."""
HSTS = "CHARCOT_HSTS_SECONDS"
"""The environment variable with how long browsers keep to HTTPS [s]."""
HERE = ("localhost", "127.0.0.1", "[::1]")
LOCK_OUT_AFTER = 5
"""Wrong passwords for one account from one address, after which it is locked there."""
LOCKED_FOR = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

_KEYED = False


def keep_cookies_of(secret_key: str, name: str) -> None:
    """Signs cookies by the key of the site that is served first in this process, under names of its own."""
    global _KEYED
    with _LOCK:
        if not _KEYED:
            settings.SECRET_KEY = secret_key
            settings.SESSION_COOKIE_NAME = f"charcot-{name}"
            settings.CSRF_COOKIE_NAME = f"charcot-form-{name}"
            _KEYED = True


def configure_django(**further: Any) -> None:
    """Configures Django unless that was done; `further` are settings that a site adds (the first call wins).

    The secret key made here lasts until a site is served, which uses the one kept in its trial's `local/`
    (`keep_cookies_of`).
    """
    with _LOCK:
        if not settings.configured:
            settings.configure(**{**_defaults(), **further})
        if not apps.ready:
            django.setup()


def _defaults() -> dict[str, Any]:
    hosts = [name.strip() for name in os.environ.get(HOSTS, "").split(",") if name.strip()]
    behind_https = bool(os.environ.get(PROXY))
    return {
        "DEBUG": False,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": [*HERE, *hosts],
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
        "LOGGING": logging_settings(),
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "charcot.wiring.signing_in.PasswordAndCode",
        ],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
            for name, options in (
                ("UserAttributeSimilarityValidator", {"user_attributes": ["username"]}),
                ("MinimumLengthValidator", {"min_length": 12}),
                ("CommonPasswordValidator", {}),
                ("NumericPasswordValidator", {}),
            )
        ],
        "AXES_FAILURE_LIMIT": LOCK_OUT_AFTER,
        "AXES_COOLOFF_TIME": LOCKED_FOR,
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
        "AXES_ENABLE_ACCESS_FAILURE_LOG": True,
        "AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT": 1000,
        "AXES_CLIENT_IP_CALLABLE": "charcot.wiring.signing_in.address_of",
        "AXES_SENSITIVE_PARAMETERS": ["username", "token", "password", "new_password", "again"],
        "AXES_VERBOSE": False,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": int(LONGEST_SESSION.total_seconds()),
        "SESSION_COOKIE_SECURE": behind_https,
        "CSRF_COOKIE_SECURE": behind_https,
        "CSRF_FAILURE_VIEW": "charcot.web.messages.forged",
        "SECURE_HSTS_SECONDS": int(os.environ.get(HSTS, "0") or 0),
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 16_000_000,
        "FILE_UPLOAD_PERMISSIONS": 0o600,
        "FILE_UPLOAD_DIRECTORY_PERMISSIONS": 0o700,
    }
