"""A plain Django site for the same forms: one table a form, django-simple-history, model forms and a CSV export.

Run by `measure.py` in a process of its own: python plain.py FORMS.json ROWS.jsonl DATABASE OUT SAVES
"""

import csv
import json
import statistics
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings

APP = "plain_forms"


def configure(database: dict[str, Any]) -> None:
    """An ordinary project: sessions, CSRF, sign-in, templates."""
    app = types.ModuleType(APP)
    app.__path__ = [str(Path(__file__).parent)]
    sys.modules[APP] = app
    settings.configure(
        SECRET_KEY="x" * 50,
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        INSTALLED_APPS=[
            "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "simple_history",
            APP,
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "simple_history.middleware.HistoryRequestMiddleware",
        ],
        ROOT_URLCONF="plain_urls",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()


def make_models(forms: list[dict[str, Any]]) -> dict[str, Any]:
    """A model with its history for each form."""
    from django.db import models
    from simple_history.models import HistoricalRecords

    made = {}
    for form in forms:
        fields: dict[str, Any] = {
            "participant": models.CharField(max_length=20, db_index=True),
            "encounter": models.CharField(max_length=60, blank=True),
            "number": models.IntegerField(default=1),
            "recorded_for": models.CharField(max_length=40),
            "history": HistoricalRecords(),
            "__module__": __name__,
            "Meta": type("Meta", (), {"app_label": APP}),
        }
        for item in form["items"]:
            fields[f"v_{item['id']}"] = {
                "integer": lambda: models.IntegerField(null=True, blank=True),
                "decimal": lambda: models.DecimalField(
                    max_digits=30, decimal_places=8, null=True, blank=True
                ),
                "date": lambda: models.DateField(null=True, blank=True),
            }.get(
                "text" if item["partial"] else item["type"], lambda: models.TextField(null=True, blank=True)
            )()
        made[form["form"]] = type(f"Form_{form['form']}", (models.Model,), fields)
    return made


def make_views(made: dict[str, Any], encounters: list[str]) -> None:
    """The pages: save a form, and the matrix of 200 participants."""
    from django.contrib.auth.decorators import login_required
    from django.forms import modelform_factory
    from django.http import HttpResponse, HttpResponseRedirect
    from django.template import engines
    from django.urls import path

    page = engines["django"].from_string(
        "<table>{% for name, cells in rows %}<tr><th>{{ name }}</th>{% for n in cells %}<td><a href='/p/{{ name }}'>"
        "{{ n }}</a></td>{% endfor %}</tr>{% endfor %}</table>"
    )

    @login_required
    def save(request: Any, form: str) -> Any:
        sent = modelform_factory(made[form], fields="__all__")(request.POST)
        if not sent.is_valid():
            return HttpResponse(str(sent.errors), status=422)
        sent.save()
        return HttpResponseRedirect("/")

    @login_required
    def matrix(request: Any) -> Any:
        first = made["consent"]
        names = list(
            first.objects.order_by("participant").values_list("participant", flat=True).distinct()[:200]
        )
        filled: dict[tuple[str, str], int] = {}
        for model in made.values():
            found = model.objects.filter(participant__in=names).values_list("participant", "encounter")
            for place in found:
                filled[place] = filled.get(place, 0) + 1
        rows = [(name, [filled.get((name, e), 0) for e in encounters]) for name in names]
        return HttpResponse(page.render({"rows": rows}))

    module = types.ModuleType("plain_urls")
    module.urlpatterns = [path("save/<str:form>", save), path("matrix", matrix)]  # type: ignore[attr-defined]
    sys.modules["plain_urls"] = module


def fill(made: dict[str, Any], rows: Path) -> None:
    """Loads all rows, each with the first row of its history."""
    from django.utils import timezone

    now, waiting = timezone.now(), {form: [] for form in made}

    def flush(form: str) -> None:
        model = made[form]
        saved = model.objects.bulk_create(waiting[form])
        history = model.history.model
        names = [field.attname for field in model._meta.concrete_fields]
        history.objects.bulk_create(
            [history(history_date=now, history_type="+", **{n: getattr(o, n) for n in names}) for o in saved]
        )
        waiting[form] = []

    with rows.open() as lines:
        for line in lines:
            row = json.loads(line)
            form = row.pop("form")
            waiting[form].append(made[form](**row))
            if len(waiting[form]) == 2000:
                flush(form)
    for form in made:
        flush(form)


def export(made: dict[str, Any], out: Path) -> int:
    """A CSV a form, each row with the number of its versions and who saved the last; one more query a form for that."""
    from django.db.models import Count, Max

    cells = 0
    for form, model in made.items():
        versions = {
            key: (n, last)
            for key, n, last in model.history.values_list("id").annotate(
                Count("history_id"), Max("history_date")
            )
        }
        fields = [field.name for field in model._meta.concrete_fields]
        with (out / f"{form}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*fields, "versions", "last_saved"])
            for row in model.objects.order_by("participant", "id").iterator(chunk_size=2000):
                writer.writerow([*(getattr(row, name) for name in fields), *versions[row.pk]])
                cells += len(fields) - 5
    return cells


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor time [s]."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Loads, measures, and prints one JSON object."""
    forms_file, rows, database, out, saves = sys.argv[1:]
    described = json.loads(Path(forms_file).read_text())
    configure(json.loads(database))
    made = make_models(described["forms"])
    make_views(made, described["encounters"])
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in made.values():
            editor.create_model(model)
            editor.create_model(model.history.model)
    loading = timed(lambda: fill(made, Path(rows)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(get_user_model().objects.create_user("nurse"))
    sent = {"participant": "S-00001", "encounter": "", "recorded_for": "2024-05-01"}
    event = {f"v_{name}": value for name, value in described["event"].items()}

    def save(number: int) -> None:
        answer = client.post("/save/adverse_event", {**sent, **event, "number": 1000 + number})
        assert answer.status_code == 302, answer.content

    save(0)
    saved = [timed(lambda n=n: save(n + 1)) for n in range(int(saves))]
    assert client.get("/matrix").status_code == 200
    seen = [timed(lambda: client.get("/matrix")) for _ in range(15)]
    cells: list[int] = []
    exported = timed(lambda: cells.append(export(made, Path(out))))
    median = lambda found, place: round(1000 * statistics.median(f[place] for f in found), 1)  # noqa: E731
    print(json.dumps({
        "load_s": round(loading[0], 1),
        "save_ms": median(saved, 0), "save_cpu_ms": median(saved, 1),
        "matrix_ms": median(seen, 0), "matrix_cpu_ms": median(seen, 1),
        "export_s": round(exported[0], 2), "export_cpu_s": round(exported[1], 2), "export_cells": cells[0],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
