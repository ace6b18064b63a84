"""One import at a time, while the server already answers.

Python lets a thread that imports a package and one that imports a module of it go on with half of it when they wait for
each other, which ends in an ImportError. At start the warm-up, the receiver, readiness and the first visitors' pages
all import.
"""

import threading
from typing import Final

IMPORTING: Final = threading.RLock()
"""Held by every thread that imports parts of the dashboard after the server has started."""
