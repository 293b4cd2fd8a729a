"""The audit trail in words: queries, verification, signatures, locks, errors, files and access."""

from collections.abc import Mapping
from typing import Any

from charcot.ledger import Entry, Kind
from charcot.safety.reconciliation import PREFIX

_METHODS = {
    "password": "signed with a password",
    "password+totp": "signed with a password and a second factor",
    "declared": "declared without a password",
}
_ACCESS = {
    "account_created": "created the account of {}",
    "account_disabled": "disabled the account of {}",
    "account_enabled": "enabled the account of {} again",
    "password_reset": "set a new password for {}",
    "second_factor_set": "set up the second factor of {}",
    "second_factor_reset": "removed the second factor of {}",
    "account_unlocked": "let {} sign in again after too many wrong tries",
}

OVERSEEN = frozenset(
    {
        Kind.ACCESS_CHANGED,
        Kind.QUERY_OPENED,
        Kind.QUERY_ANSWERED,
        Kind.QUERY_REOPENED,
        Kind.QUERY_CLOSED,
        Kind.SOURCE_VERIFIED,
        Kind.VERIFICATION_WITHDRAWN,
        Kind.FORMS_SIGNED,
        Kind.LOCKED,
        Kind.UNLOCKED,
        Kind.ENTERED_IN_ERROR,
        Kind.REINSTATED,
        Kind.FILE_ATTACHED,
        Kind.FILE_WITHDRAWN,
        Kind.SAFETY_REVIEWED,
        Kind.SUBMISSION_RECORDED,
        Kind.NARRATIVE_SIGNED,
        Kind.RELATION_ASSESSED,
        Kind.NORMAL_RANGE_SET,
        Kind.RESULT_JUDGED,
    }
)
"""The kinds of entry that are told here."""


def describe_method(method: str) -> str:
    """How it was proven who signed."""
    return _METHODS.get(method, method)


def _which_check(check: str) -> str:
    return check if check.startswith(PREFIX) else f"the edit check {check}"


def describe_oversight(entry: Entry) -> str:
    """One line of words for an entry that watches over the record; raises LookupError for another kind."""
    data = entry.data
    by_check = data.get("by") == "check"
    which = _which_check(data.get("check", ""))
    match entry.kind:
        case Kind.ACCESS_CHANGED:
            return _ACCESS[data["what"]].format(data["person"])
        case Kind.QUERY_OPENED:
            asks = f"{which} asked" if by_check else "asked"
            return f"{asks} about {_field(data)} (query {data['query']}): {data['text']}"
        case Kind.QUERY_ANSWERED:
            version = f", see version {data['version']}" if "version" in data else ""
            return f"answered the query {data['query']} about {_field(data)}: {data['text']}{version}"
        case Kind.QUERY_REOPENED:
            check = f": {which} asks: {data['text']}" if by_check else ""
            return f"opened the query {data['query']} about {_field(data)} again{check}"
        case Kind.QUERY_CLOSED:
            check = f": {which} has nothing more to ask" if by_check else ""
            return f"closed the query {data['query']} about {_field(data)}{check}"
        case Kind.SOURCE_VERIFIED:
            return f"verified {_items(data)}, version {data['version']}, against the source"
        case Kind.VERIFICATION_WITHDRAWN:
            return f"took back the verification of {_items(data)}"
        case Kind.FORMS_SIGNED:
            number = len(data["forms"])
            what = _form(data["forms"][0]) + f", version {data['forms'][0]['version']}"
            what = what if number == 1 else f"{number} forms"
            return f"signed {what}: “{data['meaning']}” ({describe_method(data['method'])})"
        case Kind.LOCKED:
            return _locked(data)
        case Kind.UNLOCKED:
            return f"unlocked {_place(data)}{_standing(data)}"
        case Kind.ENTERED_IN_ERROR:
            return f"said that {_form(data)}, version {data['version']}, was entered in error"
        case Kind.REINSTATED:
            return f"reinstated {_form(data)}, version {data['version']}"
        case Kind.FILE_ATTACHED:
            name = data.get("name", "a personal file")
            return f"attached {name} ({data['attachment']}, {data['media_type']}, {data['size']} bytes) to {_field(data)}"
        case Kind.FILE_WITHDRAWN:
            return f"withdrew the file {data['attachment']} from {_field(data)}"
        case Kind.SAFETY_REVIEWED:
            signed, where = data["signature"], f" in {data['group']}" if data["group"] else ""
            decided = "let the trial go on" if data["decision"] == "continue" else "stopped the trial"
            return (
                f"{decided} for the safety board at {data['rule']}{where}, {data['events']} with events of "
                f"{data['patients']} infused: {data['statement']} ({describe_method(signed['method'])})"
            )
        case Kind.SUBMISSION_RECORDED:
            return f"recorded that {_form(data)}, version {data['version']}, was submitted to {data['to']} ({data['reference']})"
        case Kind.NARRATIVE_SIGNED:
            return f"signed the narrative of {_form(data)}, version {data['version']} ({describe_method(data['signature']['method'])})"
        case Kind.RELATION_ASSESSED:
            return f"assessed for the sponsor {_form(data)}, version {data['version']}: {data['relation']} to the product"
        case Kind.NORMAL_RANGE_SET:
            return _range_set(data)
        case Kind.RESULT_JUDGED:
            said = "clinically significant" if data["significant"] == "yes" else "not clinically significant"
            return f"judged {_field(data)}, version {data['version']}, {said}" + (
                f": {data['comment']}" if data["comment"] else ""
            )
        case _:
            raise LookupError(entry.kind)


def _range_set(data: Mapping[str, Any]) -> str:
    ends = f"{data.get('low', '…')} to {data.get('high', '…')} {data['unit']}".strip()
    ages = (
        f"{data.get('age_from', '')} to {data.get('age_to', '')} years"
        if {"age_from", "age_to"} & set(data)
        else ""
    )
    people = ", ".join(filter(None, (data.get("sex", ""), ages)))
    where = f" for {people}" if people else ""
    return f"set the normal range of {data['item']} of {data['form']} at {data['site']} to {ends}{where} for samples from {data['since']} on ({data['source']})"


def _form(data: Mapping[str, Any]) -> str:
    where = f" at {data['encounter']}" if data["encounter"] else ""
    which = f" no. {data['instance']}" if int(data["instance"]) > 1 else ""
    return f"{data['form']}{which}{where}"


def _field(data: Mapping[str, Any]) -> str:
    return f"{data['item']} of {_form(data)}" if data["item"] else _form(data)


def _items(data: Mapping[str, Any]) -> str:
    return f"{', '.join(data['items'])} of {_form(data)}" if data["items"] else _form(data)


def _place(data: Mapping[str, Any]) -> str:
    match data["scope"]:
        case "form":
            return _form(data)
        case "visit":
            which = f" no. {data['instance']}" if int(data["instance"]) > 1 else ""
            return f"the visit {data['encounter']}{which}"
        case "participant":
            return "the participant's record"
        case _:
            return "the trial"


def _locked(data: Mapping[str, Any]) -> str:
    if data["scope"] != "trial":
        return f"locked {_place(data)}"
    signed = data["signature"]
    remaining = data.get("remaining", {})
    left = ", ".join(f"{len(listed)} {name}" for name, listed in remaining.items() if listed)
    return (
        f"locked the trial: {data['statement']} (“{signed['meaning']}”, {describe_method(signed['method'])}; {data['receipt']})"
        + (f"; remaining: {left}" if left else "")
    )


def _standing(data: Mapping[str, Any]) -> str:
    signed = data.get("signatures", [])
    if not signed:
        return ""
    return f"; signed there, until something is changed: entries {', '.join(map(str, signed))}"
