"""What an account has disproved is not said; what it has not stays."""

import pytest
from frames_by_hand import engagement, frame

from dashboard.analysis import metrics
from dashboard.analysis.data_quality import reconcile
from dashboard.analysis.data_quality.checks import data_warnings
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

ZEROS = dict.fromkeys(
    ("prospects_added", "in_cadence_now", "completed", "contacted", "emails_sent", "opens", "clicks", "replies",
     "positive_replies", "negative_replies", "unsubscribes", "bounces"),
    0,
)  # fmt: skip
NONE = frame("steps", []), frame("options", [])


def said(counts, facts):
    found = data_warnings(frame("engagements", [engagement("A", **counts)]), *NONE, facts)
    return {warning.code: warning.text for warning in found}


@pytest.mark.parametrize(
    ("answer", "may_be_a_name"), [(None, True), ("zeros", True), ("nothing", False), ("refused", False)]
)
def test_zeros_are_a_wrong_name_only_where_a_wrong_name_gives_zeros(answer, may_be_a_name):
    text = said(ZEROS, AccountFacts(unknown_name=answer))["all_zero"]
    assert ("renamed since" in text) is may_be_a_name


@pytest.mark.parametrize(("answer", "may_be_a_name"), [(None, True), ("nothing", True), ("zeros", False)])
def test_nothing_reported_is_a_wrong_name_only_where_it_gives_nothing(answer, may_be_a_name):
    text = said(dict.fromkeys(ZEROS), AccountFacts(unknown_name=answer))["nothing_reported"]
    assert ("of exactly this name" in text) is may_be_a_name


@pytest.mark.parametrize(("dated_by", "earlier"), [(None, True), ("event", True), ("send", False)])
def test_rates_over_one_are_earlier_emails_only_where_events_have_their_own_date(dated_by, earlier):
    counts = ZEROS | {"emails_sent": 3, "contacted": 3, "replies": 5}
    text = said(counts, AccountFacts(dated_by=dated_by))["rate_over_100"]
    assert ("earlier emails" in text) is earlier
    help_text = metrics.help_of(metrics.METRICS["reply_rate"], AccountFacts(dated_by=dated_by))
    assert ("exceed 100 %" in help_text) is earlier


def test_definitions_follow_the_account():
    usual = metrics.definitions().set_index("metric")
    assert usual.equals(metrics.definitions(NOTHING_SETTLED).set_index("metric"))
    known = metrics.definitions(AccountFacts(additive={"opens": False, "contacted": True})).set_index("metric")
    assert (usual.loc["opens", "adds_up"], known.loc["opens", "adds_up"]) == ("yes", "no")
    assert (usual.loc["contacted", "adds_up"], known.loc["contacted", "adds_up"]) == ("no", "yes")
    assert (known["adds_up"] != usual["adds_up"]).sum() == 2


def test_in_cadence_now_is_said_to_be_now_unless_it_is_not():
    assert "at the moment of the answer" in reconcile.prospects_note()
    assert reconcile.prospects_note(AccountFacts(in_cadence_is_now=True)) == reconcile.prospects_note()
    disproved = reconcile.prospects_note(AccountFacts(in_cadence_is_now=False))
    assert "at the moment of the answer" not in disproved
    assert "Replied stopped" in disproved
