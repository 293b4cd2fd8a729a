import pytest

from conduct.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A small trial in memory, in December 2014."""
    return Desk()
