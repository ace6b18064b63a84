"""What each further step of a cadence brings: positive replies so far, and emails for one more of them.

Later steps reach only people who had not answered before, and a range of days holds other people at step 5 than at
step 1. So the numbers say what the emails of a step brought in this range, not what would happen without the step.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import as_int
from dashboard.analysis.stats.proportions import wilson

CAUTION: Final = (
    "Later steps reach only those who had not answered before, and in one range these are not the people of the first "
    "step: it shows what a step's emails brought, not what the cadence would lose without it."
)
COLUMNS: Final = (
    "emails_so_far",
    "positive_replies_so_far",
    "emails_per_positive_reply",
    "emails_per_positive_reply_low",
    "emails_per_positive_reply_high",
)


def with_step_value(steps: pd.DataFrame) -> pd.DataFrame:
    """Return `steps` (tidy frame of any cadences and windows) with `COLUMNS` added; rows and their order stay.

    `emails_so_far` and `positive_replies_so_far` add up the steps of one cadence and window up to this one; they are
    empty from the first step on that did not report its count. `emails_per_positive_reply` is emails ÷ positive
    replies of this step alone, with its 95 % interval (the inverse of the Wilson interval): empty where no positive
    reply arrived, but its lower end still says how many emails one takes at least; the upper end is empty where there
    is none. Steps without emails have no such number.
    """
    found: dict[object, tuple[object, ...]] = {}
    keys = ["cadence", "cadence_id", "window_start"]
    for _, own in steps.groupby(keys, sort=False, dropna=False):
        found |= _of_cadence(own)
    values = pd.DataFrame([found[at] for at in steps.index], index=steps.index, columns=list(COLUMNS))
    typed = values.astype({name: "Int64" if name.endswith("so_far") else "Float64" for name in COLUMNS})
    return steps.assign(**{name: typed[name] for name in COLUMNS})


def _of_cadence(own: pd.DataFrame) -> dict[object, tuple[object, ...]]:
    emails: int | None = 0
    positive: int | None = 0
    found: dict[object, tuple[object, ...]] = {}
    own = own.sort_values("step", na_position="last", kind="stable")
    of_mail = own["step_type"].eq("email").fillna(value=False)
    for at, mail, *counts in zip(own.index, of_mail, own["emails_sent"], own["positive_replies"], strict=True):
        sent, replies = map(as_int, counts)
        # A call or a task has no emails and no replies of its own: what is not reported of them is not missing.
        mails = mail or bool(sent)
        emails = _added(emails, sent if mails else sent or 0)
        positive = _added(positive, replies if mails else replies or 0)
        found[at] = (emails, positive, *_per_reply(sent, replies))
    return found


def _added(so_far: int | None, count: int | None) -> int | None:
    return None if so_far is None or count is None else so_far + count


def _per_reply(sent: int | None, replies: int | None) -> tuple[float | None, float | None, float | None]:
    if not sent or replies is None or replies > sent:
        return None, None, None
    low, high = wilson(replies, sent)
    return (sent / replies if replies else None), 1 / high, (1 / low if replies else None)


@dataclass(frozen=True)
class CostlySteps:
    """The steps from `step` on, together: their emails and positive replies, and emails per positive reply.

    `per_reply` and `high` are None when no positive reply arrived; `low` is the 95 % interval's lower end.
    """

    step: int
    emails: int
    positive_replies: int
    per_reply: float | None
    low: float
    high: float | None


def costly_steps(steps: pd.DataFrame, limit: float) -> CostlySteps | None:
    """Return the earliest further step from which on a positive reply took more than `limit` emails; None if none.

    Args:
        steps: the tidy frame `steps` of one cadence and window.
        limit: emails for a positive reply.

    The first step with emails is never named: without it there is no cadence. Fewer than `limit` emails say nothing,
    and neither do steps whose counts are not reported.
    """
    rows = steps.dropna(subset=["step"]).drop_duplicates("step").sort_values("step")
    mails = [
        (int(step), as_int(sent), as_int(positive))
        for step, sent, positive in zip(rows["step"], rows["emails_sent"], rows["positive_replies"], strict=True)
        if as_int(sent)
    ]
    found = None
    emails, replies = 0, 0
    for step, sent, positive in reversed(mails[1:]):
        if sent is None or positive is None or positive > sent:
            break
        emails, replies = emails + sent, replies + positive
        if emails >= limit and emails > limit * replies and sent > limit * positive:
            each, low, high = _per_reply(emails, replies)
            found = CostlySteps(step, emails, replies, each, low or 0.0, high)
    return found
