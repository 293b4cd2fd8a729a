"""Which scheme writes the codes of labels: Charcot's own, or one that a site has installed and chosen."""

import os
from importlib.metadata import entry_points

from charcot.product.labels import OWN_HEAD, OWN_SCHEME, RULE, LabelScheme, UnreadableLabel, codes_scanned
from charcot.refusal import Refusal

GROUP, VARIABLE = "charcot.label_schemes", "CHARCOT_LABEL_SCHEME"


def choose_label_scheme(name: str | None = None) -> LabelScheme:
    """The scheme called `name`, or else the one that CHARCOT_LABEL_SCHEME names, or else Charcot's own.

    Raises Refusal where no installed package offers it: labels are not printed in another scheme instead.
    """
    name = name or os.environ.get(VARIABLE) or OWN_SCHEME.name
    if name == OWN_SCHEME.name:
        return OWN_SCHEME
    for offered in entry_points(group=GROUP):
        if offered.name == name:
            scheme: LabelScheme = offered.load()
            return scheme
    raise Refusal(
        f"No installed package writes labels by the scheme {name!r}",
        rule="Labels: the scheme that the site has chosen",
        next_step=f"Install the package that offers it ({GROUP}), or unset {VARIABLE} for Charcot's own identifiers.",
    )


def read_scan(text: str, name: str) -> str:
    """The code called `name` in what was scanned: out of a label's by the site's scheme or Charcot's own, or the bare code.

    Raises UnreadableLabel for a damaged label, one of another scheme, and one that says no such code.
    """
    scheme = OWN_SCHEME if text.strip().startswith(OWN_HEAD) else choose_label_scheme()
    codes = codes_scanned(text, name, scheme)
    if name not in codes:
        raise UnreadableLabel(
            f"This label is that of a {codes.get('kind', 'thing')}, and names no {name}",
            rule=RULE,
            next_step=f"Scan the label of the {name}.",
        )
    return codes[name]
