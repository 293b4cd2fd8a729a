"""Commands about a publication: claims, held against what was published; adopt-claims, which puts them on the record."""

from pathlib import Path
from typing import Annotated

import typer

from charcot.cli.output import refusals_in_words, say, say_json
from charcot.cli.reading import Folder
from charcot.report.claims import REPRODUCED, VERDICTS, AuditedClaim, claims_as_data, say_counts
from charcot.wiring.claims import JudgedClaims, adopt_working_copy, audit_folder
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
    working_copy: Annotated[
        bool, typer.Option("--working-copy", help="Judge claims.yaml as it lies in the folder.")
    ] = False,
) -> None:
    """Judge the numbers and statements of the trial's publication by its published values and by each other."""
    with refusals_in_words():
        judged = audit_folder(open_folder(folder), as_of, working_copy=working_copy)
    file, audited = judged.file, judged.audited
    if as_json:
        say_json(claims_as_data(audited))
        return
    say(_say_which(judged, folder))
    say(say_counts(file, audited))
    for verdict in VERDICTS:
        found = [one for one in audited if one.verdict == verdict]
        if found:
            say()
            say(f"{verdict.capitalize()}: {len(found)}", style="bold")
        for one in found:
            _say_claim(one, briefly=verdict == REPRODUCED)


def adopt_claims(
    folder: Folder,
    person: Annotated[str, typer.Option(help="The code of who adopts, such as stat-1.")],
    role: Annotated[str, typer.Option(help="In which role; the protocol says which roles may adopt claims.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the entry.")],
) -> None:
    """Put the folder's claims.yaml on the record: reports from now on judge that copy, earlier ones stay as they are."""
    with refusals_in_words():
        entry = adopt_working_copy(open_folder(folder), person, role, reason)
    say(f"Adopted with entry {entry}. Next: charcot claims {folder}")


def _say_which(judged: JudgedClaims, folder: Path) -> str:
    if judged.adopted is None:
        how = f"charcot adopt-claims {folder} --person … --role … --reason …"
        return f"Judged: the working copy, claims.yaml. No report judges it before it is adopted: {how}"
    differs = (
        " The claims.yaml in the folder differs from it; judge that with --working-copy."
        if judged.differs
        else ""
    )
    return f"Judged: the claims adopted with entry {judged.adopted}.{differs}"


def _say_claim(one: AuditedClaim, *, briefly: bool) -> None:
    claim = one.claim
    printed = claim.published + (f" {claim.unit}" if claim.unit else "")
    say(f"  {claim.id}  {claim.section}: {claim.text} [{printed}]")
    if not briefly:
        say(f"      {one.because}")
    if one.collides_with:
        say(f"      Collides with: {', '.join(one.collides_with)}")
