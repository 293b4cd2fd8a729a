"""How typst is called: templates and fonts of this package only, no system fonts, no clock."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

import typst

Standard = Literal["a-2a", "ua-1"]


def render_typst(
    template: str,
    inputs: Mapping[str, str],
    made: Literal["pdf", "png"],
    *,
    standards: Sequence[Standard] = (),
    timestamp: int = 0,
    ppi: float | None = None,
) -> bytes:
    """The bytes of a template filled with `inputs`: one PDF, or one picture at `ppi` pixels an inch."""
    room = Path(str(files("charcot.report")))
    pages = typst.compile(
        room / "templates" / template,
        root=room / "templates",
        format=made,
        font_paths=[room / "fonts"],
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
        pdf_standards=list(standards),
        timestamp=timestamp,
        ppi=ppi,
    )
    if not isinstance(pages, bytes):
        raise TypeError(f"{template} gives more than one page")
    return pages
