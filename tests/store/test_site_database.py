"""The database of a site: apart for each site, kept between openings, refused where it is newer."""

from contextvars import Context
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections

from charcot.store.databases import NewerDatabase
from charcot.store.site_database import NoSite, at_site, open_site_database


def test_accounts_of_two_sites_are_apart_and_stay(tmp_path: Path) -> None:
    one, two = (open_site_database(tmp_path / name) for name in ("one.sqlite3", "two.sqlite3"))
    with at_site(one):
        User.objects.create_user("inv-1", password="a long phrase")
    with at_site(two):
        assert not User.objects.exists()
    with at_site(open_site_database(tmp_path / "one.sqlite3")):
        kept = User.objects.get()
        assert kept.username == "inv-1"
        assert kept.password.startswith("argon2")
        assert kept.check_password("a long phrase")


def test_no_site_no_accounts() -> None:
    with pytest.raises(NoSite, match="Open the trial's site first"):
        Context().run(User.objects.exists)  # no test before this one chose a site there


def test_a_site_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    alias = open_site_database(tmp_path / "site.sqlite3")
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('local', '9999_later', '2030-01-01')"
        )
    with pytest.raises(NewerDatabase, match="newer version"):
        open_site_database(tmp_path / "site.sqlite3")


@pytest.mark.filterwarnings(
    "ignore:Got an error checking a consistent migration history"
)  # of other tests' trials
def test_migrations_follow_one_another_in_one_line_and_make_the_tables_that_the_code_has() -> None:
    call_command(
        "makemigrations", "--check", "--dry-run", "local", "store", verbosity=0
    )  # raises where two stand side by side
