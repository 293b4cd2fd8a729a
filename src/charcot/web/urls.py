"""The pages of the site and their addresses."""

from django.urls import path

from charcot.web import (
    account,
    accounts,
    acting,
    attaching,
    casebook,
    casebooks,
    claims,
    comparing,
    cuts,
    delegating,
    enrolment,
    filling,
    home,
    looking_back,
    participants,
    people,
    record,
    results,
    safety,
    signing_in,
)

FORM = "participants/<str:participant>/forms/<str:form>/<str:encounter>/<int:instance>"

urlpatterns = [
    path("", home.home, name="home"),
    path("participants", participants.participants, name="participants"),
    path("participants/<str:participant>", participants.participant, name="participant"),
    path("participants/<str:participant>/visits/<str:encounter>", casebook.visit, name="visit"),
    path(FORM, casebook.form, name="form"),
    path("participants/<str:participant>/casebook.pdf", casebooks.participant_casebook, name="casebook_file"),
    path("casebook-blank.pdf", casebooks.paper_casebook, {"kind": "blank"}, name="casebook_blank"),
    path(
        "casebook-annotated.pdf", casebooks.paper_casebook, {"kind": "annotated"}, name="casebook_annotated"
    ),
    path(f"{FORM}/fill", filling.fill, name="fill"),
    path(f"{FORM}/judge", filling.judge, name="judge"),
    path(f"{FORM}/discard", filling.discard, name="discard"),
    path(f"{FORM}/attach", attaching.attach, name="attach"),
    path(f"{FORM}/error", attaching.in_error, name="in_error"),
    path(f"{FORM}/reinstate", attaching.reinstate, name="reinstate"),
    path("participants/<str:participant>/files/<str:attachment>", attaching.file, name="file"),
    path(
        "participants/<str:participant>/files/<str:attachment>/withdraw",
        attaching.withdraw_file,
        name="withdraw_file",
    ),
    path("participants/<str:participant>/eligibility", enrolment.eligibility, name="eligibility"),
    path("participants/<str:participant>/acts/<str:verb>", acting.act, name="act"),
    path("screening/new", acting.new_person, name="new_person"),
    path("safety", safety.safety, name="safety"),
    path("results", results.results, name="results"),
    path("results/<path:id>", results.result, name="result"),
    path("report", results.report, name="report"),
    path("report.html", results.report_file, name="report_file"),
    path("claims", claims.claims, name="claims"),
    path("record", record.record, name="record"),
    path("record.csv", record.record_csv, name="record_csv"),
    path("record/compare", comparing.compare, name="compare"),
    path("look-back", looking_back.look_back, name="look_back"),
    path("record/cuts", cuts.cuts, name="cuts"),
    path("record/verify", record.verify, name="verify"),
    path("record/<int:sequence>", record.entry, name="entry"),
    path("sign-in", signing_in.sign_in, name="sign_in"),
    path("sign-out", signing_in.sign_out, name="sign_out"),
    path("go-on", signing_in.go_on, name="go_on"),
    path("role", signing_in.role, name="role"),
    path("set-password/<str:code>", accounts.set_password, name="set_password"),
    path("account", account.account, name="account"),
    path("account/password", account.password, name="own_password"),
    path("account/second-factor", account.second_factor, name="second_factor"),
    path("account/recovery-codes", account.recovery_codes, name="recovery_codes"),
    path("people", people.people, name="people"),
    path("people/log", people.delegation_log, name="delegation_log"),
    path("people/roles", people.roles, name="roles"),
    path("people/delegate", delegating.delegate, name="delegate"),
    path("people/delegations/<int:sequence>/end", delegating.end, name="end_delegation"),
    path("people/accounts", accounts.accounts, name="accounts"),
    path("people/accounts/<str:person>", accounts.change_account, name="change_account"),
    path("people/sign-ins", people.sign_ins, name="sign_ins"),
    path("people/<str:person>", people.person, name="person"),
    path("health", home.health, name="health"),
]
handler400 = "charcot.web.messages.bad_request"
handler403 = "charcot.web.messages.forbidden"
handler404 = "charcot.web.messages.not_found"
handler500 = "charcot.web.messages.broken"
