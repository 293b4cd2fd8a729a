"""Who may open each address of the site: every one has a line here, by the name it has in `web/urls.py`."""

from dataclasses import dataclass

READERS = frozenset(
    ["investigator", "coordinator", "data_manager", "monitor", "gmp_technician", "qualified_person",
     "safety_physician", "safety_board", "statistician", "inspector", "sponsor"]
)  # fmt: skip
PRODUCT_READERS = READERS
"""Who sees the laboratory's record of the product."""
EVERYBODY = READERS | {"administrator"}
ADMINISTRATORS = frozenset(["administrator"])
DELEGATORS = frozenset(["investigator", "sponsor", "administrator"])
WRITERS = frozenset(["investigator", "coordinator", "gmp_technician", "safety_physician"])
SCREENERS = frozenset(["investigator", "coordinator"])
QUERIERS = frozenset(
    ["investigator", "coordinator", "data_manager", "monitor", "gmp_technician", "qualified_person", "safety_physician"]
)  # fmt: skip
"""Who may ask about a form, or answer."""
VERIFIERS = frozenset(["monitor"])
REPORTERS = READERS - {"statistician", "inspector"}
"""Who may report a deviation."""
SIGNERS = frozenset(["investigator", "qualified_person", "safety_physician", "sponsor"])
LOCKERS = frozenset(["data_manager"])
SEE_ALL = frozenset(["safety_physician", "safety_board", "inspector"])
BOARD = frozenset(["safety_board"])
SUBMITTERS = frozenset(["investigator", "safety_physician", "sponsor"])
"""Who may record that a safety report went out."""
"""Who sees every label that the results of the trial in `concealing.py` could rest on."""


@dataclass(frozen=True)
class Address:
    """Who may open an address. `form`: it takes what is sent (POST); `only_form`: nothing else."""

    roles: frozenset[str]
    form: bool = False
    only_form: bool = False
    everybody: bool = False
    """Whether it is open before sign-in."""
    every_site: bool = False
    """Whether it is closed to roles of one site."""
    answers: int = 200


WHO_MAY = {
    "home": Address(EVERYBODY),
    "participants": Address(READERS),
    "participant": Address(READERS),
    "visit": Address(READERS),
    "form": Address(READERS),
    "casebook_file": Address(READERS),
    "casebook_blank": Address(READERS),
    "casebook_annotated": Address(READERS),
    "fill": Address(WRITERS, form=True),
    "judge": Address(WRITERS, form=True, only_form=True),
    "discard": Address(WRITERS, form=True, only_form=True),
    "form_queries": Address(QUERIERS, form=True, only_form=True),
    "form_verification": Address(VERIFIERS, form=True, only_form=True),
    "queries": Address(READERS, form=True),
    "verification": Address(READERS, form=True),
    "attach": Address(WRITERS, form=True),
    "in_error": Address(WRITERS, form=True),
    "reinstate": Address(WRITERS, form=True, answers=404),
    "file": Address(READERS, answers=404),
    "withdraw_file": Address(WRITERS, form=True, answers=404),
    "eligibility": Address(READERS),
    "act": Address(REPORTERS, form=True),
    "screening_log": Address(READERS),
    "missed_visits": Address(READERS),
    "deviations": Address(READERS),
    "withdrawals": Address(READERS),
    "lost_to_follow_up": Address(READERS),
    "new_person": Address(SCREENERS, form=True),
    "signing": Address(SIGNERS),
    "sign": Address(SIGNERS, form=True),
    "locks": Address(READERS),
    "lock": Address(LOCKERS, form=True),
    "unlock": Address(LOCKERS, form=True, answers=404),
    "lock_trial": Address(LOCKERS, form=True, every_site=True),
    "unlock_trial": Address(LOCKERS, form=True, every_site=True, answers=404),
    "lock_receipt": Address(READERS, every_site=True, answers=404),
    "lock_statement": Address(READERS, every_site=True, answers=404),
    "trace": Address(PRODUCT_READERS),
    "label_page": Address(PRODUCT_READERS, answers=404),
    "cytometry": Address(PRODUCT_READERS, answers=404),
    "analyse_cytometry": Address(frozenset(["gmp_technician", "qualified_person"]), form=True, answers=404),
    "cytometry_analysis": Address(PRODUCT_READERS, answers=404),
    "cytometry_file": Address(PRODUCT_READERS, answers=404),
    "cytometry_gates": Address(PRODUCT_READERS, answers=404),
    "certificate": Address(PRODUCT_READERS, answers=404),
    "certificate_file": Address(PRODUCT_READERS, answers=404),
    "product": Address(READERS),
    "donor": Address(READERS, answers=404),
    "materials": Address(PRODUCT_READERS),
    "stock": Address(PRODUCT_READERS),
    "culture_plan": Address(PRODUCT_READERS),
    "lot": Address(PRODUCT_READERS, answers=404),
    "dose": Address(READERS, answers=404),
    "recalls": Address(READERS),
    "product_act": Address(REPORTERS, form=True, answers=404),
    "safety": Address(READERS),
    "boundaries": Address(READERS),
    "safety_report": Address(SEE_ALL, every_site=True),
    "safety_report_file": Address(SEE_ALL, every_site=True),
    "safety_figure": Address(SEE_ALL, every_site=True, answers=404),
    "safety_result": Address(SEE_ALL, every_site=True, answers=404),
    "review_safety": Address(BOARD, form=True),
    "clocks": Address(READERS),
    "judge_result": Address(frozenset(["investigator"]), form=True, answers=404),
    "terms": Address(READERS),
    "load_terms": Address(LOCKERS, form=True),
    "ranges": Address(READERS),
    "set_range": Address(frozenset(["investigator", "data_manager"]), form=True, answers=404),
    "narrative": Address(frozenset(["safety_physician"]), form=True, answers=404),
    "assess_relation": Address(frozenset(["safety_physician"]), form=True, answers=404),
    "cioms": Address(SUBMITTERS, answers=404),
    "submit": Address(SUBMITTERS, form=True, answers=404),
    "results": Address(SEE_ALL, every_site=True),
    "result": Address(SEE_ALL, every_site=True),
    "report": Address(SEE_ALL, every_site=True),
    "report_file": Address(SEE_ALL, every_site=True),
    "figure": Address(SEE_ALL, every_site=True, answers=404),
    "claims": Address(SEE_ALL, every_site=True, answers=404),
    "record": Address(READERS),
    "record_csv": Address(READERS),
    "compare": Address(READERS),
    "cuts": Address(READERS, form=True),
    "look_back": Address(READERS, answers=400),
    "verify": Address(READERS),
    "entry": Address(READERS),
    "sign_in": Address(EVERYBODY, form=True, everybody=True, answers=302),
    "sign_out": Address(EVERYBODY, form=True, only_form=True, everybody=True),
    "go_on": Address(EVERYBODY, answers=302),
    "role": Address(EVERYBODY, form=True, only_form=True),
    "set_password": Address(EVERYBODY, form=True, everybody=True, answers=400),
    "account": Address(EVERYBODY),
    "own_password": Address(EVERYBODY, form=True),
    "second_factor": Address(EVERYBODY, form=True),
    "recovery_codes": Address(EVERYBODY, form=True, only_form=True),
    "people": Address(EVERYBODY),
    "delegation_log": Address(EVERYBODY),
    "roles": Address(EVERYBODY),
    "person": Address(EVERYBODY),
    "delegate": Address(DELEGATORS, form=True),
    "end_delegation": Address(DELEGATORS, form=True),
    "accounts": Address(ADMINISTRATORS, form=True),
    "change_account": Address(ADMINISTRATORS, form=True, only_form=True),
    "sign_ins": Address(ADMINISTRATORS),
    "health": Address(EVERYBODY, everybody=True),
}
ARGUMENTS = {
    "encounter": "unscheduled",
    "item": "nothing",
    "form": "unscheduled_visit",
    "instance": 1,
    "id": "flow.consented",
    "code": "nothing",
    "person": "monitor-1",
    "sequence": 5,
    "attachment": "nothing",
    "name": "nothing",
    "verb": "report_deviation",
    "donor": "nothing",
    "lot": "nothing",
    "dose": "nothing",
    "analysis": "c1",
    "version": 1,
    "number": 1,
    "rule": "emboli",
    "clock": "sponsor",
}
"""What stands in addresses; the participant is of one site, then of the other."""
