"""The time at which actions happen."""

import datetime as dt


def now() -> dt.datetime:
    """The present moment, aware, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
