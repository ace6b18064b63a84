"""The definitions sheet, and metrics as an account has shown them to be."""

from dataclasses import replace

import pandas as pd

from dashboard.analysis.metrics.metric import Metric
from dashboard.analysis.metrics.registry import METRICS
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts


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
