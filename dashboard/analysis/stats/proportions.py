"""Intervals of proportions."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

Floats = npt.NDArray[np.float64]
LEVEL = 0.05  # 1 − confidence


def wilson(events: float, trials: float) -> tuple[float, float]:
    """Return the 95 % Wilson interval of events ÷ trials, as fractions.

    (nan, nan) where there is no proportion to speak of: no trials, a missing count, more events than trials.
    Callers that draw or write turn that into an empty cell.
    """
    low, high = _wilson(_array(events), _array(trials))
    return float(low[0]), float(high[0])


def wilson_columns(events: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return `wilson` for whole columns of counts: low and high (Float64, empty where there is no interval)."""
    low, high = _wilson(_floats(events), _floats(trials))
    return (
        pd.Series(pd.array(low, "Float64"), index=events.index),
        pd.Series(pd.array(high, "Float64"), index=events.index),
    )


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.astype("Float64").to_numpy(float, na_value=np.nan), dtype=np.float64)


def _array(value: float) -> Floats:
    return np.asarray([math.nan if value is None or pd.isna(value) else value], dtype=np.float64)


def _wilson(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    low, high = np.full(len(x), np.nan), np.full(len(x), np.nan)
    proper = (n > 0) & (x >= 0) & (x <= n)
    if proper.any():
        found_low, found_high = proportion_confint(x[proper], n[proper], LEVEL, "wilson")
        # Rounding may leave ±1e-17 where the bound is exactly 0 or 1.
        low[proper], high[proper] = np.clip(found_low, 0, 1), np.clip(found_high, 0, 1)
    return low, high
