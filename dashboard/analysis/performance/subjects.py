"""Which subjects the steps of a cadence have."""

import pandas as pd


def with_subjects(steps: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Return `steps` with the subject of each step: its only one, or the first and how many more there are."""
    subjects = options.dropna(subset=["subject"]).groupby("step", dropna=False)["subject"]
    texts = {step: _subject(list(dict.fromkeys(group))) for step, group in subjects}
    return steps.assign(subject=steps["step"].map(texts).astype("string"))


def _subject(different: list[str]) -> str:
    return different[0] if len(different) == 1 else f"{different[0]} (+{len(different) - 1} more)"
