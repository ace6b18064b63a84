"""Subjects and first words of a cadence's mails."""

import pandas as pd

from dashboard.analysis import metrics
from dashboard.analysis.performance import step_value, subjects
from dashboard.app_pages.session.memo import cached


@cached
def steps_of_one(steps: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of one cadence with their rates, what each further one brought, and their subjects."""
    rated = metrics.with_rates(steps.drop_duplicates("step"), "steps")
    return subjects.with_subjects(step_value.with_step_value(rated), options)
