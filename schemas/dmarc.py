"""What DMARC leads to beyond a seed's own record: domains above it, consent to take reports."""

from typing import Annotated, NamedTuple

from schemas.query import Query, Text
from schemas.table import Micros, Table


class DmarcAbove(NamedTuple):
    """DMARC of a domain above seeds: an organisational domain, a public suffix, or between."""

    name: Annotated[str, "the domain; what was asked is _dmarc below it"]
    asked: Annotated[Micros, "when the question was first asked"]
    dmarc: Annotated[tuple[Text, ...], "TXT records at _dmarc, sorted (RFC 7489)"]
    report_consents: Annotated[
        tuple[str, ...], "names that tell whether others take its reports; keys of dmarc_consents"
    ]
    dmarc_query: Annotated[Query, "the TXT question at _dmarc"]


class DmarcConsent(NamedTuple):
    """Whether somebody takes reports on another's domain (RFC 7489 section 7.1)."""

    name: Annotated[str, "DOMAIN._report._dmarc.TARGET: where the target would agree"]
    asked: Annotated[Micros, "when the question was first asked"]
    txt: Annotated[tuple[Text, ...], "TXT records there, sorted; v=DMARC1 is a consent"]
    txt_query: Annotated[Query, "the TXT question"]


DMARC = Table("dmarc", DmarcAbove, ("name",), "dns", "a domain above a seed that is none itself")
DMARC_CONSENTS = Table(
    "dmarc_consents",
    DmarcConsent,
    ("name",),
    "dns",
    "a domain and another that is to have its DMARC reports, in plan policy",
)
