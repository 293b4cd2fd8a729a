"""What the script of a form's page says: drafts, the connection, and what is wrong with what was typed."""

from django.utils.translation import gettext as _


def words_of_script() -> dict[str, str]:
    """What the page's script says."""
    return {
        "draft": _("Draft of %s: saved, not entered."),
        "saving": _("Saving …"),
        "offline": _(
            "No connection. Go on: what you type stays on this page and is saved when the connection is back. "
            "Until then only type, range and needed fields are checked."
        ),
        "back": _("The connection is back."),
        "signed_out": _(
            "You were signed out. What you typed is still here: sign in again, then come back to this page."
        ),
        "sign_in": _("Sign in (in a new window)"),
        "failed": _("This could not be sent. What you typed is still here; try again."),
        "present": _("Also open at: %s."),
        "newer": _(
            "%s saved this form in the meantime. When you save, both are shown side by side; nothing is lost."
        ),
        "number": _("must be a number."),
        "range": _("must lie between %s and %s."),
        "date": _("must be a date, such as 2014-03-14."),
        "needed": _("This is needed."),
    }
