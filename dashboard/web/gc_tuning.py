"""How often the interpreter looks for garbage in a process that lives long and keeps much."""

import gc
import threading

_EVERY_SECONDS = 20.0
_ALLOCATIONS = 20_000  # between two looks at what is new; the interpreter's own 700 is meant for small programs


def freeze_heap() -> None:
    """Leave what is loaded by now alone, and look at the rest less often.

    Otherwise every few hundred answers that are read make the interpreter walk all objects of pandas, plotly and scipy:
    that was a fifth of the time of fetching, and longer than the rerun of a page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


def collect_periodically(stop: threading.Event, every: float = _EVERY_SECONDS) -> None:
    """Collect everything from time to time until `stop` is set: figures and sessions that are gone are rings."""
    while not stop.wait(every):
        gc.collect()
