"""A local Klenty for trying things and for tests: the same HTTP API on loopback, with invented data.

It shares no code with the client, so that it finds the client's mistakes.
"""

from klenty_api.sandbox.behaviour import Behaviour
from klenty_api.sandbox.faults import KINDS as FAULT_KINDS
from klenty_api.sandbox.limits import Limit
from klenty_api.sandbox.server import Recorded, Sandbox, serve

__all__ = ["FAULT_KINDS", "Behaviour", "Limit", "Recorded", "Sandbox", "serve"]
