"""The content security policy lets Streamlit's own inline scripts run, and no others."""

import base64
import hashlib
from pathlib import Path

import streamlit

from dashboard.web.security_headers import CONTENT_SECURITY_POLICY, HEADERS


def test_exactly_the_inline_scripts_of_streamlits_page_are_allowed():
    page = Path(streamlit.__file__).with_name("static").joinpath("index.html").read_text("utf-8")
    scripts = [part.split("</script>", 1)[0] for part in page.split("<script>")[1:]]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = CONTENT_SECURITY_POLICY.split("script-src 'self'", 1)[1].split(";", 1)[0].split()
    assert scripts
    assert allowed == [f"'sha256-{one}'" for one in hashes]


def test_the_header_has_the_name_that_browsers_know():
    assert HEADERS["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
