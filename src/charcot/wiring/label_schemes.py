"""Which scheme writes the codes of labels: Charcot's own, or one that a site has installed and chosen."""

import os
from importlib.metadata import entry_points

from charcot.product.labels import OWN_SCHEME, LabelScheme
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
