"""The invented company: its people, and cadences of different health, age and oddness."""

import random

from klenty_api.sandbox.simulation import Option, Plan, Step

SAM = "sam.rivera@sandbox.example"
LENA = "lena.brandt@sandbox.example"
ARJUN = "arjun.mehta@sandbox.example"
CHLOE = "chloé.martin@sandbox.example".replace("é", "e")
TOBY = "toby.o'hara@sandbox.example"
USERS = (SAM, LENA, ARJUN, CHLOE, TOBY)
OUTCOMES = ("Interested", "Lost", "Not now", "Wrong person", "Meeting booked")
LISTS = ("Default", "Nurture Leads", "Conference 2026", "Webinar “Scaling RevOps”", "Partners, EMEA")

HELLO = Option(
    0.035, "Quick question, {{FirstName}}", "Hi {{FirstName}}, I noticed {{Company}} is hiring SDRs…", "Intro v3"
)
BUMP = Option(0.02, "Re: Quick question, {{FirstName}}", "Just floating this to the top of your inbox…", "Bump")
CASE = Option(
    0.022, "How Meridian cut ramp time by 40 %", "Thought this might be relevant: Meridian’s team…", "Case study"
)
BREAK = Option(0.018, "Should I close your file?", "Haven’t heard back, so I’ll assume the timing is off…", "Break-up")


def _mail(wait: int, *options: Option) -> Step:
    return Step("mail", wait, options)


def _reply(option: Option, reply: float, **changes: object) -> Option:
    return Option(
        **({name: getattr(option, name) for name in Option.__dataclass_fields__} | {"reply": reply} | changes)
    )


CLASSIC = (_mail(0, HELLO), _mail(3, BUMP), Step("call", 1), _mail(4, CASE), Step("linkedin", 1), _mail(5, BREAK))

PLANS: tuple[Plan, ...] = (
    Plan(
        "Inbound demo requests", SAM,
        (
            _mail(0,
                  Option(0.16, "Your Klenty demo, {{FirstName}}", "Thanks for asking! Here are three slots…", "Demo A", 0.7),
                  Option(0.155, "Let’s find 20 minutes", "Thanks for reaching out. Would Tuesday or…", "Demo B", 0.7)),
            Step("call", 1),
            _mail(2, Option(0.08, "Still interested in a demo?", "I tried to reach you by phone…", "Demo bump", 0.6)),
            _mail(4, Option(0.05, "Last try, {{FirstName}}", "I don’t want to crowd your inbox…", None, 0.5)),
        ),
        added=9, began=240, opened=0.62, bounce=0.006,
    ),
    Plan(
        "Outbound – VP Sales, North America", LENA,
        (
            _mail(0,
                  Option(0.021, "Pipeline coverage at {{Company}}", "Most VPs we talk to are short of pipeline…", "VP intro A"),
                  Option(0.052, "{{FirstName}}, a 3× idea for your SDRs", "Saw your post on ramp time…", "VP intro B")),
            _mail(3, BUMP), Step("linkedin", 1), _mail(3, CASE), Step("call", 1), _mail(4, BREAK),
        ),
        added=16, began=220,
    ),
    Plan(
        "Outbound – Heads of RevOps, DACH", ARJUN,
        (
            _mail(0,
                  _reply(HELLO, 0.031), _reply(HELLO, 0.031, subject="Eine kurze Frage, {{FirstName}}", template="Intro DE"),
                  _reply(HELLO, 0.030, subject="RevOps in 2027", template="Intro trend")),
            _mail(4, BUMP, _reply(BUMP, 0.02, subject="Noch einmal kurz", template="Bump DE")),
            Step("task", 1), _mail(5, CASE), _mail(7, BREAK),
        ),
        added=7, began=180, quirks=frozenset({"strings"}),
    ),
    Plan(
        "Event follow-up: SaaStr Annual", CHLOE,
        (
            _mail(0, Option(0.09, "Great meeting you at SaaStr 👋", "It was good to talk at our booth…", "SaaStr 1", 0.55)),
            _mail(2, Option(0.05, "The deck I promised", "Here it is, as promised…", "SaaStr 2", 0.5)),
            _mail(5, Option(0.03, "One more thing", "A customer asked me the same…", "SaaStr 3")),
        ),
        added=14, began=75, ended=58, active=True,
    ),
    Plan(
        "Q2 re-activation (finished)", TOBY,
        (_mail(0, _reply(HELLO, 0.012, subject="It’s been a while")), _mail(5, BREAK), Step("task", 2), _mail(7, BREAK)),
        added=12, began=230, ended=140, active=False,
    ),
    Plan(
        "Bought list – Manufacturing", TOBY,
        (_mail(0, _reply(HELLO, 0.008)), _mail(3, _reply(BUMP, 0.006)), _mail(4, _reply(BREAK, 0.005))),
        added=11, began=60, bounce=0.094, unsubscribe=0.011, opened=0.22,
    ),
    Plan(
        "Partner referrals", SAM,
        (_mail(0, Option(0.12, "Intro through {{Partner}}", "Our friends at {{Partner}} thought…", "Referral", 0.65)),
         Step("call", 2), _mail(3, Option(0.07, "Following up on the intro", "Did my note reach you?", None, 0.6))),
        added=1.6, began=200, quirks=frozenset({"no_sentiment"}),
    ),
    Plan(
        "Free-trial nudges", ARJUN,
        (
            _mail(0, _reply(HELLO, 0.06, subject="Need a hand with your trial?")),
            _mail(2,
                  Option(0.03, "3 things to try today", "Most teams start with…", "Trial tips"),
                  Option(0.045, "Stuck? Reply and I’ll call", "No bot, just me…", "Trial personal", from_day=95)),
            _mail(3, Option(0.025, "Your trial ends on Friday", "Before it does…", "Trial end"),
                  Option(0.02, "Extend your trial", "Say the word…", "Trial extend", until_day=70)),
        ),
        added=10, began=130, opened=0.7, opens_each=3.4,
    ),
    Plan(
        "Privacy-first prospects", LENA,
        (_mail(0, _reply(HELLO, 0.04)), _mail(4, _reply(BUMP, 0.03)), Step("call", 1), _mail(5, BREAK)),
        added=5, began=110, quirks=frozenset({"no_tracking", "no_extras"}),
    ),
    Plan(
        "Dying: “Legacy CRM switch” 2025", CHLOE,
        (_mail(0, _reply(HELLO, 0.01)), _mail(3, _reply(BUMP, 0.004)), Step("linkedin", 1), _mail(6, _reply(CASE, 0.003))),
        added=3, began=210, ended=8, unsubscribe=0.008, opened=0.2,
    ),
    Plan(
        "New this week 🚀", SAM,
        (_mail(0, _reply(HELLO, 0.05), _reply(HELLO, 0.05, subject="{{Company}} + Klenty?", template="Intro short")),
         _mail(3, BUMP), Step("task", 1), _mail(4, CASE)),
        added=6, began=4,
    ),
    Plan(
        '=HYPERLINK("http://evil.example";"Click") outreach', TOBY,
        (
            _mail(0, Option(0.03, "=cmd|' /C calc'!A0", "+1 for this idea, @{{FirstName}}…", "-Formula, \"quoted\""),
                  Option(0.028, "<b>Bold</b> claims & <script>alert(1)</script>", "A snippet with <i>HTML</i>…", "<Template>")),
            _mail(3, BUMP),
        ),
        added=4, began=90, quirks=frozenset({"wrapped"}),
    ),
    Plan(
        "Agencies / UK & Ireland, “mid-market” (50–200)", LENA,
        (_mail(0, HELLO, _reply(HELLO, 0.05, subject="A question about £ pipeline"), _reply(HELLO, 0.02, subject="Hi"),
               _reply(HELLO, 0.03, subject="{{FirstName}}?", template="One word")),
         _mail(3, BUMP), Step("call", 1), Step("linkedin", 1), _mail(3, CASE), Step("task", 1), _mail(4, BREAK),
         _mail(6, _reply(BREAK, 0.01, subject="Closing the loop"))),
        added=12, began=150, quirks=frozenset({"options_gap"}),
    ),
    Plan(
        "שלום – Israel outreach 🇮🇱", ARJUN,
        (_mail(0, Option(0.045, "שאלה קצרה, {{FirstName}}", "היי {{FirstName}}, ראיתי ש…", "Hebrew 1")), _mail(4, BUMP),
         Step("call", 1)),
        added=3, began=85,
    ),
    Plan(
        "EMEA–CFO–Pro–Q4: a very long name that someone typed because the naming convention asks for region, persona, "
        "product, quarter, owner and the reason why",
        CHLOE, CLASSIC, added=4, began=100,
    ),
    Plan("Pricing test: 50% off? #objections+more & beyond", TOBY, CLASSIC, added=3, began=95, ended=20),
    Plan("Follow-up", LENA, (_mail(0, _reply(HELLO, 0.03)), _mail(3, BUMP), Step("call", 1)), added=4, began=160),
    Plan("Follow-up", TOBY, (_mail(0, _reply(HELLO, 0.02)), _mail(5, BREAK), Step("task", 1)), added=2, began=120),
    Plan("Quiet since summer", SAM, CLASSIC, added=5, began=200, ended=125),
    Plan("Empty: not started yet", ARJUN, CLASSIC, added=0, began=10),
)  # fmt: skip

_TOPICS = (
    "Fintech",
    "Healthcare",
    "Retail",
    "Logistics",
    "EdTech",
    "Energy",
    "Media",
    "Travel",
    "Insurance",
    "HR Tech",
)
_ROLES = ("CFO", "Head of Sales", "SDR leads", "Founders", "CMO", "IT directors")


def plans(count: int | None = None, seed: int = 7) -> tuple[Plan, ...]:
    """Return the ordinary cadences, or the first `count` of them and as many further ordinary ones as needed."""
    if count is None:
        return PLANS
    rng = random.Random(f"more/{seed}")
    more = tuple(_another(rng, number) for number in range(max(0, count - len(PLANS))))
    return (*PLANS[:count], *more)


def _another(rng: random.Random, number: int) -> Plan:
    steps = [_mail(0, HELLO, _reply(HELLO, rng.uniform(0.02, 0.06), subject=f"Idea {number} for {{{{Company}}}}"))]
    steps += [
        rng.choice((_mail(wait, BUMP), _mail(wait, CASE), Step("call", 1), Step("task", 1)))
        for wait in range(2, 2 + rng.randrange(2, 6))
    ]
    name = f"{rng.choice(_TOPICS)} – {rng.choice(_ROLES)} {2026 - number % 2} #{number + 1}"
    return Plan(
        name,
        rng.choice(USERS),
        tuple(steps),
        added=rng.uniform(1, 6),
        began=rng.randrange(40, 200),
        bounce=rng.uniform(0.005, 0.04),
    )
