"""The pages of the site and their addresses."""

from django.urls import path

from charcot.web import (
    casebook,
    casebooks,
    claims,
    home,
    participants,
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
    path("safety", safety.safety, name="safety"),
    path("results", results.results, name="results"),
    path("results/<path:id>", results.result, name="result"),
    path("report", results.report, name="report"),
    path("report.html", results.report_file, name="report_file"),
    path("claims", claims.claims, name="claims"),
    path("record", record.record, name="record"),
    path("record/verify", record.verify, name="verify"),
    path("record/<int:sequence>", record.entry, name="entry"),
    path("sign-in", signing_in.sign_in, name="sign_in"),
    path("sign-out", signing_in.sign_out, name="sign_out"),
    path("role", signing_in.role, name="role"),
    path("health", home.health, name="health"),
]
handler400 = "charcot.web.messages.bad_request"
handler403 = "charcot.web.messages.forbidden"
handler404 = "charcot.web.messages.not_found"
handler500 = "charcot.web.messages.broken"
