"""Personal values: sealed under one key a person, readable with it alone."""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from charcot.ledger import MemoryVault, seal, unseal

KEY, OTHER = AESGCM.generate_key(256), AESGCM.generate_key(256)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(texts)
def test_only_the_key_opens_and_only_in_its_place(text: str) -> None:
    sealed = seal(text, key=KEY, subject="participant/1", item="identity.name")
    assert unseal(sealed, key=KEY, subject="participant/1", item="identity.name") == text
    assert unseal(sealed, key=OTHER, subject="participant/1", item="identity.name") is None
    assert unseal(sealed, key=KEY, subject="participant/2", item="identity.name") is None
    assert unseal(sealed, key=KEY, subject="participant/1", item="identity.phone") is None
    assert seal(text, key=KEY, subject="participant/1", item="identity.name") != sealed


@given(st.text(max_size=40))
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    assert unseal(text, key=KEY, subject="participant/1", item="identity.name") is None


def test_a_destroyed_key_never_comes_back() -> None:
    vault = MemoryVault()
    assert vault.key_of("participant/1", create=False) is None
    key = vault.key_of("participant/1", create=True)
    assert key is not None
    assert vault.key_of("participant/1", create=True) == key
    assert vault.key_of("participant/2", create=True) != key
    vault.destroy("participant/1")
    assert vault.key_of("participant/1", create=True) is None
