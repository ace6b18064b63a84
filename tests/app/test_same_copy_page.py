"""The page of copies, against Klenty's own numbers asked again over HTTP."""

import http.client
import json
from contextlib import closing
from urllib.parse import quote

RANGE = {"startDate": "2026-08-31T22:00:00Z", "endDate": "2026-10-31T22:59:59.999Z"}
QUERY = {"range": "Custom", "dates": ["2026-09-01", "2026-10-31"], "tz": "Europe/Berlin"}
NAMES = ["Outbound – Heads of RevOps, DACH", "Agencies / UK & Ireland, “mid-market” (50–200)", "Free-trial nudges"]


def options(sandbox, name):
    host = sandbox.base_url.removeprefix("http://")
    with closing(http.client.HTTPConnection(host, timeout=5)) as connection:
        headers = {"x-API-key": sandbox.api_key, "Content-Type": "application/json"}
        body = json.dumps(RANGE | {"cadenceName": name})
        connection.request("POST", f"/apis/v1/user/{quote(sandbox.user)}/stepWiseEngagements", body, headers)
        with connection.getresponse() as answer:
            found = json.loads(answer.read())
    steps = found if isinstance(found, list) else found["data"]
    return [(int(step["stepNumber"]), option) for step in steps for option in step["options"]]


def test_counts_are_klentys_and_only_of_the_same_step(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "ab_tests/Copies", cadence=NAMES, by="Subject", counted="Replies", **QUERY)
    assert "A good list flatters a bad mail" in said(app)
    app.session_state["copies_numbers"] = True
    app.run()
    subject = "Quick question, {{FirstName}}"
    row = app.dataframe[0].value.set_index("copy").loc[subject]
    own, beside = [0, 0], [0, 0]
    for name in NAMES:
        every = options(read_only_sandbox, name)
        for step in {step for step, option in every if option.get("subject") == subject}:
            for number, option in every:
                if number == step:
                    side = own if option.get("subject") == subject else beside
                    side[0] += int(option["replyCount"])
                    side[1] += int(option["mailCount"])
    assert [row["compared_events"], row["compared_emails"]] == own
    assert [row["other_events"], row["other_emails"]] == beside
    assert row["odds_ratio_low"] < row["odds_ratio"] < row["odds_ratio_high"]


def test_nothing_in_common_and_nothing_chosen_say_so(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "ab_tests/Copies", cadence=["Partner referrals"])
    assert "Nothing in common" in said(app)
    app = open_app(
        read_only_sandbox, "ab_tests/Copies", cadence=["Partner referrals", "Empty: not started yet"], by="Subject"
    )
    assert "Nothing in common" in said(app)
    app = open_app(read_only_sandbox, "ab_tests/Copies", counted="Positive replies")
    assert not app.exception
