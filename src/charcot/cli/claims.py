"""The command `claims`: what a publication says, held against what was published."""

from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say, say_json
from charcot.cli.reading import Folder
from charcot.report.claims import REPRODUCED, VERDICTS, AuditedClaim, claims_as_data, say_counts
from charcot.wiring.claims import audit_folder
from charcot.wiring.folder import open_folder


def claims(
    folder: Folder,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="An entry number, a time or a named cut; everything recorded by default."
        ),
    ] = None,
) -> None:
    """Judge the numbers and statements in the trial's claims.yaml by its published values and by each other."""
    with refusals_in_words():
        file, audited = audit_folder(open_folder(folder), as_of)
    if as_json:
        say_json(claims_as_data(audited))
        return
    say(say_counts(file, audited))
    for verdict in VERDICTS:
        found = [one for one in audited if one.verdict == verdict]
        if found:
            say()
            say(f"{verdict.capitalize()}: {len(found)}", style="bold")
        for one in found:
            _say_claim(one, briefly=verdict == REPRODUCED)


def _say_claim(one: AuditedClaim, *, briefly: bool) -> None:
    claim = one.claim
    printed = claim.published + (f" {claim.unit}" if claim.unit else "")
    say(f"  {claim.id}  {claim.section}: {claim.text} [{printed}]")
    if not briefly:
        say(f"      {one.because}")
    if one.collides_with:
        say(f"      Collides with: {', '.join(one.collides_with)}")
