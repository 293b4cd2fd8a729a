"""`charcot trace`: from any node back and forward, in words and as JSON."""

import json

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
    wrong = charcot("trace", demo.path, "nobody")
    assert wrong.status != 0 and "Nothing on the record is called 'nobody'" in wrong.err
