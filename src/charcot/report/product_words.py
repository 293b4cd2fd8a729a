"""Entries about the product in words: donors, materials, lots, tests, doses and recalls."""

from collections.abc import Mapping, Sequence
from typing import Any

from charcot.ledger import Entry, Kind


def describe_product(entry: Entry) -> str:
    """One line of words for what happened to the product."""
    kind = entry.kind
    if kind.startswith("donor"):
        return _donor(entry)
    if kind.startswith(("material", "equipment")):
        return _supplies(entry)
    if kind.startswith(("dose", "label", "bedside")):
        return _dose(entry)
    if kind is Kind.PRODUCT_ENTRY_ANNULLED:
        return f"said that entry {entry.data['entry']} ({entry.data['was'].replace('_', ' ')}) was entered in error"
    if kind.startswith("recall"):
        return _recall(entry)
    return _lot(entry)


def _donor(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case Kind.DONOR_REGISTERED:
            return f"registered the donor {data['donor']}"
        case Kind.DONOR_RELATED:
            return "recorded the donor's kinship"
        case Kind.DONOR_CONSENTED:
            return f"recorded the donor's consent on form {data['form_version']}"
        case Kind.DONOR_SCREENED:
            return f"screened the donor: {'suitable' if data['suitable'] == 'yes' else 'not suitable'}"
        case Kind.DONOR_TESTED:
            return f"recorded the donor's test {data['test']}: {data['result'].replace('_', ' ')} (sample of {data['sampled_at']})"
        case Kind.DONOR_DECIDED:
            word = {"exception": "eligible by exception"}.get(data["decision"], data["decision"])
            return f"decided that the donor is {word}{_signed(data)}"
        case Kind.DONOR_REACTION_FOLLOWED:
            return f"followed the donor's reaction {data['id']} ({data['severity']}, {data['outcome']}): {data['found']}"
        case _:
            return f"recorded a reaction of the donor ({data['severity']}, {data['outcome']}): {data['description']}"


def _supplies(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case Kind.MATERIAL_RECEIVED:
            return (
                f"received {data['amount']} {data['unit']} of {data['material']}, lot {data['lot_number']} "
                f"of {data['supplier']}, as {data['id']}; expires {data['expires']}"
            )
        case Kind.MATERIAL_JUDGED:
            return f"{data['verdict']} the material lot {data['id']}"
        case Kind.MATERIAL_USED:
            return (
                f"used {data['amount']} of material lot {data['id']} for lot {data['lot']} ({data['step']})"
            )
        case Kind.MATERIAL_RECALLED:
            return f"recalled the material lot {data['id']}"
        case _:
            return f"recorded the calibration of {data['label']} ({data['id']}), due {data['due']}"


def _lot(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case Kind.TISSUE_PROCURED:
            return f"recorded tissue of donor {data['donor']} as {data['node']}, {data['details']['volume_ml']} ml"
        case Kind.STEP_PERFORMED:
            return _step(data)
        case Kind.CELLS_COUNTED:
            return (
                f"counted {data['node']}: {data['viable']} viable of {data['total']} cells ({data['method']})"
            )
        case Kind.VIAL_MOVED:
            return f"moved the vial {data['node']} from {data['from'] or 'an unknown place'} to {data['to']}"
        case Kind.TEST_REQUESTED:
            return f"requested the test {data['test']} ({data['id']}) of {data['node']}"
        case Kind.TEST_RESULTED:
            return f"entered the result of {data['test']} ({data['id']}): {data['value']}, {data['verdict']}"
        case Kind.CYTOMETRY_ANALYSED:
            again = f", version {data['version']}" if data["version"] != "1" else ""
            said = ", ".join(
                f"{one['marker']} {float(one['subtracted'] or 'nan'):.1f} % {one['verdict']}"
                for one in data["markers"]
            )
            return f"analysed flow cytometry of {data['node']} ({data['id']}{again}) from {len(data['files'])} files: {said}"
        case Kind.TEST_REVIEWED:
            return f"reviewed the test {data['test']} ({data['id']}): {data['verdict']}"
        case Kind.PRODUCT_DEVIATION_REPORTED:
            return f"reported the {data['severity']} deviation {data['id']}: {data['description']}"
        case Kind.PRODUCT_DEVIATION_ASSESSED:
            return (
                f"assessed the deviation {data['id']} as {data['severity']}; impact: {data['impact']}; "
                f"root cause: {data['root_cause']}; action: {data['action']}"
            )
        case Kind.PRODUCT_DEVIATION_CLOSED:
            return f"closed the deviation {data['id']}: {data['outcome']}{_signed(data)}"
        case Kind.LOT_CERTIFIED:
            word = {"conditional": "certified the lot conditionally", "rejected": "rejected the lot"}
            pending = f"; pending: {', '.join(data['pending'])}" if data.get("pending") else ""
            return (
                word.get(data["outcome"], "certified the lot")
                + f" by specification {data['specification']}{pending}{_signed(data)}"
            )
        case Kind.LOT_RECALLED:
            return f"recalled the lot ({data['recall']})"
        case _:
            return entry.kind.replace("_", " ")


def _step(data: Mapping[str, Any]) -> str:
    taken: Sequence[Mapping[str, Any]] = data["parents"]
    origin = ", ".join(f"{p['id']} ({p['cells']} cells)" if p.get("cells") else p["id"] for p in taken)
    made = ", ".join(str(c["id"]) for c in data["children"])
    outside = f"; outside limits: {', '.join(data['outside'])}" if data["outside"] else ""
    return (
        f"performed {data['step'].replace('_', ' ')} with {origin}"
        + (f", which made {made}" if made else "")
        + f"; verified by {data['verifier']['person']}{outside}"
    )


def _dose(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case Kind.DOSE_PRESCRIBED:
            return (
                f"prescribed dose {data['dose']} for {data['participant']}: {data['planned']} {data['basis']} cells "
                f"for {data['weight']} kg of {data['weighed_at']}"
            )
        case Kind.DOSE_PREPARED:
            return (
                f"prepared dose {data['dose']} from {data['from']}: {data['cells']} {data['basis']} cells in "
                f"{data['volume_ml']} ml, expires {data['expires_at']}"
            )
        case Kind.LABELS_PRINTED:
            return f"printed {data['copies']} labels of dose {data['dose']}"
        case Kind.LABELS_RECONCILED:
            return f"reconciled the labels of dose {data['dose']}: {data['used']} used, {data['destroyed']} destroyed"
        case Kind.DOSE_ISSUED:
            return f"issued dose {data['dose']} at {data['temperature']} °C"
        case Kind.DOSE_HANDED_OVER:
            return f"handed dose {data['dose']} over to {data['to']['person']} at {data['temperature']} °C"
        case Kind.DOSE_RECEIVED:
            return f"received dose {data['dose']} at {data['temperature']} °C"
        case Kind.BEDSIDE_CHECKED:
            return f"checked wristband {data['wristband']} and bag {data['bag']}, with {data['second']['person']}"
        case Kind.BEDSIDE_REFUSED:
            return (
                f"was refused at the bedside: the {data['wrong']} does not match dose {data['dose']} (scanned: wristband "
                f"{data['wristband']}, bag {data['bag']}), with {data['second']['person']}"
            )
        case Kind.DOSE_INFUSION_CORRECTED:
            return f"corrected the infusion of dose {data['dose']}: {data['given']} cells in {data['volume_ml']} ml"
        case Kind.DOSE_INFUSED:
            return f"gave dose {data['dose']} to {data['participant']}"
        case _:
            return f"{data['what']} dose {data['dose']}, witnessed by {data['witness']['person']}"


def _recall(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case Kind.RECALL_OPENED:
            return f"opened the recall {data['recall']} of {', '.join(data['lots'])}; to be told: {len(data['to_notify'])}"
        case Kind.RECALL_NOTIFIED:
            return f"told {data['whom']} of the recall {data['recall']}: {data['how']}"
        case _:
            return f"closed the recall {data['recall']}: {data['conclusion']}"


def _signed(data: Mapping[str, Any]) -> str:
    signed = data.get("signature")
    return f" (“{signed['meaning']}”, {signed['person']} as {signed['role']})" if signed else ""
