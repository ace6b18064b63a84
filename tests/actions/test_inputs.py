import pytest

from dashboard.actions import inputs


@pytest.mark.parametrize(
    "address",
    [
        "steve@klenty.com",
        "o'neil+test@sub.example.co.uk",
        "a/b#c?d=e%f@example.com",
        "müller@münchen.example",
        "UPPER_lower-1.2@ex-ample.org",
    ],
)
def test_addresses_that_klenty_may_know_pass(address: str) -> None:
    assert inputs.email_problem(address) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "steve", "steve@", "@klenty.com", "steve@klenty", "steve@klenty..com", "a b@klenty.com",
        "a@b@c.com", ".a@b.com", "a.@b.com", "a..b@c.com", "a@-b.com", "a@b-.com", "a@b.com,", "<a@b.com>",
        "a@b.com\n", "a@.b.com",
        "x" * 65 + "@b.com", "a@" + "b" * 260 + ".com", "a@b.c",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_repeated(text: str) -> None:
    problem = inputs.email_problem(text)
    assert problem
    assert not text or text not in problem


@pytest.mark.parametrize(
    "url",
    [
        "www.klenty.com/analytics",
        "https://example.com",
        "https://example.com:8443/a?b=c#d",
        "http://localhost:8501/webhook/klenty/x",
        "http://10.0.0.1/hook",
        "https://[::1]/hook",
    ],
)
def test_web_addresses_pass_also_without_a_scheme_as_in_the_document(url: str) -> None:
    assert inputs.url_problem(url) is None


@pytest.mark.parametrize(
    "url", ["", "example", "ftp://example.com", "https://", "https://a b.com", "javascript:alert(1)"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert inputs.url_problem(url)


def test_pasted_addresses_are_taken_once_each_in_order() -> None:
    pasted = "b@x.com, a@x.com\n\nRivera, Sam <Sam@x.com>; A@X.COM\tc@x.com"
    found = inputs.split_emails(pasted)
    assert found.emails == ("b@x.com", "a@x.com", "Sam@x.com", "c@x.com")
    assert found.duplicates == 1
    assert found.problem() is None


def test_lines_that_hold_no_address_are_named_by_number() -> None:
    found = inputs.split_emails("a@x.com\nnobody\nb@x.com c@\n<d@>\n\ne")
    assert found.emails == ("a@x.com", "b@x.com")
    assert found.bad_lines == (2, 3, 4, 6)
    assert found.problem() == "Lines 2, 3, 4, 6: not an email address."


def test_tags_are_cleaned_and_kept_once() -> None:
    assert inputs.split_tags(" paid, event ,paid, big deal ,,") == ("paid", "event", "big deal")
    assert inputs.split_tags("  ") == ()


def test_custom_fields_keep_what_follows_the_first_equals_sign() -> None:
    fields, problem = inputs.custom_fields("gender = male\n\nsite = https://x.com/?a=b")
    assert problem is None
    assert fields == {"gender": "male", "site": "https://x.com/?a=b"}


@pytest.mark.parametrize(("text", "line"), [("gender male", 1), ("a = 1\n= 2", 2), ("a = 1\n\na = 2", 3)])
def test_a_wrong_custom_field_is_named_by_its_line(text: str, line: int) -> None:
    fields, problem = inputs.custom_fields(text)
    assert fields == {}
    assert problem
    assert problem.startswith(f"Line {line}:")
