"""The metric registry: what every number is called, how it is formed, and how it is written.

Cards, axes, tooltips, CSV headers and the definitions sheet read it, so a number has one meaning everywhere.
Rates are fractions (0.03, not 3) and come from counts; Klenty's own rounded percents are never used.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

Kind = Literal["count", "rate", "per", "derived"]
Per = Literal["contacted", "email"]
Table = Literal["engagements", "steps", "options"]

NOT_REPORTED: Final = "not reported"
NO_RATE: Final = "–"
FIRST_STEP: Final = "first-step emails"

_EVERYWHERE: Final[tuple[Table, ...]] = ("engagements", "steps", "options")
_ENGAGEMENTS: Final[tuple[Table, ...]] = ("engagements",)
_STEPS: Final[tuple[Table, ...]] = ("steps",)


@dataclass(frozen=True)
class Metric:
    """One metric.

    `numerator` and `denominator` name columns of the tidy frames, joined by " + " where they are sums; both are
    None for counts and what is derived. `kind` is "count", "rate" (a share, written in %), "per" (events per email,
    which may exceed 1) or "derived" (a place, a word, a running sum). `additive` tells whether adjacent windows may
    be added: counts of people may not. `tables` are the tidy frames that hold it. `of` is what a share is of, in words;
    `basis` the words for what is no share; `short` a label where the base is named next to it. `help` is what has to be
    known of it, which an account may disprove (`caveat`).
    """

    key: str
    label: str
    formula: str
    kind: Kind
    unit: str
    tables: tuple[Table, ...]
    numerator: str | None = None
    denominator: str | None = None
    of: str = ""
    additive: bool = False
    lower_is_better: bool = False
    help: str = ""
    basis: str = ""
    short: str = ""
    caveat: "Caveat | None" = None

    @property
    def base_label(self) -> str:
        """What it is formed over, in words: "of emails sent", "per positive reply"."""
        return f"of {self.of}" if self.of else self.basis

    @property
    def axis_title(self) -> str:
        """The title of an axis with this metric on it: label, and unit or base."""
        if self.kind == "count":
            return self.label if self.unit in self.label.lower() else f"{self.label} ({self.unit})"
        return f"{self.short or self.label} ({self.base_label})" if self.kind == "rate" else self.label

    @property
    def columns(self) -> tuple[str, ...]:
        """The count columns that the metric is formed from; a count is formed from itself."""
        if self.numerator is None or self.denominator is None:
            return (self.key,)
        return (*self.numerator.split(" + "), *self.denominator.split(" + "))


@dataclass(frozen=True)
class Caveat:
    """What has to be known of a metric until an account disproves it, and what is known then."""

    text: str
    is_disproved: Callable[[AccountFacts], bool]
    instead: str


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


def _people(key: str, label: str, formula: str, tables: tuple[Table, ...] = _ENGAGEMENTS, **more: str) -> Metric:
    return Metric(key, label, formula, "count", "prospects", tables, help=more.get("note", ""))


_COUNTS = (
    _people(
        "prospects_added",
        "Prospects added",
        "Prospects added to the cadence in the range.",
        note="Those added need not be those contacted or replying in the same range, so no rate is based on it.",
    ),
    replace(
        _people("in_cadence_now", "In cadence now", "Prospects in the cadence at the moment of the answer."),
        help=_PRESENT_STATE.text,
        caveat=_PRESENT_STATE,
    ),
    _people(
        "completed",
        "Completed",
        "Prospects who completed the cadence without a reply; in step tables, prospects who completed the step.",
        ("engagements", "steps"),
    ),
    _people(
        "contacted",
        "Prospects contacted",
        "Prospects contacted in the range as Klenty reports them, else the emails of the first email step.",
        note="Data tables name the source in contacted_source.",
    ),
    Metric(
        "emails_sent",
        "Emails sent",
        "Emails sent in the range as Klenty reports them, else the sum over the steps.",
        "count",
        "emails",
        _EVERYWHERE,
        additive=True,
        help="Data tables name the source in emails_sent_source.",
    ),
    Metric(
        "opens",
        "Opens",
        "All opens, repeated ones included.",
        "count",
        "events",
        _EVERYWHERE,
        additive=True,
        help="Inflated by privacy proxies and scanners; one email can be opened many times. Not a count of people.",
    ),
    Metric(
        "clicks",
        "Clicks",
        "All link clicks, repeated ones included.",
        "count",
        "events",
        _EVERYWHERE,
        additive=True,
        help="Link scanners click too. Not a count of people.",
    ),
    Metric(
        "replies",
        "Replies",
        "All replies received in the range.",
        "count",
        "replies",
        _EVERYWHERE,
        additive=True,
        help="Replies are found about half an hour late and keep arriving for days; a person may reply twice.",
    ),
    Metric(
        "positive_replies",
        "Positive replies",
        "Replies marked as positive.",
        "count",
        "replies",
        _EVERYWHERE,
        additive=True,
        help="Someone or something has to mark a reply; unmarked ones are in neither class.",
    ),
    Metric(
        "negative_replies",
        "Negative replies",
        "Replies marked as negative.",
        "count",
        "replies",
        _EVERYWHERE,
        additive=True,
        lower_is_better=True,
    ),
    Metric(
        "unmarked_replies",
        "Unmarked replies",
        "Replies − positive − negative; empty unless all three are reported.",
        "count",
        "replies",
        _ENGAGEMENTS,
        additive=True,
        help="Below zero when more replies are marked than were received in the range.",
    ),
    Metric(
        "unsubscribes",
        "Unsubscribed",
        "Prospects who unsubscribed in the range.",
        "count",
        "prospects",
        _ENGAGEMENTS,
        lower_is_better=True,
        help="Spam complaints are not in Klenty's data.",
    ),
    Metric(
        "bounces",
        "Bounced",
        "Prospects whose email bounced in the range.",
        "count",
        "prospects",
        _ENGAGEMENTS,
        lower_is_better=True,
    ),
    Metric("tasks", "Tasks", "Tasks scheduled in a task step.", "count", "tasks", _STEPS, additive=True),
    Metric("calls", "Calls", "Calls scheduled in a call step.", "count", "calls", _STEPS, additive=True),
    Metric(
        "completed_calls",
        "Completed calls",
        "As Klenty reports it for a call step.",
        "count",
        "as reported",
        _STEPS,
        help="Klenty's document calls it a percentage in one place and a count in another; nothing is computed "
        "from it.",
    ),
)

_RATES = (
    Metric(
        "reply_rate",
        "Reply rate",
        "Replies ÷ emails sent.",
        "rate",
        "replies per email",
        _EVERYWHERE,
        "replies",
        "emails_sent",
        "emails sent",
        help=_OVER_100.text,
        caveat=_OVER_100,
    ),
    Metric(
        "reply_rate_contacted",
        "Reply rate of contacted",
        "Replies ÷ prospects contacted.",
        "rate",
        "replies per prospect",
        _ENGAGEMENTS,
        "replies",
        "contacted",
        "prospects contacted",
        help=_OVER_100.text,
        caveat=_OVER_100,
        short="Reply rate",
    ),
    Metric(
        "positive_reply_rate",
        "Positive reply rate",
        "Positive replies ÷ emails sent.",
        "rate",
        "replies per email",
        _EVERYWHERE,
        "positive_replies",
        "emails_sent",
        "emails sent",
        help="Unmarked replies count as not positive.",
    ),
    Metric(
        "positive_reply_rate_contacted",
        "Positive reply rate of contacted",
        "Positive replies ÷ prospects contacted.",
        "rate",
        "replies per prospect",
        _ENGAGEMENTS,
        "positive_replies",
        "contacted",
        "prospects contacted",
        help="Unmarked replies count as not positive.",
        short="Positive reply rate",
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "Bounced prospects ÷ prospects contacted.",
        "rate",
        "prospects",
        _ENGAGEMENTS,
        "bounces",
        "contacted",
        "prospects contacted",
        lower_is_better=True,
    ),
    Metric(
        "bounce_rate_sent",
        "Bounce rate of emails sent",
        "Bounced prospects ÷ emails sent.",
        "rate",
        "prospects per email",
        _ENGAGEMENTS,
        "bounces",
        "emails_sent",
        "emails sent",
        lower_is_better=True,
        short="Bounce rate",
    ),
    Metric(
        "unsubscribe_rate",
        "Unsubscribe rate",
        "Unsubscribed prospects ÷ prospects contacted.",
        "rate",
        "prospects",
        _ENGAGEMENTS,
        "unsubscribes",
        "contacted",
        "prospects contacted",
        lower_is_better=True,
    ),
    Metric(
        "unsubscribe_rate_sent",
        "Unsubscribe rate of emails sent",
        "Unsubscribed prospects ÷ emails sent.",
        "rate",
        "prospects per email",
        _ENGAGEMENTS,
        "unsubscribes",
        "emails_sent",
        "emails sent",
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
    Metric(
        "positive_share",
        "Positive of marked replies",
        "Positive ÷ (positive + negative) replies.",
        "rate",
        "replies",
        _EVERYWHERE,
        "positive_replies",
        "positive_replies + negative_replies",
        "marked replies",
        help="Says nothing of unmarked replies; read it beside the share of replies marked.",
        short="Positive",
    ),
    Metric(
        "positive_of_replies",
        "Positive of all replies",
        "Positive replies ÷ replies.",
        "rate",
        "replies",
        _EVERYWHERE,
        "positive_replies",
        "replies",
        "replies",
        help="Unmarked replies count as not positive.",
        short="Positive",
    ),
    Metric(
        "negative_of_replies",
        "Negative of all replies",
        "Negative replies ÷ replies.",
        "rate",
        "replies",
        (),
        "negative_replies",
        "replies",
        "replies",
        lower_is_better=True,
        help="Unmarked replies count as not negative.",
        short="Negative",
    ),
    Metric(
        "sentiment_coverage",
        "Replies marked",
        "(Positive + negative) ÷ replies.",
        "rate",
        "replies",
        _EVERYWHERE,
        "positive_replies + negative_replies",
        "replies",
        "replies",
        help="Above 100 % when replies received before the range were marked in it.",
    ),
)

# What a ranking adds (analysis.ranking); formed from all rows of a table, so no row can form it alone.
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
        "“above average”: surely (95 %) at least a tenth above the average of those ranked; “below average”: at least "
        "a tenth below it; else “average, or not known yet”.",
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

# What the steps before add to a step (analysis.step_value).
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

# The same copy in several cadences (analysis.same_copy): a table of its own.
_SAME_COPY = (
    Metric(
        "odds_ratio",
        "Odds ratio",
        "Odds of an event per email of this copy ÷ odds of the options beside it, pooled over the steps compared "
        "(Mantel–Haenszel).",
        "derived",
        "ratio",
        (),
        of="the options beside it",
        help="1 is no difference. At rates of a few per cent it nearly says how many times as often it is answered.",
    ),
    Metric(
        "odds_ratio_low",
        "Odds ratio from",
        "Lower end of the odds ratio's 95 % interval (Robins, Breslow and Greenland).",
        "derived",
        "ratio",
        (),
        of="the options beside it",
        help="For looking at once.",
    ),
    Metric(
        "odds_ratio_high",
        "Odds ratio to",
        "Upper end of the odds ratio's 95 % interval.",
        "derived",
        "ratio",
        (),
        of="the options beside it",
        help="For looking at once.",
    ),
    Metric(
        "risk_ratio",
        "Rate ratio",
        "Rate of this copy ÷ rate of the options beside it, pooled over the steps compared (Mantel–Haenszel).",
        "derived",
        "ratio",
        (),
        of="the options beside it",
    ),
    Metric(
        "strata",
        "Steps compared",
        "Steps of cadences in which another copy was sent beside this one.",
        "derived",
        "steps",
        (),
        basis="compared",
    ),
)

METRICS: Final[dict[str, Metric]] = {
    metric.key: metric for metric in (*_COUNTS, *_RATES, *_RANKING, *_STEP_VALUE, *_SAME_COPY)
}

# The two denominators that Klenty's data offer, as they are called on pages and on the command line.
DENOMINATORS: Final[dict[Per, str]] = {"contacted": "contacted", "email": "emails_sent"}
PER_LABELS: Final[dict[Per, str]] = {"contacted": "prospect contacted", "email": "email sent"}


def rate_per(metric: str, per: Per) -> str:
    """Return the rate with the numerator of `metric` over the chosen denominator; `metric` itself where there is no
    other."""
    known = METRICS[metric]
    if known.denominator not in DENOMINATORS.values():
        return metric
    wanted = (known.numerator, DENOMINATORS[per])
    return next((rate.key for rate in _RATES if (rate.numerator, rate.denominator) == wanted), metric)


def rates_of(table: Table) -> tuple[Metric, ...]:
    """Return the rates that a tidy frame carries, in the order of their columns."""
    return tuple(metric for metric in _RATES if table in metric.tables)


def events_and_trials(frame: pd.DataFrame, metric: Metric) -> tuple[pd.Series, pd.Series]:
    """Return numerator and denominator of a rate for every row (Int64; empty where a part is missing)."""
    return _added(frame, metric.numerator or metric.key), _added(frame, metric.denominator or "")


def with_rates(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` with the registry's rates of `table` as further columns (Float64, fractions).

    A missing count or an empty denominator gives an empty rate; a rate above 1 is kept as it is.
    """
    rates = {metric.key: ratio(*events_and_trials(frame, metric)) for metric in rates_of(table)}
    return frame.assign(**rates)


def _added(frame: pd.DataFrame, columns: str) -> pd.Series:
    total = pd.Series(0, index=frame.index, dtype="Int64")
    for column in columns.split(" + "):
        part = frame[column].astype("Int64") if column in frame else pd.Series(pd.NA, frame.index, dtype="Int64")
        total = total + part
    return total


def ratio(events: pd.Series, trials: pd.Series) -> pd.Series:
    """Return events ÷ trials (Float64); empty where a count is missing or there is nothing to divide by."""
    usable = trials.mask((trials <= 0).fillna(value=True))
    return (events / usable).astype("Float64")


def help_of(metric: Metric, facts: AccountFacts = NOTHING_SETTLED) -> str:
    """Return what has to be known of a metric, without what the account has disproved."""
    caveat = metric.caveat
    return caveat.instead if caveat is not None and caveat.is_disproved(facts) else metric.help


def in_account(metric: Metric, facts: AccountFacts = NOTHING_SETTLED) -> Metric:
    """Return the metric as the account has shown it to be: its label, formula and help without what is disproved."""
    known = replace(metric, help=help_of(metric, facts))
    if metric.key == "in_cadence_now" and facts.in_cadence_is_now is False:
        return replace(
            known, label="In cadence", formula="Prospects in the cadence, as Klenty counts them for the range."
        )
    return known


def definitions(facts: AccountFacts = NOTHING_SETTLED) -> pd.DataFrame:
    """Return the definitions sheet: one row per metric, columns metric, label, formula, numerator, denominator, unit,
    adds_up (may adjacent ranges be added: yes or no; as the account has shown where it has), note."""
    rows = [
        {
            "metric": metric.key,
            "label": metric.label,
            "formula": metric.formula,
            "numerator": metric.numerator,
            "denominator": metric.denominator,
            "unit": metric.unit,
            "adds_up": "yes" if facts.additive.get(metric.key, metric.additive) else "no",
            "note": metric.help,
        }
        for metric in (in_account(known, facts) for known in METRICS.values())
    ]
    return pd.DataFrame(rows).astype("string")


def as_int(value: object) -> int | None:
    """Return a count as an int, or None for anything that stands for "not reported"."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return int(value)  # type: ignore[call-overload, no-any-return]


def format_count(value: object) -> str:
    """Return a count as people read it: "1,234", or "not reported"."""
    number = as_int(value)
    return NOT_REPORTED if number is None else f"{number:,}".replace("-", "−")


def format_percent(fraction: float) -> str:
    """Return a fraction in per cent, with more digits where one would hide it: "3.0 %", "0.25 %", "< 0.01 %"."""
    percent = 100 * fraction
    if 0 < percent < 0.005:
        return "< 0.01 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    return f"{percent:.2f} %" if 0 < percent < 0.995 else f"{percent:,.1f} %"


def format_value(value: object, metric: Metric | str) -> str:
    """Return a metric's value without its counts: "3.0 %", "1.35", "1,234"; "–" for an empty rate."""
    known = METRICS[metric] if isinstance(metric, str) else metric
    if known.kind == "count":
        return format_count(value)
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return NO_RATE
    number = float(value)  # type: ignore[arg-type]
    return format_percent(number) if known.kind == "rate" else f"{number:,.2f}"


def denominator_label(metric: Metric, sources: Iterable[object] = ()) -> str:
    """Return what a rate is of: "emails sent".

    `sources` are the `contacted_source` of the rows that form it: first-step emails used in place of prospects
    contacted are called what they are.
    """
    label = metric.of or metric.basis
    if metric.denominator != "contacted":
        return label
    stand_in = {source == "first_email_step" for source in sources if not pd.isna(source)}  # type: ignore[call-overload]
    if True not in stand_in:
        return label
    return FIRST_STEP if len(stand_in) == 1 else f"{label}, or {FIRST_STEP}"


def format_rate(events: object, trials: object, metric: Metric | str, *, base: bool | str = False) -> str:
    """Return a rate with its counts: "3.0 % (6 of 200)", "1.35 per email (270 opens, 200 emails)".

    With `base` it says of what, in the registry's words or those given (`denominator_label`): "3.0 % (6 of 200
    emails sent)".
    "not reported" when a count is missing, "– (0 of 0)" when the denominator is empty.

    Args:
        events: the numerator; empty when not reported.
        trials: the denominator; empty when not reported.
        metric: or its key.
        base: whether to say what it is of, or the words for it.
    """
    known = METRICS[metric] if isinstance(metric, str) else metric
    upper, lower = as_int(events), as_int(trials)
    if upper is None or lower is None:
        return NOT_REPORTED
    counts = f"{format_count(upper)} of {format_count(lower)}"
    if base:
        counts = f"{counts} {base if isinstance(base, str) else denominator_label(known)}"
    if known.kind == "per":
        counts = f"{format_count(upper)} {known.numerator}, {format_count(lower)} emails"
    if lower <= 0:
        return f"{NO_RATE} ({counts})"
    suffix = " per email" if known.kind == "per" else ""
    return f"{format_value(upper / lower, known)}{suffix} ({counts})"
