"""`charcot trace`: from any node back and forward, in words and as JSON."""

import json
from typing import Any

from running import Charcot, Demo


def test_a_participant_leads_to_their_events_and_a_wrong_name_to_words(demo: Demo, charcot: Charcot) -> None:
    listed = charcot("history", demo.path, "--form", "adverse_event").out
    someone = listed.split(" as ")[1].split("\n")[1].split(":")[0].strip()
    found = json.loads(charcot("trace", demo.path, f"participant/{someone}", "--json").out)
    assert set(found) == {"back", "forward"}
    events = [node["name"] for node in found["forward"]["nodes"] if node["kind"] == "event"]
    assert events and all(name.startswith(f"{someone}/adverse_event/") for name in events)
    assert all(edge["entry"] for edge in found["forward"]["edges"])
    words = charcot("trace", demo.path, someone)
    assert words.status == 0 and "Came of it:" in words.out and events[0] in words.out
    assert found["forward"]["counts"]["event"] == len(events)
    wrong = charcot("trace", demo.path, "nobody")
    assert wrong.status != 0 and "Nothing on the record is called 'nobody'" in wrong.err


def test_an_incubator_of_many_lots_lists_every_lot_dose_and_participant_and_says_what_it_leaves_out(
    demo: Demo, charcot: Charcot
) -> None:
    def ask(*options: str) -> dict[str, Any]:
        forward: dict[str, Any] = json.loads(charcot("trace", demo.path, "INC1", "--json", *options).out)[
            "forward"
        ]
        return forward

    short, whole = ask("--most", "20"), ask()
    assert len(short["nodes"]) == 20 and whole["left_out"] == {"nodes": 0, "edges": 0}
    for one in ("nodes", "edges"):
        assert len(short[one]) + short["left_out"][one] == len(whole[one])
    assert short["counts"] == whole["counts"] and short["concerned"] == whole["concerned"]
    concerned = whole["concerned"]
    people = sorted(node["name"] for node in whole["nodes"] if node["kind"] == "participant")
    assert concerned["participant"] == people and len(concerned["dose"]) == len(people) == 17
    words = charcot("trace", demo.path, "INC1", "--most", "20").out
    assert f"{short['left_out']['nodes']:,} more are not listed here" in words
    assert f"A recall from here is about 17 participants: {', '.join(people)}" in words
    everything = charcot("trace", demo.path, "INC1", "--all").out
    assert "not listed" not in everything and everything.count("\n") > len(whole["nodes"])
