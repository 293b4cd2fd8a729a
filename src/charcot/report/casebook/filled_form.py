"""One form of a participant as data: its values with unit, origin and earlier values, what was asked, what failed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from charcot.datasets import Snapshot
from charcot.ledger import Value
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.protocol import Form, Item, Protocol
from charcot.report.casebook.marks import mark_data, query_data
from charcot.report.casebook.sight import Eyes
from charcot.report.casebook.words import moment_words, who_words
from charcot.report.format import raise_powers

Data = dict[str, Any]


def form_data(snapshot: Snapshot, dossier: Dossier, key: FormKey, eyes: Eyes) -> Data:
    """A filled form in its newest version, with what earlier versions said."""
    versions = dossier.casebook.history(key)
    newest = versions[-1]
    form = eyes.form(key.form)
    items = list(form.items) if form else []
    checks = [
        {
            "items": list(check.get("items", [])),
            "severity": check["severity"],
            "text": eyes.message(key.form, check),
        }
        for check in newest.failed_checks
    ]
    known = {item.id for item in items}
    return {
        "id": str(key),
        "title": form.title if form else key.form,
        "instance": key.instance if key.instance > 1 or (form is not None and form.repeating) else 0,
        "about": _about(dossier.study.protocol, newest),
        "rows": [_row(snapshot, dossier, form, item, versions, checks, eyes) for item in items]
        if form
        else [],
        "marks": mark_data(dossier, key, eyes),
        "queries": query_data(dossier, key, "", eyes),
        "notes": [
            {"kind": check["severity"], "text": check["text"]}
            for check in checks
            if not set(check["items"][:1]) & known
        ],
        "versions": [_version(dossier.study.protocol, version) for version in versions[:-1]]
        if len(versions) > 1
        else [],
        "why": newest.entry.reason or "",
        "unfilled": "",
    }


def unfilled_data(dossier: Dossier, name: str, encounter: str, missed: bool, eyes: Eyes) -> Data:
    """A form that was said to be missed, or that is due and not there."""
    form = eyes.form(name)
    told = next(
        (m.entry for m in dossier.casebook.missed if m.encounter == encounter and m.form in ("", name)), None
    )
    words = "Due, and not filled."
    if missed and told is not None:
        words = f"Missed: {told.reason or 'no reason was given'} ({who_words(dossier.study.protocol, told)})"
    return {
        "id": name,
        "title": form.title if form else name,
        "instance": 0,
        "about": "",
        "rows": [],
        "marks": [],
        "queries": query_data(dossier, FormKey(name, encounter), "", eyes),
        "notes": [],
        "versions": [],
        "why": "",
        "unfilled": words,
    }


def _row(
    snapshot: Snapshot,
    dossier: Dossier,
    form: Form,
    item: Item,
    versions: Sequence[FormVersion],
    checks: Sequence[Mapping[str, Any]],
    eyes: Eyes,
) -> Data:
    newest = versions[-1]
    value = newest.values.get(item.id)
    shown = _value(snapshot, form, item, value, eyes)
    if value is None and item.id in newest.missing:
        shown = {**shown, "text": "missing, without a reason", "state": "missing"}
    return {
        "label": item.label,
        **shown,
        "earlier": list(_earlier(snapshot, form, item, versions, eyes)),
        "checks": [
            {"kind": check["severity"], "text": check["text"]}
            for check in checks
            if check["items"][:1] == [item.id]
        ],
        "queries": query_data(dossier, newest.key, item.id, eyes),
    }


def _value(snapshot: Snapshot, form: Form, item: Item, value: Value | None, eyes: Eyes) -> Data:
    """A value in words: the label of its code with the code, its unit, its origin; or why there is none."""
    if value is None:
        return {"text": "", "code": "", "unit": "", "origin": "", "state": "empty"}
    origin = str(value.origin)
    seen = eyes.read(form, item, value)
    if isinstance(seen, str):
        return {"text": seen, "code": "", "unit": "", "origin": origin, "state": "veiled"}
    if seen.absent is not None:
        words = seen.absent.replace("_", " ") + (f": {seen.why}" if seen.why else "")
        return {"text": words, "code": "", "unit": "", "origin": origin, "state": "absent"}
    text = seen.text or ""
    labels = {code.code: code.label for code in snapshot.codes_of(item)}
    named = ", ".join(labels.get(code.strip(), code.strip()) for code in text.split(",")) if labels else text
    code = text if labels and named.casefold() != text.casefold() else ""
    unit = raise_powers(item.unit or "")
    return {"text": named, "code": code, "unit": unit, "origin": origin, "state": "value"}


def _earlier(
    snapshot: Snapshot, form: Form, item: Item, versions: Sequence[FormVersion], eyes: Eyes
) -> Iterator[Data]:
    """Each value that a later version replaced, with who did so, when and why."""
    for before, after in pairwise(versions):
        old, new = before.values.get(item.id), after.values.get(item.id)
        if old == new:
            continue
        shown = _value(snapshot, form, item, old, eyes)
        words = " ".join(filter(None, (shown["text"], f"({shown['code']})" if shown["code"] else "")))
        yield {
            "text": words or "nothing",
            "words": f"until version {after.version}, {who_words(snapshot.protocol, after.entry)}",
            "reason": after.entry.reason or "",
        }


def _about(protocol: Protocol, version: FormVersion) -> str:
    source = version.entry.data.get("source")
    parts = [
        f"for {moment_words(version.clinical_time.text)}",
        f"version {version.version}",
        who_words(protocol, version.entry),
        *([f"source {source}"] if source else []),
        *([f"protocol {version.entry.protocol}"] if version.entry.protocol else []),
    ]
    return " · ".join(parts)


def _version(protocol: Protocol, version: FormVersion) -> Data:
    return {
        "number": version.version,
        "words": who_words(protocol, version.entry),
        "reason": version.entry.reason or "",
    }
