"""The metric registry: what every number is called, and how it is formed.

Cards, axes, tooltips, CSV headers and the definitions sheet read it, so a number has one meaning everywhere.
"""

from typing import Any, Final

from dashboard.analysis.metrics.metric import Caveat, Metric, Per, Table

_EVERYWHERE: Final[tuple[Table, ...]] = ("engagements", "steps", "options")
_ENGAGEMENTS: Final[tuple[Table, ...]] = ("engagements",)
_STEPS: Final[tuple[Table, ...]] = ("steps",)
_NOWHERE: Final[tuple[Table, ...]] = ()

_OVER_100 = Caveat(
    "Can exceed 100 % in a short range, where replies belong to emails sent before it.",
    lambda facts: not facts.events_of_earlier_emails,
    "Replies count on the date of their email.",
)
_PRESENT_STATE = Caveat(
    "It is the present state, whatever the range.",
    lambda facts: facts.in_cadence_is_now is False,
    "In this account it changes with the range, although it is documented as the present state.",
)


_BASES: Final = {
    "emails_sent": "emails sent",
    "contacted": "prospects contacted",
    "replies": "replies",
    "positive_replies + negative_replies": "marked replies",
}


def _count(key: str, label: str, formula: str, unit: str, tables: tuple[Table, ...], **more: Any) -> Metric:
    return Metric(key, label, formula, "count", unit, tables, **more)


def _rate(
    key: str, label: str, formula: str, unit: str, tables: tuple[Table, ...], events: str, trials: str, **more: Any
) -> Metric:
    return Metric(key, label, formula, "rate", unit, tables, events, trials, _BASES[trials], **more)


# Counts as Klenty reports them.
_COUNTS = (
    _count(
        "prospects_added",
        "Prospects added",
        "Prospects added to the cadence in the range.",
        "prospects",
        _ENGAGEMENTS,
        help="Those added need not be those contacted or replying in the same range, so no rate is based on it.",
    ),
    _count(
        "in_cadence_now",
        "In cadence now",
        "Prospects in the cadence at the moment of the answer.",
        "prospects",
        _ENGAGEMENTS,
        help=_PRESENT_STATE.text,
        caveat=_PRESENT_STATE,
    ),
    _count(
        "completed",
        "Completed",
        "Prospects who completed the cadence without a reply; in step tables, prospects who completed the step.",
        "prospects",
        ("engagements", "steps"),
    ),
    _count(
        "contacted",
        "Prospects contacted",
        "Prospects contacted in the range as Klenty reports them, else the emails of the first email step.",
        "prospects",
        _ENGAGEMENTS,
        help="Data tables name the source in contacted_source.",
    ),
    _count(
        "emails_sent",
        "Emails sent",
        "Emails sent in the range as Klenty reports them, else the sum over the steps.",
        "emails",
        _EVERYWHERE,
        additive=True,
        help="Data tables name the source in emails_sent_source.",
    ),
    _count(
        "opens",
        "Opens",
        "All opens, repeated ones included.",
        "events",
        _EVERYWHERE,
        additive=True,
        help="Inflated by privacy proxies and scanners; one email can be opened many times. Not a count of people.",
    ),
    _count(
        "clicks",
        "Clicks",
        "All link clicks, repeated ones included.",
        "events",
        _EVERYWHERE,
        additive=True,
        help="Link scanners click too. Not a count of people.",
    ),
    _count(
        "replies",
        "Replies",
        "All replies received in the range.",
        "replies",
        _EVERYWHERE,
        additive=True,
        help="Replies are found about half an hour late and keep arriving for days; a person may reply twice.",
    ),
    _count(
        "positive_replies",
        "Positive replies",
        "Replies marked as positive.",
        "replies",
        _EVERYWHERE,
        additive=True,
        help="Someone or something has to mark a reply; unmarked ones are in neither class.",
    ),
    _count(
        "negative_replies",
        "Negative replies",
        "Replies marked as negative.",
        "replies",
        _EVERYWHERE,
        additive=True,
        lower_is_better=True,
    ),
    _count(
        "unmarked_replies",
        "Unmarked replies",
        "Replies − positive − negative; empty unless all three are reported.",
        "replies",
        _ENGAGEMENTS,
        additive=True,
        help="Below zero when more replies are marked than were received in the range.",
    ),
    _count(
        "unsubscribes",
        "Unsubscribed",
        "Prospects who unsubscribed in the range.",
        "prospects",
        _ENGAGEMENTS,
        lower_is_better=True,
        help="Spam complaints are not in Klenty's data.",
    ),
    _count(
        "bounces",
        "Bounced",
        "Prospects whose email bounced in the range.",
        "prospects",
        _ENGAGEMENTS,
        lower_is_better=True,
    ),
    _count("tasks", "Tasks", "Tasks scheduled in a task step.", "tasks", _STEPS, additive=True),
    _count("calls", "Calls", "Calls scheduled in a call step.", "calls", _STEPS, additive=True),
    _count(
        "completed_calls",
        "Completed calls",
        "As Klenty reports it for a call step.",
        "as reported",
        _STEPS,
        help="Klenty's document calls it a percentage in one place and a count in another; nothing is computed from "
        "it.",
    ),
)

# What is formed from two counts of a row.
RATES: Final = (
    _rate(
        "reply_rate",
        "Reply rate",
        "Replies ÷ emails sent.",
        "replies per email",
        _EVERYWHERE,
        "replies",
        "emails_sent",
        help=_OVER_100.text,
        caveat=_OVER_100,
    ),
    _rate(
        "reply_rate_contacted",
        "Reply rate of contacted",
        "Replies ÷ prospects contacted.",
        "replies per prospect",
        _ENGAGEMENTS,
        "replies",
        "contacted",
        short="Reply rate",
        help=_OVER_100.text,
        caveat=_OVER_100,
    ),
    _rate(
        "positive_reply_rate",
        "Positive reply rate",
        "Positive replies ÷ emails sent.",
        "replies per email",
        _EVERYWHERE,
        "positive_replies",
        "emails_sent",
        help="Unmarked replies count as not positive.",
    ),
    _rate(
        "positive_reply_rate_contacted",
        "Positive reply rate of contacted",
        "Positive replies ÷ prospects contacted.",
        "replies per prospect",
        _ENGAGEMENTS,
        "positive_replies",
        "contacted",
        short="Positive reply rate",
        help="Unmarked replies count as not positive.",
    ),
    _rate(
        "bounce_rate",
        "Bounce rate",
        "Bounced prospects ÷ prospects contacted.",
        "prospects",
        _ENGAGEMENTS,
        "bounces",
        "contacted",
        lower_is_better=True,
    ),
    _rate(
        "bounce_rate_sent",
        "Bounce rate of emails sent",
        "Bounced prospects ÷ emails sent.",
        "prospects per email",
        _ENGAGEMENTS,
        "bounces",
        "emails_sent",
        lower_is_better=True,
        short="Bounce rate",
    ),
    _rate(
        "unsubscribe_rate",
        "Unsubscribe rate",
        "Unsubscribed prospects ÷ prospects contacted.",
        "prospects",
        _ENGAGEMENTS,
        "unsubscribes",
        "contacted",
        lower_is_better=True,
    ),
    _rate(
        "unsubscribe_rate_sent",
        "Unsubscribe rate of emails sent",
        "Unsubscribed prospects ÷ emails sent.",
        "prospects per email",
        _ENGAGEMENTS,
        "unsubscribes",
        "emails_sent",
        lower_is_better=True,
        short="Unsubscribe rate",
    ),
    Metric(
        "opens_per_email",
        "Opens per email",
        "Opens ÷ emails sent.",
        "per",
        "opens per email",
        _EVERYWHERE,
        "opens",
        "emails_sent",
        basis="per email sent",
        help="Opens are counted each time, so this is no share of people and can exceed 1.",
    ),
    Metric(
        "clicks_per_email",
        "Clicks per email",
        "Clicks ÷ emails sent.",
        "per",
        "clicks per email",
        _EVERYWHERE,
        "clicks",
        "emails_sent",
        basis="per email sent",
        help="Clicks are counted each time, so this is no share of people and can exceed 1.",
    ),
    _rate(
        "positive_share",
        "Positive of marked replies",
        "Positive ÷ (positive + negative) replies.",
        "replies",
        _EVERYWHERE,
        "positive_replies",
        "positive_replies + negative_replies",
        short="Positive",
        help="Says nothing of unmarked replies; read it beside the share of replies marked.",
    ),
    _rate(
        "positive_of_replies",
        "Positive of all replies",
        "Positive replies ÷ replies.",
        "replies",
        _EVERYWHERE,
        "positive_replies",
        "replies",
        short="Positive",
        help="Unmarked replies count as not positive.",
    ),
    _rate(
        "negative_of_replies",
        "Negative of all replies",
        "Negative replies ÷ replies.",
        "replies",
        _NOWHERE,
        "negative_replies",
        "replies",
        lower_is_better=True,
        short="Negative",
        help="Unmarked replies count as not negative.",
    ),
    _rate(
        "sentiment_coverage",
        "Replies marked",
        "(Positive + negative) ÷ replies.",
        "replies",
        _EVERYWHERE,
        "positive_replies + negative_replies",
        "replies",
        help="Above 100 % when replies received before the range were marked in it.",
    ),
)

# What a ranking adds (performance.ranking); formed from all rows of a table, so no row can form it alone.
_RANKING = (
    Metric(
        "score",
        "Score",
        "(K + replies) ÷ (K ÷ m + base): the reply rate, drawn towards the average m by the weight of K replies.",
        "rate",
        "replies per base",
        _ENGAGEMENTS,
        basis="drawn towards the average",
        help="What the counts support: a cadence with few of them stands near the average until it has more. K and m "
        "are estimated from all cadences of the table. The base is that of the rates.",
    ),
    Metric(
        "score_low",
        "Score from",
        "Lower end of the score's 95 % interval (about 80 % under five rows): what is proven so far.",
        "rate",
        "replies per base",
        _ENGAGEMENTS,
        basis="drawn towards the average",
    ),
    Metric(
        "score_high",
        "Score to",
        "Upper end of the score's 95 % interval (about 80 % under five rows).",
        "rate",
        "replies per base",
        _ENGAGEMENTS,
        basis="drawn towards the average",
    ),
    Metric(
        "position",
        "Place",
        "1 for the highest score.",
        "derived",
        "place",
        _ENGAGEMENTS,
        of="those ranked",
        help="Where intervals overlap, the order may be chance. People were not assigned to cadences at random.",
    ),
    Metric(
        "standing",
        "Against the average",
        "“above average”: surely (95 %) at least a tenth above the average of those ranked; “below average”: at "
        "least a tenth below it; else “average, or not known yet”.",
        "derived",
        "words",
        _ENGAGEMENTS,
        of="those ranked",
        help="It says how the numbers stand, not why: cadences differ in whom they write to.",
    ),
    Metric(
        "ranked_by",
        "Ranked by",
        "The rate that score, place and change are of.",
        "derived",
        "words",
        _ENGAGEMENTS,
        of="those ranked",
        help="The choice “Rates per” decides it.",
    ),
)

# What the steps before add to a step (performance.step_value).
_STEP_VALUE = (
    Metric(
        "emails_so_far",
        "Emails so far",
        "Emails of this step and of all steps before it.",
        "derived",
        "emails",
        _STEPS,
        of="the steps so far",
        help="Empty from the first step on that did not report its count.",
    ),
    Metric(
        "positive_replies_so_far",
        "Positive replies so far",
        "Positive replies to this step and to all steps before it.",
        "derived",
        "replies",
        _STEPS,
        of="the steps so far",
        help="Empty from the first step on that did not report its count.",
    ),
    Metric(
        "emails_per_positive_reply",
        "Emails per positive reply",
        "Emails ÷ positive replies of this step.",
        "derived",
        "emails per reply",
        _STEPS,
        "emails_sent",
        "positive_replies",
        basis="per positive reply",
        help="Empty where no positive reply came.",
    ),
    Metric(
        "emails_per_positive_reply_low",
        "Emails per positive reply, at least",
        "1 ÷ upper end of the 95 % Wilson interval of positive replies ÷ emails.",
        "derived",
        "emails per reply",
        _STEPS,
        basis="per positive reply",
    ),
    Metric(
        "emails_per_positive_reply_high",
        "Emails per positive reply, at most",
        "1 ÷ lower end of the 95 % Wilson interval of positive replies ÷ emails.",
        "derived",
        "emails per reply",
        _STEPS,
        basis="per positive reply",
        help="Empty where no positive reply came: then there may be none.",
    ),
)

# The same copy in several cadences (ab_tests.same_copy): a table of its own.
_SAME_COPY = (
    Metric(
        "odds_ratio",
        "Odds ratio",
        "Odds of an event per email of this copy ÷ odds of the options beside it, pooled over the steps compared "
        "(Mantel–Haenszel).",
        "derived",
        "ratio",
        _NOWHERE,
        of="the options beside it",
        help="1 is no difference. At rates of a few per cent it nearly says how many times as often it is answered.",
    ),
    Metric(
        "odds_ratio_low",
        "Odds ratio from",
        "Lower end of the odds ratio's 95 % interval (Robins, Breslow and Greenland).",
        "derived",
        "ratio",
        _NOWHERE,
        of="the options beside it",
        help="For looking at once.",
    ),
    Metric(
        "odds_ratio_high",
        "Odds ratio to",
        "Upper end of the odds ratio's 95 % interval.",
        "derived",
        "ratio",
        _NOWHERE,
        of="the options beside it",
        help="For looking at once.",
    ),
    Metric(
        "risk_ratio",
        "Rate ratio",
        "Rate of this copy ÷ rate of the options beside it, pooled over the steps compared (Mantel–Haenszel).",
        "derived",
        "ratio",
        _NOWHERE,
        of="the options beside it",
    ),
    Metric(
        "strata",
        "Steps compared",
        "Steps of cadences in which another copy was sent beside this one.",
        "derived",
        "steps",
        _NOWHERE,
        basis="compared",
    ),
)

METRICS: Final[dict[str, Metric]] = {
    metric.key: metric for metric in (*_COUNTS, *RATES, *_RANKING, *_STEP_VALUE, *_SAME_COPY)
}

# The two denominators that Klenty's data offer, as they are called on pages and on the command line.
DENOMINATORS: Final[dict[Per, str]] = {"contacted": "contacted", "email": "emails_sent"}
PER_LABELS: Final[dict[Per, str]] = {"contacted": "prospect contacted", "email": "email sent"}
