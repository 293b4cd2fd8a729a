"""The dictionary of event terms at a site: its own file in `local/`, which is never copied with the trial, or the shipped terms."""

from functools import lru_cache
from pathlib import Path

from charcot.refusal import BadValue
from charcot.safety.terms import SHIPPED_TERMS, EventTerm, parse_dictionary
from charcot.wiring.folder import TrialFolder

DICTIONARY = Path("local") / "event-terms.csv"


def terms_of(path: Path) -> tuple[EventTerm, ...]:
    """The terms that events are chosen from in the trial's folder at `path`."""
    file = path / DICTIONARY
    return _read(file, file.stat().st_mtime_ns) if file.is_file() else SHIPPED_TERMS


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int) -> tuple[EventTerm, ...]:
    return parse_dictionary(file.read_text("utf-8"))


def load_dictionary(folder: TrialFolder, source: Path) -> int:
    """Takes over a site's own dictionary, such as the official CTCAE spreadsheet saved as CSV; gives the number of terms.

    Raises BadValue where it is no CSV file with a column of terms.
    """
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(
            f"{source.name} cannot be read as text.",
            rule="Dictionary: a CSV file in UTF-8",
            next_step="Save the spreadsheet as CSV (UTF-8), and give that file.",
        ) from error
    terms = parse_dictionary(text)
    target = folder.path / DICTIONARY
    target.parent.mkdir(exist_ok=True)
    draft = target.with_suffix(".writing")
    draft.write_text(text, "utf-8")
    draft.replace(target)
    return len(terms)
