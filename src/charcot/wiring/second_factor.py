"""The second factor: six digits from an app on a phone, and recovery codes for the day without it."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from charcot.store.site_database import site_alias
from charcot.visits import western_digits
from charcot.wiring.served import ServedSite

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is mistaken for another."""


@dataclass(frozen=True)
class Enrolment:
    """What an app has to be told: as a picture to be scanned, and as letters to be typed."""

    picture: str
    letters: str


def has_second_factor(user: User) -> bool:
    """Whether somebody has set up a second factor."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def begin_enrolment(user: User, trial: str) -> Enrolment:
    """A secret for somebody's app. It counts only once a code of it was given; until then it stays the same."""
    device, _made = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "app on a phone"}
    )
    letters = b32encode(device.bin_key).decode().rstrip("=")
    issuer = f"Charcot {trial}"
    asked = urlencode({"secret": letters, "issuer": issuer}, quote_via=quote)
    code = segno.make(f"otpauth://totp/{quote(issuer)}:{quote(user.get_username())}?{asked}", error="m")
    picture = code.svg_inline(
        scale=5, border=3, dark="#1b2a30", light="#ffffff", svgclass="qr", lineclass=None
    )
    return Enrolment(picture, " ".join(letters[i : i + 4] for i in range(0, len(letters), 4)))


def finish_enrolment(user: User, token: str) -> Device | None:
    """The device, if the code is one of it: from then on it is the second factor, in place of an earlier one."""
    with transaction.atomic(using=site_alias()):
        device: Device | None = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        if device is None or not _fits(device, _written(token)):
            return None
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save()
        return device


def make_recovery_codes(site: ServedSite, user: User) -> tuple[str, ...]:
    """New recovery codes in place of the earlier ones; each is good once, and only its digest is kept."""
    codes = tuple(
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    )
    with transaction.atomic(using=site_alias()):
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes", confirmed=True)
        for code in codes:
            device.token_set.create(token=_digest(site, code))
    return codes


def recovery_codes_left(user: User) -> int:
    """How many recovery codes somebody has not used yet."""
    return sum(device.token_set.count() for device in StaticDevice.objects.filter(user=user))


def remove_second_factor(user: User) -> None:
    """Removes device and recovery codes."""
    with transaction.atomic(using=site_alias()):
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def device_for(site: ServedSite, user: User, token: str) -> Device | None:
    """The device that a code fits; each code fits once."""
    token = _written(token)
    if not token:
        return None
    with transaction.atomic(using=site_alias()):
        if token.isascii() and token.isdigit() and len(token) == 6:
            devices: list[Device] = list(TOTPDevice.objects.filter(user=user, confirmed=True))
        else:
            devices, token = (
                list(StaticDevice.objects.filter(user=user, confirmed=True)),
                _digest(site, token),
            )
        return next((device for device in devices if _fits(device, token)), None)


def _written(token: str) -> str:
    """What was meant by what was typed: with spaces, capitals, or the digits of another script."""
    return "".join(western_digits(token).split()).lower()


def _fits(device: Device, token: str) -> bool:
    return bool(device.verify_token(token))  # type: ignore[no-untyped-call]  # django-otp has no types


def _digest(site: ServedSite, code: str) -> str:
    """The digest of a recovery code under the key of the site; 16 letters are what a table of django-otp holds."""
    plain = code.replace("-", "").replace(" ", "").lower()
    return hmac.new(site.folder.secret_key().encode(), plain.encode(), hashlib.sha256).hexdigest()[:16]
