"""Answers as Klenty gives them, of the size that is measured: 8 steps with 3 options each."""

import random
from typing import Any

STEPS, OPTIONS = 8, 3


def engagement(rng: random.Random) -> dict[str, Any]:
    return {
        "prospectsAdded": rng.randint(0, 60), "inCadenceCount": rng.randint(0, 400), "prospectsCompleted": 3,
        "openCount": rng.randint(0, 300), "linkCount": 4, "replyCount": rng.randint(0, 20), "unsubscribeCount": 1,
        "bounceCount": 2, "positiveCount": 3, "negativeCount": 2, "mailSentCount": rng.randint(0, 200),
    }  # fmt: skip


def steps(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {"stepNumber": number, "stepType": "mail", **_counts(rng), "completed": 3, "taskCount": 0, "callCount": 0,
         "completedCalls": 0, "options": [_option(number, option, rng) for option in range(1, OPTIONS + 1)]}
        for number in range(1, STEPS + 1)
    ]  # fmt: skip


def _option(step: int, option: int, rng: random.Random) -> dict[str, Any]:
    return {
        "option": option, **_counts(rng), "templateName": f"Step {step}, option {option}",
        "subject": "Quick question about {{company}} and its plans for the year",
        "snippet": f"Hi {{{{FirstName}}}}, I noticed that your team is hiring in sales ({step}.{option}); many teams…",
    }  # fmt: skip


def _counts(rng: random.Random) -> dict[str, int]:
    return {
        "openCount": rng.randint(0, 60), "replyCount": rng.randint(0, 9), "linkCount": rng.randint(0, 5),
        "mailCount": rng.randint(0, 60), "openPercent": 47, "replyPercent": 8, "positiveReply": 1, "negetiveReply": 0,
        "positiveReplyPercent": 2, "negetiveReplyPercent": 0, "linkPercent": 3,
    }  # fmt: skip
