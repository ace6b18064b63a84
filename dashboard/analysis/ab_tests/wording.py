"""What a verdict says to someone who has to decide: plain sentences, the same on the page and in every file."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboard.analysis.ab_tests.experiments import LEAVE_OUT, LONGEST_WAIT, Experiment
from dashboard.analysis.ab_tests.rules import DEFAULTS, Rules
from dashboard.analysis.metrics import METRICS, format_count

_METHOD: Final = """\
Each reply belongs to one of the options. If their mails were equally good, the replies of a day would split as the
mails of the days before it did. The more replies an option gets beyond that, day after day, the stronger the evidence
for it. An option is proven better when the evidence against every other one has reached {evidence:,g}: between equal
options sent side by side that happens in less than {error} of tests, however often you look. If the evidence turns
later, the win is withdrawn. “At least” is the smallest difference that the replies so far do not speak against; the
best guess usually falls later, because a winner is named at a lucky moment.

Assumed is that the options are sent side by side, so that the mails of the last two weeks say which option a reply may
answer to, and that people answer independently. An option that starts late, is paused or gets another share of the
mails is allowed for; the first {leave_out} days after a change of copy are left out. Not covered are colleagues who
answer together, and counts over a whole life: they cannot tell a better option from better days, so nothing is proven
by them. Opens and clicks decide nothing: scanners cause many of them.

A test cannot finish when finding a difference of {lift} with 4 chances in 5 would take over {longest} days at its pace.
Of many tests some win by luck: the table marks the winners that hold over all of them, of which at most one in ten is
no better, on average over many such lists.

The chance to be best and the cost of waiting are for decisions that cannot wait; they prove nothing. They start from
the account's usual rate and from options that usually differ by about a third, so that a few lucky replies do not count
for much. Judged is the step's life since its copy last changed, never the date range of the page."""


def method(rules: Rules) -> list[str]:
    """Return how verdicts are reached, in paragraphs."""
    text = _METHOD.format(
        evidence=rules.evidence,
        error=_error(rules),
        leave_out=LEAVE_OUT,
        longest=LONGEST_WAIT,
        lift=f"+{100 * rules.lift_worth_finding:.0f} %",
    )
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def option_name(option: int | None) -> str:
    """Return an option's letter: 1 is A; beyond 26 the number."""
    if option is None:
        return "–"
    return chr(ord("A") + option - 1) if 1 <= option <= 26 else f"option {option}"


def headline(item: Experiment) -> str:
    """Return what to know first: the verdict, or that an earlier win is withdrawn."""
    return withdrawal(item) or _verdict(item)


def _verdict(item: Experiment) -> str:
    found, name = item.comparison, option_name(item.comparison.leading)
    match found.verdict:
        case "no_data":
            text = f"Nothing to compare yet: {_why_no_data(item)}"
        case "single_option":
            (only,) = [o for o, yes in zip(found.counts.options, found.counts.eligible, strict=True) if yes]
            text = f"Nothing to compare: only {option_name(only)} has mails and {_noun(item)} that can be counted"
        case "too_early":
            more = f"; about {about(found.more_mails)} more mails per option" if found.more_mails else ""
            text = f"Too early, collecting{more}"
        case "winner" if found.proven:
            text = f"{name} wins: {better(item)}"
        case "winner":
            text = f"{name} is ahead by whole-life counts; not proven without daily counts"
        case "no_practical_difference":
            text = "No practical difference, keep either"
        case "leads":
            text = f"{name} leads, not proven: {chance(found.chance)} likely best"
        case _:
            text = "No clear leader"
    return f"{text}."


def withdrawal(item: Experiment) -> str:
    """Return that an option had won and does no longer; empty when none had."""
    found = item.comparison
    if found.withdrawn is None:
        return ""
    turned = found.verdict == "leads" and found.leading != found.withdrawn
    since = f"{option_name(found.leading)} is ahead" if turned else "the options look alike"
    return f"{option_name(found.withdrawn)} had won on {day(found.withdrawn_won_on)}; since then {since}: test anew."


def reason(item: Experiment) -> str:
    """Return why it is this verdict and no other."""
    found = item.comparison
    match found.verdict:
        case "too_early":
            text = _missing(item)
        case "winner" if found.proven:
            text = (
                f"Proven on {day(found.won_on)}: under {_error(found.rules)} chance of error, however often you look, "
                "if the options are sent side by side."
            )
        case "winner":
            text = "Counts over a whole life cannot tell a better option from one that had the better days."
        case "no_practical_difference":
            beyond = "up to a third" if found.rules.practical_ratio == DEFAULTS.practical_ratio else "somewhat larger"
            percent = f"{100 * (found.rules.practical_ratio - 1):.0f} %"
            text = f"By what is known so far alike within {percent}; a difference {beyond} cannot be excluded."
        case "leads":
            text = "Between equal options a lead like this shows on nearly every second day."
        case "no_clear_leader":
            text = f"The {_noun(item)} so far fit equal options as well as different ones."
        case _:
            text = ""
    return f"{_verdict(item)} {text}" if found.withdrawn is not None else text


def better(item: Experiment) -> str:
    """Return how much better the leading option is: what is sure first, the best guess second."""
    found, noun = item.comparison, _noun(item)
    if found.ratio_low is None or found.ratio_high is None:
        return "–"
    guess = f"best guess {change(found.ratio)}"
    rival = f" than {option_name(found.against)}" if found.compared.sum() > 2 else ""
    if found.proven and found.ratio_low > 1:
        return f"at least {change(found.ratio_low, toward=-1)} more {noun}{rival}; {guess}, usually falls later"
    return f"{_range(found.ratio_low, found.ratio_high)} {noun}{rival} by all so far; {guess}"


def _range(low: float, high: float) -> str:
    """Return the interval of a ratio in words, rounded outwards."""
    if math.isinf(high):
        return f"{change(low, toward=-1)} or more" if low > 0 else "anything is possible:"
    return f"{change(low, toward=-1)} to {change(high, toward=1)}"


@dataclass(frozen=True)
class Fact:
    """One figure of a verdict: its label, the number, the note under it, and what it means."""

    label: str
    value: str
    note: str
    help: str


def facts(item: Experiment) -> list[Fact]:
    """Return how much better, how sure, what waiting costs and what is still needed, as far as known."""
    found, noun = item.comparison, _noun(item)
    shown = []
    if found.leading is not None and found.ratio_low is not None and found.ratio_high is not None:
        name = option_name(found.leading)
        shown += [
            Fact(
                "How much better", _range(found.ratio_low, found.ratio_high),
                f"{name} against {option_name(found.against)}; best guess {change(found.ratio)}",
                f"All differences in {noun} per mail that the {noun} so far do not speak against, however often you "
                "look, against the option for which least is sure. The best guess usually falls later.",
            ),
            Fact(
                "Chance to be best", chance(found.chance), name,
                "How often this option would turn out best, by what is known so far. It proves nothing: between equal "
                "options, too, one is ahead.",
            ),
        ]  # fmt: skip
    if found.waiting_cost is not None and found.verdict != "no_practical_difference":
        alone = f"{per_thousand(found.loss or 0.0)} if only {option_name(found.leading)} is kept"
        shown.append(
            Fact(
                "What waiting costs",
                per_thousand(found.waiting_cost),
                f"{noun} in 1,000 mails, while all options run; {alone}",
                f"Expected loss: {noun} missed on average because not every mail is the best option's.",
            )
        )
    if found.more_mails is not None:
        shown.append(
            Fact(
                "Still needed",
                f"about {about(found.more_mails)}" if found.more_mails else "0",
                _needed(item),
                f"To find a difference of +{100 * found.rules.lift_worth_finding:.0f} % with 4 chances in 5.",
            )
        )
    return shown


def _needed(item: Experiment) -> str:
    if not item.comparison.more_mails:
        return "a difference worth finding would have shown by now in 4 of 5 tests"
    if item.finished:
        return "mails per option, but the cadence is finished"
    if item.pace is None:
        return "mails per option; two weeks will show the pace"
    if item.days_needed is None:
        return "mails per option, but one of them stands still"
    average = " (the average so far)" if item.basis == "life" else ""
    return f"mails per option: {duration(item.days_needed)} at {item.pace:.2g} a day{average}"


def suggestion(item: Experiment) -> str:
    """Return what to do next."""
    found, name = item.comparison, option_name(item.comparison.leading)
    match found.verdict:
        case "winner" if found.proven:
            where = "use its copy in the next cadence" if item.finished else "switch the others off in Klenty"
            text = f"Keep {name} and {where}; then test a new idea against it."
        case "winner":
            text = "Have it checked day by day before you switch anything off."
        case "no_practical_difference":
            text = "Keep whichever you like and test something bolder: another offer, another opening, half the length."
        case "no_data" | "single_option":
            text = "Add a second option to the step in Klenty, or let both send mails."
        case _ if item.finished:
            text = "Nothing more will come, so take no lesson from this test."
        case _ if found.withdrawn is not None:
            text = f"Do not act on the earlier win of {option_name(found.withdrawn)}: test anew, with bolder copy."
        case _ if item.cannot_finish:
            keep = f"keep {name}, the better bet" if found.verdict == "leads" else "keep the one you prefer"
            text = f"Do not wait for proof: it would take {_wait(item)}. Test a bolder change, or {keep}."
        case "leads":
            text = f"Let all options run. If it cannot wait, {name} is the better bet."
        case "no_clear_leader" if found.more_mails == 0:
            text = "A big difference would probably have shown. Keep the one you prefer and test a bolder change."
        case _:
            text = "Let all options run and leave their copy as it is: a change begins a new comparison."
    return text


def decided_on(item: Experiment) -> str:
    """Return which counts decided, with their days and what is known of changes of copy."""
    days, tested = f"{day(item.first)} – {day(item.last)}", item.tested
    if item.basis == "life":
        return (
            f"By the step's whole life, {days}, with the copy of today. Earlier copies, and shares of the mails that "
            "were changed on the way, cannot be seen without daily counts."
        )
    if tested.copy_changed is None:
        return f"Day by day, {days}. No change of subject, snippet or template is known in these days."
    times = "once" if tested.copy_changes == 1 else f"{tested.copy_changes} times"
    last = "on" if tested.copy_changes == 1 else "last on"
    return (
        f"Day by day, {days}. The copy has changed {times}, {last} {day(tested.copy_changed)}; {_noun(item)} of the "
        f"{LEAVE_OUT} days from then on may answer to the old copy and are left out of the proof."
    )


def uneven_note(item: Experiment) -> str | None:
    """Return that the mails were not split evenly, where chance does not explain it."""
    if not item.uneven:
        return None
    counts = item.comparison.counts
    split = ", ".join(
        f"{option_name(option)} {format_count(sent)}"
        for option, sent, known in zip(counts.options, counts.sent, counts.eligible, strict=True)
        if known
    )
    by_day = "Each day is judged by the split of the days before it."
    over_life = "If one started later or was paused, its days were not the others' days."
    return f"The mails were not split evenly ({split}). {by_day if item.basis == 'days' else over_life}"


def evidence_words(item: Experiment) -> str:
    """Return the evidence for those who know statistics: today's, and the strongest with its day."""
    found = item.comparison
    if found.log_e is None or found.p_value is None or found.strongest_log_e is None:
        return ""
    pair = f"Evidence that {option_name(found.leading)} beats {option_name(found.rival)}"
    if found.strongest_on is None:
        return f"{pair}, by whole-life counts: e = {_e(found.log_e)}; right only if the mails were always split alike."
    p = f"p ≤ {found.p_value:.3f}" if found.p_value >= 0.001 else "p < 0.001"
    best = f"the strongest was {_e(found.strongest_log_e)} on {day(found.strongest_on)}"
    return f"{pair}: e = {_e(found.log_e)} today; {best}; {p}, valid however often you look."


def _e(log_e: float) -> str:
    return f"{math.exp(log_e):,.2f}" if log_e < math.log(1e6) else f"10^{log_e / math.log(10):.1f}"


def _error(rules: Rules) -> str:
    return f"{100 / rules.evidence:.2g} %"


def change(ratio: float | None, *, toward: int = 0) -> str:
    """Return a ratio as a change: 2.0 is "+100 %", 0.8 "−20 %".

    `toward` −1 rounds down and 1 up, for the ends of an interval: "at least +2 %" may not be said of 1.6 %.
    """
    if ratio is None:
        return "–"
    if math.isinf(ratio):
        return "no event to compare with"
    digits = 1 if abs(ratio - 1) < 0.1 else 0
    scaled = 100 * (ratio - 1) * 10**digits
    whole = round(scaled) if toward == 0 else math.floor(scaled) if toward < 0 else math.ceil(scaled)
    if whole == 0:
        return "±0 %"
    sign = "+" if whole > 0 else "−"
    return f"{sign}{abs(whole) / 10**digits:,.{digits}f} %"


def chance(probability: float | None) -> str:
    """Return a chance, never as certainty."""
    if probability is None:
        return "–"
    if probability > 0.99:
        return "over 99 %"
    return "under 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def per_thousand(rate: float) -> str:
    """Return a rate as a number in 1,000, with one digit where that matters."""
    number = 1000 * rate
    if 0 < number < 0.05:
        return "under 0.1"
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"


def about(number: int | None) -> str:
    """Return a number as one says it with "about": two digits that count."""
    if number is None:
        return "–"
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def duration(days: int) -> str:
    """Return days as one says them."""
    if days <= LONGEST_WAIT:
        return "1 day" if days <= 1 else f"{days} days"
    return f"{about(days)} days" if days < 730 else f"over {days // 365:,} years"


def day(when: date | None) -> str:
    """Return a day as people read it."""
    return "–" if when is None else f"{when.day} {when:%b %Y}"


def _noun(item: Experiment) -> str:
    return METRICS[item.events].label.lower()


def _wait(item: Experiment) -> str:
    days = item.days_needed
    return "forever, because an option stands still" if days is None else f"{duration(days)} at the present pace"


def _why_no_data(item: Experiment) -> str:
    counts = item.comparison.counts
    sent = counts.sent > 0
    if not sent.any():
        changed = item.tested.copy_changed is not None
        return "no option has sent mails since its copy changed" if changed else "no option has sent mails"
    if sent[sent & (counts.events != counts.events)].any():
        return f"Klenty did not report {_noun(item)}"
    return f"there are more {_noun(item)} than mails"


def _missing(item: Experiment) -> str:
    found, rules, counts = item.comparison, item.comparison.rules, item.comparison.counts
    parts = []
    if found.compared.sum() < 2:
        few = [
            f"{option_name(option)} has {format_count(sent)}"
            for option, sent, known, enough in zip(
                counts.options, counts.sent, counts.eligible, found.compared, strict=True
            )
            if known and not enough
        ]
        parts.append(
            f"At least two options with {format_count(rules.fewest_mails)} mails are needed: {', '.join(few)}."
        )
    events = int(counts.events[found.compared if found.compared.sum() >= 2 else counts.eligible].sum())
    if events < rules.fewest_events:
        parts.append(f"So far {events} of at least {format_count(rules.fewest_events)} {_noun(item)}.")
    if counts.days_in_parallel is not None and counts.days_in_parallel < rules.fewest_days:
        parts.append(f"So far {counts.days_in_parallel} of at least {rules.fewest_days} days side by side.")
    return " ".join(parts)
