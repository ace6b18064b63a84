"""The rules of A/B verdicts and the levels of alerts, for those who may change them."""

from dashboard.app_pages.components import watch_findings
from dashboard.app_pages.session import verdict_rules


def draw() -> None:
    """Draw the rules in force and the forms that change them."""
    verdict_rules.changed()
    verdict_rules.settings()
    watch_findings.settings()
