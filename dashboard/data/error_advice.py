"""What an error means for someone who did not write the settings, and what to do about it."""

from dataclasses import dataclass

import klenty_api as api


@dataclass(frozen=True)
class Advice:
    """A headline that says what happened, and what to do."""

    headline: str
    what_to_do: str


_NO_SUCH_ADDRESS = Advice(
    "The address of the API cannot be found",
    "Either this machine has no network or no name service, or KLENTY_BASE_URL is misspelt. Klenty's own is "
    "https://api.klenty.com.",
)
_TOO_SLOW = Advice("Klenty does not answer in time", "Try again in a minute; a proxy or a firewall may be in the way.")
_UNREACHABLE = Advice(
    "The API cannot be reached",
    "The address accepts no connection. Check KLENTY_BASE_URL, the network, and whether a proxy or a firewall lets "
    "this machine reach Klenty.",
)
_NOT_TRUSTED = Advice(
    "The connection is not secure",
    "The certificate of the API was not accepted. A proxy that opens encrypted connections may be in the way; its "
    "certificate can be named in REQUESTS_CA_BUNDLE.",
)
_BROKEN = Advice(
    "The connection to Klenty breaks off",
    "Try again in a minute. If it keeps breaking, a proxy or a firewall may be in the way.",
)
_BY_ERROR: tuple[tuple[type[api.KlentyError], Advice], ...] = (
    (
        api.AuthenticationError,
        Advice(
            "Klenty refuses the API key",
            "Check KLENTY_API_KEY: copy the key again from Klenty (Settings, Integrations, API), without spaces. A key "
            "that was renewed in Klenty stops working here.",
        ),
    ),
    (
        api.UnknownUserError,
        Advice(
            "Klenty does not know this user",
            "KLENTY_USER has to be the email address of a user of the same Klenty account as the key.",
        ),
    ),
    (
        api.NotFoundError,
        Advice(
            "What answers is not Klenty's API",
            "Check KLENTY_BASE_URL; Klenty's own is https://api.klenty.com.",
        ),
    ),
    (
        api.UnexpectedAnswerError,
        Advice(
            "What answers is not Klenty's API",
            "Check KLENTY_BASE_URL; Klenty's own is https://api.klenty.com. A page instead of an answer can also come "
            "from a proxy, a sign-in wall or the network in front of Klenty.",
        ),
    ),
    (
        api.UnknownItemError,
        Advice(
            "Klenty knows nothing of that name",
            "It may have been renamed or deleted: reload the list of cadences, and choose again.",
        ),
    ),
    (
        api.RequestRefusedError,
        Advice("Klenty refused the request", "Its reason is given with the error. Nothing was changed in Klenty."),
    ),
    (
        api.OutcomeUnknownError,
        Advice(
            "Whether Klenty did it is not known",
            "It was sent, and no usable answer came. Look in Klenty before sending it again.",
        ),
    ),
    (
        api.ValidationError,
        Advice("Nothing was sent, because it cannot be right", "What has to be corrected is given with the error."),
    ),
    (api.Cancelled, Advice("Not asked, because the run was stopped", "What came until then is kept; try again.")),
    (api.RateLimitedError, Advice("Klenty asks for fewer calls", "Wait a minute, or set KLENTY_WORKERS lower.")),
    (api.ServiceError, Advice("Klenty's service failed", "Nothing is wrong here; try again in a few minutes.")),
)
_BY_KIND = {"dns": _NO_SUCH_ADDRESS, "timeout": _TOO_SLOW, "tls": _NOT_TRUSTED, "other": _BROKEN}


def advice(error: api.KlentyError) -> Advice:
    """Return what happened in one line and what to do, without any secret or address."""
    if isinstance(error, api.EnvironmentVariableError):
        return Advice("A setting of the network stops every call", f"{error.message}. Correct it and restart.")
    if isinstance(error, api.NotAnsweringError):
        return Advice("Klenty does not answer", f"{error.message}. What is kept stays; try again in a few minutes.")
    if isinstance(error, api.DeadlineExceeded):
        return _TOO_SLOW
    if isinstance(error, api.ConnectionFailed):
        return _BY_KIND.get(error.kind or "", _UNREACHABLE)
    known = next((found for kind, found in _BY_ERROR if isinstance(error, kind)), None)
    return known or Advice("Klenty did not give the answer", "Try again; Klenty's support knows its codes.")
