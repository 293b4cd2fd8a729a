"""What is written on pages of their own beside the record's forms: refused in words where it cannot be kept, never cut short."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from charcot.refusal import BadValue
from charcot.visits import check_typed


def require_words(text: str, name: str, label: str, most: int) -> str:
    """What was written in a field, without the blanks around it. Raises BadValue where it cannot be kept."""
    problem = check_typed(text)
    if len(text) > most:
        problem = _("is too long: at most %(most)s characters fit.") % {"most": most}
    if problem is not None:
        raise BadValue(
            f"{label} {problem}",
            rule=_("Record: plain words, kept as they were written"),
            next_step=_("Write it again."),
            facts={"field": name, "fields": {name: problem}},
        )
    return text.strip()


def typed_otherwise(typed: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Of the fields that are `kept` as numbers and dates, what was typed where that is not the same; an act keeps it beside."""
    written = {name: typed.get(name, "").strip() for name in kept}
    return {name: text for name, text in written.items() if text and text != kept[name]}
