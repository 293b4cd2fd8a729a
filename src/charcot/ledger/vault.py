"""Keys of persons: personal values are sealed under one key each, and destroying the key erases them."""

import base64
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Vault(Protocol):
    """Keeps one key per person, outside the ledger."""

    def key_of(self, subject: str, *, create: bool) -> bytes | None:
        """The person's key of 32 bytes; None where there is none, or where it was destroyed."""
        ...

    def destroy(self, subject: str) -> None:
        """Destroys the person's key for good: no new one is ever made for this subject."""
        ...


class MemoryVault:
    """A vault in memory, for tests and imagined trials."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes | None] = {}

    def key_of(self, subject: str, *, create: bool) -> bytes | None:
        """The person's key."""
        if create and subject not in self._keys:
            self._keys[subject] = AESGCM.generate_key(256)
        return self._keys.get(subject)

    def destroy(self, subject: str) -> None:
        """Destroys the person's key."""
        self._keys[subject] = None


def seal(text: str, *, key: bytes, subject: str, item: str) -> str:
    """`text` encrypted (AES-256-GCM, bound to subject and item), as base64."""
    nonce = os.urandom(12)
    return base64.b64encode(
        nonce + AESGCM(key).encrypt(nonce, text.encode(), f"{subject}:{item}".encode())
    ).decode()


def unseal(sealed: str, *, key: bytes, subject: str, item: str) -> str | None:
    """The text that was sealed; None where the key is not the one it was sealed with."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(raw[:12], raw[12:], f"{subject}:{item}".encode()).decode()
    except (InvalidTag, ValueError):  # another key, or no ciphertext at all
        return None
