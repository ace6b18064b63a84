"""The fields of a prospect as Klenty documents them: one table for the forms, the import and its template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProspectField:
    """A documented field: its attribute in `klenty_api.Prospect`, Klenty's name, and what people call it."""

    attribute: str
    name: str
    label: str
    help: str = ""
    also: tuple[str, ...] = ()
    """Other headings under which address books and CRMs export it."""


LIST_HELP: Final = (
    "Left empty, the prospect goes to Klenty's default list. A list that does not exist is created: check the spelling."
)
TAGS_HELP: Final = "Separate tags with commas, or with | if a tag has a comma in it."
OWNER_HELP: Final = "Email address of the colleague who gets the prospect. Left empty: the account's own user."

PROSPECT_FIELDS: Final[tuple[ProspectField, ...]] = (
    ProspectField(
        "email",
        "Email",
        "Email",
        also=("mail", "emailaddress", "workemail", "businessemail", "primaryemail", "email1value", "email1"),
    ),
    ProspectField("first_name", "FirstName", "First name", also=("first", "givenname", "forename")),
    ProspectField("last_name", "LastName", "Last name", also=("last", "surname", "familyname")),
    ProspectField(
        "company",
        "Company",
        "Company",
        also=("companyname", "organizationname", "organization", "organisation", "employer"),
    ),
    ProspectField("title", "Title", "Job title", also=("jobtitle", "position", "role", "organizationtitle")),
    ProspectField(
        "phone",
        "Phone",
        "Phone",
        also=("phonenumber", "telephone", "mobile", "mobilephone", "directphone", "phone1value"),
    ),
    ProspectField("list", "List", "List", LIST_HELP, also=("listname", "prospectlist")),
    ProspectField("tags", "Tags", "Tags", TAGS_HELP, also=("tag", "labels")),
    ProspectField(
        "owner", "Owner", "Owner", OWNER_HELP, also=("prospectowner", "owneremail", "assignedto", "assignto")
    ),
    ProspectField("full_name", "FullName", "Full name", also=("name", "contactname")),
    ProspectField("middle_name", "MiddleName", "Middle name"),
    ProspectField("account", "Account", "Account", also=("accountname",)),
    ProspectField("department", "Department", "Department"),
    ProspectField(
        "company_domain",
        "CompanyDomain",
        "Company domain",
        "For example klenty.com",
        also=("domain",),
    ),
    ProspectField(
        "company_url", "CompanyURL", "Company website", also=("website", "websiteurl", "companywebsite", "companyurl")
    ),
    ProspectField("location", "Location", "Location", also=("address", "region")),
    ProspectField("city", "City", "City", also=("town",)),
    ProspectField("country", "Country", "Country"),
    ProspectField("twitter_id", "TwitterId", "Twitter", also=("twitter", "twitterhandle", "x")),
    ProspectField(
        "linkedin_url",
        "LinkedinURL",
        "LinkedIn",
        also=("linkedin", "linkedinprofile", "linkedinprofileurl", "personlinkedinurl"),
    ),
    ProspectField("company_phone", "CompanyPhone", "Company phone", also=("officephone", "companyphonenumber")),
    ProspectField("company_email", "CompanyEmail", "Company email", also=("officeemail",)),
)
"""All documented fields of a new prospect but `CustomFields`, which have names of their own."""


def normalised(heading: str) -> str:
    """Return `heading` without case, blanks and signs, as headings are compared."""
    return re.sub(r"[\W_]+", "", heading).casefold()


def is_heading(cell: str) -> bool:
    """Return whether `cell` is a known name of one of the fields."""
    return normalised(cell) in SPELLINGS


def _spellings() -> dict[str, str]:
    spellings: dict[str, str] = {}
    for known in PROSPECT_FIELDS:
        for spelling in (known.name, known.attribute, known.label, *known.also):
            spellings.setdefault(normalised(spelling), known.attribute)
    return spellings


SPELLINGS: Final = _spellings()
"""The attribute by every name under which its field is known, normalised."""

BY_ATTRIBUTE: Final = {field.attribute: field for field in PROSPECT_FIELDS}
