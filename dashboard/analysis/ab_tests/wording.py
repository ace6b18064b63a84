"""What a verdict says to someone who has to decide: plain sentences, the same on the page and in every file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.analysis.ab_tests.experiments import LONGEST_WAIT, Experiment
from dashboard.analysis.ab_tests.rules import DEFAULTS, Rules
from dashboard.analysis.ab_tests.verdicts import Verdict
from dashboard.analysis.metrics import METRICS, format_count

BADGES: Final[dict[Verdict, str]] = {
    "no_data": "Nothing to compare",
    "single_option": "Nothing to compare",
    "too_early": "Too early",
    "winner": "Winner",
    "no_practical_difference": "No practical difference",
    "leads": "Leads, not proven",
    "no_clear_leader": "No clear leader",
}

_ORDER: Final[tuple[Verdict, ...]] = (
    "winner", "leads", "no_practical_difference", "no_clear_leader", "too_early", "single_option", "no_data",
)  # fmt: skip
_PROOF: Final = (
    "Each reply belongs to one of the options. If their mails were equally good, the replies would split as the mails "
    "did. The more the split of the replies strays from that, the stronger the evidence, and it is kept in a form "
    "that may be looked at every day: an option is called the winner only when the evidence against every other one "
    "has reached {evidence:,g}. Between two equal options that ever happens in less than 1 of {evidence:,g} tests "
    "however often one looks, and in trials far less often. “At least” is the smallest difference that the replies so "
    "far do not speak against."
)
_BELIEF: Final = (
    "How sure is shown for what it is worth before that, and proves nothing. It starts from the usual reply rate of "
    "the account, so that a few lucky replies do not count for much, and works out how often each option would turn "
    "out best. What waiting costs is how many replies in 1,000 mails are lost, on average, while the options share "
    "the mails as they do now. Opens and clicks decide nothing: scanners cause many of them. Judged is the step's life "
    "since its copy last changed, never the date range of the sidebar."
)


def method(rules: Rules) -> tuple[str, str]:
    """How verdicts are reached, in two paragraphs."""
    return _PROOF.format(evidence=rules.evidence), _BELIEF


def most_telling_first(items: Sequence[Experiment]) -> list[Experiment]:
    """Winners first, then what may become one; more mails before fewer."""
    return sorted(items, key=lambda item: (_ORDER.index(item.comparison.verdict), -item.comparison.counts.sent.sum()))


def headline(item: Experiment) -> str:
    """The verdict in a sentence."""
    found, noun = item.comparison, _noun(item)
    name = _name(found.leading).capitalize()
    match found.verdict:
        case "no_data":
            text = f"Nothing to compare yet: {_why_no_data(item)}"
        case "single_option":
            (only,) = [o for o, yes in zip(found.counts.options, found.counts.eligible, strict=True) if yes]
            text = f"Nothing to compare: only {_name(only)} has mails and {noun} that can be counted"
        case "too_early":
            more = f"; about {about(found.more_mails)} more mails per option" if found.more_mails else ""
            text = f"Too early, collecting{more}"
        case "winner":
            text = f"{name} wins: {noun} {better(item)}"
        case "no_practical_difference":
            text = "No practical difference, keep either"
        case "leads":
            text = f"{name} leads, not proven: {chance(found.chance)} likely best"
        case _:
            text = "No clear leader"
    return f"{text}."


def reason(item: Experiment) -> str:
    """Why it is this verdict and no other."""
    found, noun = item.comparison, _noun(item)
    match found.verdict:
        case "too_early":
            text = _missing(item)
        case "winner":
            since = f" Winner since {day(found.won_on)}." if found.won_on else ""
            now = (
                "" if (found.log_e or 0.0) >= found.rules.log_winning else " What came after that day does not undo it."
            )
            luck = (
                f"Luck alone sets an option so far apart in fewer than 1 of {found.rules.evidence:,g} tests, however "
                "often one looks"
            )
            # Only daily counts can leave out days on which the options did not run side by side as they do now.
            luck += "." if item.basis == "days" else ", as long as the options shared the mails alike all the time."
            text = f"{luck}{since}{now}"
        case "no_practical_difference":
            percent = f"{100 * (found.rules.practical_ratio - 1):.0f} %"
            text = f"Their rates very probably lie within {percent} of each other: more mails would tell little of use."
        case "leads" if (found.log_e or 0.0) >= found.rules.log_winning:
            text = (
                "The options did not get the same number of mails. Over a whole life that cannot be told from better "
                "days for one of them; with daily counts in the history it can be decided."
            )
        case "leads":
            text = "A lead like this is often luck"
            # Tried out with the defaults.
            text += ": between equal options it is seen in up to 4 of 10 tests." if found.rules == DEFAULTS else "."
        case "no_clear_leader":
            text = f"The {noun} so far fit equal options as well as different ones."
        case _:
            text = ""
    return text


def better(item: Experiment) -> str:
    """How much better the leading option is than its closest rival: “+148 % (at least +40 %)”, or the whole range."""
    if item.comparison.ratio is None:
        return "–"
    return f"{change(item.comparison.ratio)} ({_range(item)})"


@dataclass(frozen=True)
class Fact:
    """One figure of a verdict: its label, the number, what stands under it, and what it means."""

    label: str
    value: str
    note: str
    help: str


def facts(item: Experiment) -> list[Fact]:
    """How sure, how much better, what waiting costs, what is still needed; only what there is."""
    found, noun = item.comparison, _noun(item)
    shown = []
    if found.leading is not None:
        shown += [
            Fact(
                "Chance to be best", chance(found.chance), _name(found.leading), "How often this option would turn out "
                "best, by what is known so far. It proves nothing: between equal options, too, one is ahead."
            ),
            Fact(
                "How much better", change(found.ratio), f"{_range(item)} than {_name(found.rival)}",
                f"The most likely difference in {noun} per mail, and all that the {noun} so far do not speak against, "
                "however often one looks."
            ),
        ]  # fmt: skip
    if found.waiting_cost is not None and found.verdict != "no_practical_difference":
        shown.append(
            Fact(
                "What waiting costs", per_thousand(found.waiting_cost),
                f"{noun} in 1,000 mails, while all options run; {per_thousand(found.loss or 0.0)} if only "
                f"{_name(found.leading)} is kept",
                f"Expected loss: {noun} missed on average because not every mail is the best option's."
            )
        )  # fmt: skip
    if found.more_mails is not None:
        shown.append(
            Fact(
                "Still needed", f"about {about(found.more_mails)}" if found.more_mails else "0", _needed(item),
                f"To find a difference of +{100 * found.rules.lift_worth_finding:.0f} % with a chance of 80 %."
            )
        )  # fmt: skip
    return shown


def _range(item: Experiment) -> str:
    """The interval of the ratio in words."""
    found = item.comparison
    if found.ratio_low is None or found.ratio_high is None:
        return "no difference known"
    low = change(found.ratio_low, toward=-1)
    if found.verdict == "winner":
        return f"at least {low}"
    if math.isinf(found.ratio_high):
        return f"{low} or more" if found.ratio_low > 0 else "anything is possible"
    return f"{low} to {change(found.ratio_high, toward=1)}"


def _needed(item: Experiment) -> str:
    if not item.comparison.more_mails:
        return "a difference worth finding would have shown by now"
    if item.finished:
        return "mails per option, but the cadence is finished"
    days = item.days_needed
    if item.pace is None:
        return "mails per option; two weeks will show the pace"
    if days is None:
        return "mails per option, but one of them stands still"
    average = " (the average so far)" if item.basis == "life" else ""
    return f"mails per option: {duration(days)} at {item.pace:.2g} a day{average}"


def suggestion(item: Experiment) -> str:
    """What to do next."""
    name = _name(item.comparison.leading)
    match item.comparison.verdict:
        case "winner":
            where = "use its copy in the next cadence" if item.finished else "switch the others off in Klenty"
            text = f"Keep {name} and {where}; then test a new idea against it."
        case "no_practical_difference":
            text = "Keep whichever you like and test something bolder: another offer, another opening, half the length."
        case "no_data" | "single_option":
            text = "Add a second option to the step in Klenty, or let both send mails."
        case _ if item.finished:
            text = "Nothing more will come, so take no lesson from this test."
        case _ if item.cannot_finish:
            keep = f"keep {name}, the better bet" if item.comparison.verdict == "leads" else "keep the one you prefer"
            text = f"Do not wait for proof: it would take {_wait(item)}. Test a bolder change, or {keep}."
        case "leads":
            text = f"Let all options run. If it cannot wait, {name} is the better bet."
        case "no_clear_leader" if item.comparison.more_mails == 0:
            text = "A big difference would have shown by now. Keep the one you prefer and test a bolder change."
        case _:
            text = "Let all options run and leave their copy as it is: a change begins the test anew."
    return text


def none_stuck(items: Sequence[Experiment]) -> str:
    """What may be said when no test is known to be unable to finish."""
    open_tests = [item for item in items if item.comparison.more_mails is not None]
    unknown = sum(item.pace is None and item.comparison.more_mails != 0 for item in open_tests)
    if not open_tests:
        return "No test is under way."
    if unknown:
        return f"No test is known to take more than {LONGEST_WAIT} days; the pace of {unknown} shows after two weeks."
    return f"Every test under way can finish within {LONGEST_WAIT} days."


def decided_on(item: Experiment) -> str:
    """Which counts decided, with their days."""
    days = f"{day(item.first)} – {day(item.last)}"
    if item.basis == "days":
        if item.tested.copy_changed is None:
            return f"Decided day by day, {days}. No change of subject, snippet or template is known in these days."
        return f"Decided day by day, {days}: since the subject, snippet or template of an option last changed."
    return (
        f"Decided on the step's whole life, {days}, with the copy of today. Earlier copies, and shares of the mails "
        "that were changed on the way, cannot be told apart without daily counts in the history."
    )


def uneven_note(item: Experiment) -> str | None:
    """That the mails were not split evenly, where chance does not explain it."""
    if not item.uneven:
        return None
    counts = item.comparison.counts
    split = ", ".join(
        f"{_name(option)} {format_count(sent)}"
        for option, sent, known in zip(counts.options, counts.sent, counts.eligible, strict=True)
        if known
    )
    tail = (
        "Days on which one ran alone are left out."
        if item.basis == "days"
        else "If one came later or was paused, its days were not the others' days, so nothing is called proven."
    )
    return f"The mails were not split evenly ({split}). {tail}"


def change(ratio: float | None, *, toward: int = 0) -> str:
    """A ratio as a change: 2.0 is “+100 %”, 0.8 “−20 %”.

    `toward` −1 rounds down and 1 up, for the ends of an interval: “at least +2 %” may not stand for 1.6 %.
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
    return f"{whole / 10**digits:+,.{digits}f} %".replace("-", "−")


def chance(probability: float | None) -> str:
    """A chance, never as certainty."""
    if probability is None:
        return "–"
    if probability > 0.99:
        return "over 99 %"
    return "under 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def per_thousand(rate: float) -> str:
    """A rate as a number in 1,000, with one digit where that matters."""
    number = 1000 * rate
    if 0 < number < 0.05:
        return "under 0.1"
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"


def about(number: int | None) -> str:
    """A number as one says it with “about”: two digits that count."""
    if number is None:
        return "–"
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def duration(days: int) -> str:
    """Days as one says them."""
    if days <= LONGEST_WAIT:
        return "1 day" if days <= 1 else f"{days} days"
    return f"{about(days)} days" if days < 730 else f"over {days // 365:,} years"


def day(when: object) -> str:
    """A day as people read it."""
    return f"{when.day} {when:%b %Y}" if hasattr(when, "day") else "–"


def evidence_words(item: Experiment) -> str:
    """The evidence for those who know statistics."""
    found = item.comparison
    if found.log_e is None or found.p_value is None:
        return ""
    shown = f"{math.exp(found.log_e):,.2f}" if found.log_e < math.log(1e6) else f"10^{found.log_e / math.log(10):.1f}"
    p = f"p = {found.p_value:.3f}" if found.p_value >= 0.001 else "p < 0.001"
    return f"e = {shown} against option {found.rival}; {p}, valid however often you look."


def _noun(item: Experiment) -> str:
    return METRICS[item.events].label.lower()


def _name(option: int | None) -> str:
    return f"option {option}"


def _wait(item: Experiment) -> str:
    days = item.days_needed
    return "forever, because an option stands still" if days is None else f"{duration(days)} at the present pace"


def _why_no_data(item: Experiment) -> str:
    counts = item.comparison.counts
    sent = counts.sent > 0
    if not sent.any():
        return (
            "no option has sent mails since its copy changed"
            if item.tested.copy_changed
            else "no option has sent mails"
        )
    if sent[sent & (counts.events != counts.events)].any():
        return f"Klenty did not report {_noun(item)}"
    return f"there are more {_noun(item)} than mails"


def _missing(item: Experiment) -> str:
    found, rules = item.comparison, item.comparison.rules
    counts, noun = found.counts, _noun(item)
    few = [
        f"{_name(option)} has {format_count(sent)}"
        for option, sent, known, enough in zip(
            counts.options, counts.sent, counts.eligible, found.compared, strict=True
        )
        if known and not enough
    ]
    parts = []
    if found.compared.sum() < 2:
        parts.append(f"at least two options with {format_count(rules.fewest_mails)} mails are needed: {', '.join(few)}")
    events = int(counts.events[found.compared if found.compared.sum() >= 2 else counts.eligible].sum())
    if events < rules.fewest_events:
        parts.append(f"{events} of at least {format_count(rules.fewest_events)} {noun} have come")
    if counts.days_in_parallel is not None and counts.days_in_parallel < rules.fewest_days:
        parts.append(
            f"the options have run {counts.days_in_parallel} of at least {rules.fewest_days} days side by side"
        )
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
