"""Every error of the client has advice of its own."""

import pytest

import klenty_api
from dashboard.data.error_advice import advice
from klenty_api import KlentyError

ERRORS = [
    kind
    for name in klenty_api.__all__
    if isinstance(kind := getattr(klenty_api, name), type) and issubclass(kind, KlentyError) and kind is not KlentyError
]
SHARED = {"NotFoundError": "UnexpectedAnswerError", "UnexpectedAnswerError": "NotFoundError"}
"""Errors with one headline: something else than Klenty answers."""


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_has_its_own_advice_and_none_is_hidden_by_its_parent(kind):
    said = advice(kind("It failed"))
    assert said.what_to_do.strip().endswith(".")
    assert said != advice(KlentyError("It failed")), "no advice of its own"
    others = [other for other in ERRORS if other is not kind and advice(other("It failed")).headline == said.headline]
    assert [other.__name__ for other in others] == [name for name in [SHARED.get(kind.__name__)] if name]


@pytest.mark.parametrize("kind", ["dns", "refused", "tls", "timeout", "other"])
def test_each_way_to_have_no_connection_has_its_own_advice(kind):
    kinds = {"dns", "refused", "tls", "timeout", "other"} - {kind}
    said = {advice(klenty_api.ConnectionFailed("It failed", kind=other)).headline for other in kinds}
    assert advice(klenty_api.ConnectionFailed("It failed", kind=kind)).headline not in said
