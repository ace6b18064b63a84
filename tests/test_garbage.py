"""A process that keeps much looks for garbage rarely, and still finds it."""

import subprocess
import sys
import threading
import weakref

from dashboard.web.gc_tuning import collect_periodically

SCRIPT = """
import gc, weakref
from dashboard.web.gc_tuning import freeze_heap
looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase) if phase == "start" else None)
freeze_heap()
looks.clear()
kept = [(number,) for number in range(15_000)]
assert not looks, looks
assert gc.get_freeze_count() > 1000

class Ring:
    pass

ring = Ring()
ring.self, gone = ring, weakref.ref(ring)
del ring
kept += [[number] for number in range(60_000)]
assert looks
assert gone() is None
"""


def test_rings_are_found_although_little_happens():
    class Ring:
        pass

    ring, stop = Ring(), threading.Event()
    ring.self, gone = ring, weakref.ref(ring)
    tidy = threading.Thread(target=collect_periodically, args=(stop, 0.001))
    found = threading.Event()
    weakref.finalize(ring, found.set)
    tidy.start()
    del ring
    assert found.wait(10)
    assert gone() is None
    stop.set()
    tidy.join(10)
    assert not tidy.is_alive()


def test_little_is_looked_at_and_rings_are_still_found():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
