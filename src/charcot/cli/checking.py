"""The command `check`: the protocol first, then the data."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from charcot.cli.output import refusals_in_words, say, say_json
from charcot.conduct.worklists import DataFindings, FailedEditCheck, check_data
from charcot.wiring.folder import open_folder
from charcot.wiring.looking import check_working_copy, is_trial_folder, snapshot_today, trial_id

PROTOCOL_IS_WRONG = 1
MOST_LISTED = 5
"""How many findings of one kind are listed."""


def check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A trial's folder, or one with a protocol/ in it.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
) -> None:
    """Check the protocol, then the data: deviations, missing forms, failed edit checks.

    Exit status 1 where the protocol is wrong.
    """
    with refusals_in_words():
        protocol = check_working_copy(folder)
        data: DataFindings | None = None
        if is_trial_folder(folder):
            trial = open_folder(folder)
            if trial_id(trial) is not None:
                data = check_data(snapshot_today(trial))
    wrong = any(finding.severity == "error" for finding in protocol.findings)
    if as_json:
        say_json(
            {
                "protocol": [asdict(finding) for finding in protocol.findings],
                "protocol_is_wrong": wrong,
                "differs_from_active": protocol.differs_from_active,
                "data": None if data is None else asdict(data),
            }
        )
    else:
        _say_protocol(protocol.findings, protocol.differs_from_active)
        if data is not None:
            _say_data(data)
    raise typer.Exit(PROTOCOL_IS_WRONG if wrong else 0)


def _say_protocol(findings: Any, differs: bool) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    say(
        f"Protocol: {errors} mistake{'' if errors == 1 else 's'}, {len(findings) - errors} to consider",
        style="bold",
    )
    for finding in findings:
        say(f"  {finding}")
    if differs:
        say(
            "  The working copy differs from the active version. Acts are judged by the active one, until you activate this."
        )


def _say_data(data: DataFindings) -> None:
    say(f"Deviations: {len(data.deviations)}", style="bold")
    for deviation in data.deviations:
        say(f"  {deviation.participant}  {deviation.category}, {deviation.section}: {deviation.description}")
    say(f"Missing forms: {len(data.missing)}", style="bold")
    for missing in data.missing:
        what = f"fields {', '.join(missing.fields)}" if missing.fields else "not filled"
        place = f" at {missing.encounter}" if missing.encounter else ""
        say(f"  {missing.participant}  {missing.form}{place}: {what}")
    say(f"Failed edit checks: {len(data.failed)}", style="bold")
    alike: dict[tuple[str, str], list[FailedEditCheck]] = {}
    for failed in data.failed:
        alike.setdefault((failed.severity, failed.message), []).append(failed)
    for (severity, message), group in alike.items():
        say(f"  {severity}: {message}")
        for failed in group[:MOST_LISTED]:
            say(f"      {failed.participant}  {failed.form} (entry {failed.entry})")
        if len(group) > MOST_LISTED:
            say(f"      and {len(group) - MOST_LISTED} more; --json lists them all")
