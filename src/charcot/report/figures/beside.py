"""Vega drawing in a second process, beside what is computed here: it lets nothing else run in its own while it draws."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import get_context
from typing import Any

import altair as alt
import vl_convert

_NOTHING = {"data": {"values": [{}]}, "mark": "point"}
_beside: ContextVar[ProcessPoolExecutor | None] = ContextVar("beside", default=None)


@contextmanager
def drawing_beside() -> Iterator[None]:
    """Within it, where the machine has a second processor, drawings are begun when they are made and finished when they are shown."""
    if (os.cpu_count() or 1) < 2:
        yield
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(vl_convert.vegalite_to_svg, _NOTHING, **_settings())  # Vega takes half a second to begin
        before = _beside.set(pool)
        try:
            yield
        finally:
            _beside.reset(before)


def begin_beside(spec: dict[str, Any], instead: Callable[[], str]) -> Callable[[], str] | None:
    """Gives what waits for the SVG of a specification; None where nothing is drawn beside. `instead` draws where that process died."""
    pool = _beside.get()
    if pool is None:
        return None
    try:
        begun = pool.submit(vl_convert.vegalite_to_svg, spec, **_settings())
    except BrokenProcessPool:
        return None

    def wait() -> str:
        try:
            return begun.result()
        except BrokenProcessPool:
            return instead()

    return wait


def draw_here(spec: dict[str, Any]) -> str:
    """The SVG of a specification as Vega draws it."""
    return vl_convert.vegalite_to_svg(spec, **_settings())


def _settings() -> dict[str, Any]:
    version = alt.SCHEMA_VERSION.lstrip("v").rsplit(".", 1)[0]
    return {"vl_version": version, "allowed_base_urls": []}
