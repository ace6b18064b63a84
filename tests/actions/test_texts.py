import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions.markdown import code, codes, count


@pytest.mark.parametrize("text", ["plain", "**bold** :red[x] :smile: <b>", "a`b", "``x``", "`", "line\nbreak"])
def test_code_spans_hold_any_text(text: str) -> None:
    span = code(text)
    fence = re.match(r"`+", span).group()
    inner = span[len(fence) : -len(fence)]
    assert span.endswith(fence)
    assert fence not in re.findall(r"`+", inner)
    assert inner.strip() == " ".join(text.split())


@given(st.text())
def test_a_code_span_is_one_line_that_its_content_cannot_close(text: str) -> None:
    span = code(text)
    fence = re.match(r"`+", span).group()
    inner = span[len(fence) : -len(fence)]
    assert "\n" not in span
    assert all(len(run) < len(fence) for run in re.findall(r"`+", inner))


def test_long_text_is_cut() -> None:
    assert len(code("x" * 500, limit=50)) == 52
    assert code("x" * 500, limit=50).endswith("…`")


def test_lists_say_how_many_more() -> None:
    assert codes(["a", "b"]) == "`a`, `b`"
    assert codes(["a", "b", "c"], most=1) == "`a` and 2 more"


def test_counts_agree_with_their_noun() -> None:
    assert [count(1, "row"), count(0, "row"), count(2000, "reply", "replies")] == [
        "1 row",
        "0 rows",
        "2,000 replies",
    ]
