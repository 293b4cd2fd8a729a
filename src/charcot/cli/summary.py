"""The short summary of a trial that several commands print."""

from charcot.cli.output import say
from charcot.wiring.folder import TrialFolder
from charcot.wiring.looking import snapshot_of


def say_summary(trial: TrialFolder) -> None:
    """Prints who is where in the trial, and the receipt."""
    snapshot = snapshot_of(trial)
    standings = [dossier.standing for dossier in snapshot.dossiers]
    counts = {
        "screened": len(standings),
        "consented": sum(s.consent is not None for s in standings),
        "declined": sum(s.declined is not None for s in standings),
        "enrolled": sum(s.enrolled is not None for s in standings),
        "infused": sum(bool(s.infusions) for s in standings),
        "died": sum(s.death is not None for s in standings),
    }
    charter = snapshot.charter
    say(f"Trial:     {charter.opened.data['title']}")
    say(f"Purpose:   {charter.purpose}{', simulated clock' if charter.simulated_clock else ''}")
    say(f"People:    {', '.join(f'{count} {word}' for word, count in counts.items())}")
    say(f"Deviations: {len(snapshot.deviations)}")
    say(f"Ledger:    {snapshot.head.sequence} entries, the last recorded {snapshot.head.recorded_at}")
    say(f"Receipt:   {snapshot.receipt}")
