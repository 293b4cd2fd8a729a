"""The names in a rule: which item each one means, or why it may not stand there."""

from dataclasses import replace

from sqlglot import exp

from charcot.protocol.finding import nearest, one_of
from charcot.protocol.forms import Form, Item
from charcot.protocol.rules.draft import RuleDraft, Typed
from charcot.protocol.rules.kinds import ColumnPart, Kind, kind_of_item
from charcot.protocol.rules.reference import PARTICIPANT_DATES, Reference, ReferencePart

_PSEUDO = {"this": ("date",), "participant": PARTICIPANT_DATES}


def type_name(node: exp.Column, draft: RuleDraft, encounter: str | None = None) -> Typed:
    """An item, a date of the participant, or `this.date`."""
    parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
    if any(part.args.get("quoted") for part in parts):
        text = str(parts[-1].name)
        what = f'"{text}" in double quotes is read as the name of an item'
        return draft.mistake("rule-double-quotes", node, what, f"write a text in single quotes: '{text}'")
    names = [str(part.name) for part in parts]
    if len(parts) != len(node.parts) or len(names) > 3:
        return draft.mistake("rule-name", node, f"{node.sql()} is not a name", "write form.item")
    part: ReferencePart = "value"
    here = draft.row_form or draft.scope.form
    own = draft.scope.protocol.forms_by_id.get(here) if here else None
    own_date = own is not None and own.item(names[0]) is not None
    if len(names) > 1 and names[-1] in ("earliest", "latest") and (len(names) == 3 or own_date):
        part = "earliest" if names.pop() == "earliest" else "latest"
    if len(names) == 3:
        what = f"{node.sql()} has an ending that items do not have"
        return draft.mistake(
            "rule-name", node, what, f"write {names[0]}.{names[1]}, or end it in .earliest or .latest"
        )
    if len(names) == 1:
        return _bare(names[0], part, node, draft, own, encounter)
    return _qualified(names[0], names[1], part, node, draft, encounter)


def _bare(
    name: str,
    part: ReferencePart,
    node: exp.Column,
    draft: RuleDraft,
    own: Form | None,
    encounter: str | None,
) -> Typed:
    item = own.item(name) if own is not None else None
    if own is not None and item is not None:
        return _item(own, item, part, node, draft, encounter)
    elsewhere = [f"{form.form}.{name}" for form in draft.scope.protocol.forms if form.item(name) is not None]
    if own is None:
        what = f"{name} does not say which form it is an item of"
        close = nearest(name, _every_item(draft))
        instead = f"write {' or '.join(elsewhere[:3])}" if elsewhere else "write form.item"
        if not elsewhere and close is not None:
            instead = f"did you mean {close}?"
        return draft.mistake("rule-unknown-item", node, what, instead)
    what = f"the form {own.form} has no item {name}"
    if elsewhere:
        instead = f"write {' or '.join(elsewhere[:3])}"
    elif _is_code(name, draft):
        instead = f"put an answer in single quotes: '{name}'"
    else:
        instead = one_of(name, [item.id for item in own.items])
    return draft.mistake("rule-unknown-item", node, what, instead)


def _is_code(name: str, draft: RuleDraft) -> bool:
    protocol = draft.scope.protocol
    items = [item for form in protocol.forms for item in form.items]
    return any(name == code.code for item in items for code in protocol.codes_of(item))


def _every_item(draft: RuleDraft) -> dict[str, str]:
    return {item.id: form.form for form in draft.scope.protocol.forms for item in form.items}


def _qualified(
    form_id: str, name: str, part: ReferencePart, node: exp.Column, draft: RuleDraft, encounter: str | None
) -> Typed:
    protocol = draft.scope.protocol
    if form_id in _PSEUDO and form_id not in protocol.forms_by_id:
        if name not in _PSEUDO[form_id]:
            what, instead = f"{form_id} has no {name}", one_of(name, _PSEUDO[form_id])
            return draft.mistake("rule-unknown-item", node, what, instead)
        return _column(Reference(form_id, name, encounter, part), "date", part, node, draft)
    form = protocol.forms_by_id.get(form_id)
    if form is None:
        instead = one_of(form_id, [*protocol.forms_by_id, *_PSEUDO])
        return draft.mistake("rule-unknown-form", node, f"there is no form {form_id}", instead)
    item = form.item(name)
    if item is None:
        what, instead = (
            f"the form {form_id} has no item {name}",
            one_of(name, [item.id for item in form.items]),
        )
        return draft.mistake("rule-unknown-item", node, what, instead)
    if form.repeating and form_id not in (draft.row_form, draft.scope.form):
        what = f"{form_id} is filled many times, so {form_id}.{name} does not say which one is meant"
        instead = f"write any_of({form_id}, '{name} …'), all_of or count_of"
        return draft.mistake("rule-repeating", node, what, instead)
    return _item(form, item, part, node, draft, encounter)


def _item(
    form: Form, item: Item, part: ReferencePart, node: exp.Column, draft: RuleDraft, encounter: str | None
) -> Typed:
    protocol = draft.scope.protocol
    if item.personal or "personal" in (item.visibility, form.visibility):
        what = f"{item.id} identifies a person, and rules do not read what identifies people"
        instead = "add an item that holds only what the rule needs, such as the age"
        return draft.mistake("rule-personal", node, what, instead)
    codes = protocol.codes_of(item)
    kind = kind_of_item(item, codes)
    if part != "value":
        if item.type not in ("date", "datetime"):
            what = f"{item.id} is not a date, so it has no .{part}"
            return draft.mistake("rule-type", node, what, f"write {item.id} alone")
        kind = "date" if item.type == "date" else "datetime"
    reference = Reference(form.form, item.id, encounter, part)
    typed = _column(reference, kind, part, node, draft, row=form.form == draft.row_form and encounter is None)
    listed = tuple(code.code for code in codes) if item.type in ("choice", "choices", "yes_no") else ()
    return replace(typed, codes=listed, never_zero=_excludes_zero(item))


def _column(
    reference: Reference,
    kind: Kind,
    part: ColumnPart,
    node: exp.Column,
    draft: RuleDraft,
    *,
    row: bool = False,
) -> Typed:
    if not row:
        written = node.sql()
        draft.references[f"at('{reference.encounter}', {written})" if reference.encounter else written] = (
            reference
        )
    column = draft.column(reference, kind, part, row=row)
    return Typed(f'"{column.name}"', kind, node, column=column)


def _excludes_zero(item: Item) -> bool:
    return item.range is not None and (float(item.range[0]) > 0 or float(item.range[1]) < 0)
