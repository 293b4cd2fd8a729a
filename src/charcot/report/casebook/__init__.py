"""Casebooks on A4: blank to be filled by hand, annotated with the names of items, filled for one participant."""

from charcot.report.casebook.filled import Unseal, render_casebook
from charcot.report.casebook.paper import PaperKind, render_paper_casebook

__all__ = ["PaperKind", "Unseal", "render_casebook", "render_paper_casebook"]
