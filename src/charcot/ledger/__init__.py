"""Ledger: entries, their chain and receipts, the `Ledger` port and its form in memory."""

from charcot.ledger.as_of import (
    LedgerAsOf,
    NoSuchMoment,
    PastIsClosed,
    holds_entry,
    last_entry_by,
    view_as_of,
)
from charcot.ledger.canonical import canonical_json
from charcot.ledger.chain import GENESIS, ClockBehind, Fault, Head, Row, check_chain, hash_entry, link, row_of
from charcot.ledger.entry import Actor, Draft, Entry, format_moment
from charcot.ledger.kinds import TRIAL, Kind, name_in, participant_of, participant_subject, subject_of
from charcot.ledger.memory import MemoryLedger
from charcot.ledger.port import Clock, Ledger, PremiseChanged, require_premises
from charcot.ledger.receipt import Receipt, UnreadableReceipt, parse_receipt
from charcot.ledger.values import Absence, Origin, Value
from charcot.ledger.vault import MemoryVault, Vault, seal, unseal

__all__ = [
    "GENESIS",
    "TRIAL",
    "Absence",
    "Actor",
    "Clock",
    "ClockBehind",
    "Draft",
    "Entry",
    "Fault",
    "Head",
    "Kind",
    "Ledger",
    "LedgerAsOf",
    "MemoryLedger",
    "MemoryVault",
    "NoSuchMoment",
    "Origin",
    "PastIsClosed",
    "PremiseChanged",
    "Receipt",
    "Row",
    "UnreadableReceipt",
    "Value",
    "Vault",
    "canonical_json",
    "check_chain",
    "format_moment",
    "hash_entry",
    "holds_entry",
    "last_entry_by",
    "link",
    "name_in",
    "parse_receipt",
    "participant_of",
    "participant_subject",
    "require_premises",
    "row_of",
    "seal",
    "subject_of",
    "unseal",
    "view_as_of",
]
