import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from certs.registered import registered_domain
from schemas.providers import Role
from stages.inference.providers.companies import (
    CompanyMapError,
    bundled_companies,
    parse_companies,
)

RECORDED = Path(__file__).parents[5] / "shared/data/mail-dns/recorded.jsonl.gz"
PAPER = """AppRiver, Aruba, Barracuda, Beget, Cisco, EIG, Fastmail, FireEye, ForcePoint, Gandi,
GoDaddy, Google, GreenviewData, Intermedia, Mail.Ru, Mailgun, MessageLabs, Microsoft, Mimecast,
NameCheap, OVH, ProofPoint, Rackspace, SakuraInternet, SiteGround, Solarwinds, Sophos, Spamhero,
Strato, Tencent, TrendMicro, Tucows, Ukraine.ua, UnitedInternet, Web.com, Yahoo, Yandex, Zoho"""

ACME = '[[company]]\nname = "Acme"\nrole = "gateway"\ncountry = "US"\nids = ["acme.com"]\n'
OTHER = ACME.replace("Acme", "Other").replace("acme.com", "other.com")


def test_the_bundled_map_has_every_company_of_the_paper() -> None:
    names = {company.name for company in bundled_companies().companies}
    assert set(PAPER.replace("\n", " ").split(", ")) <= names
    assert len(names) > 100


def test_every_bundled_id_can_occur() -> None:
    for company in bundled_companies().companies:
        assert company.ids or company.suffixes
        for provider_id in company.ids:
            assert registered_domain(provider_id) == provider_id
        for suffix in company.suffixes:  # needed only where customers have domains of their own
            assert registered_domain("customer.x." + suffix) != suffix


@pytest.mark.parametrize(
    ("provider_id", "name", "role"),
    [
        ("google.com", "Google", Role.MAILBOX),
        ("mx.microsoft", "Microsoft", Role.MAILBOX),
        ("pphosted.com", "ProofPoint", Role.GATEWAY),
        ("mx-vip-02.uni5.net", "Locaweb", Role.HOSTING),
        ("mx.cloudflare.net", "Cloudflare", Role.FORWARDING),
    ],
)
def test_an_id_leads_to_its_company(provider_id: str, name: str, role: Role) -> None:
    company = bundled_companies().of(provider_id)
    assert company is not None
    assert (company.name, company.role) == (name, role)


@pytest.mark.parametrize(
    "provider_id", ["notgoogle.com", "a.google.com", "xuni5.net", "net", "", "example.com"]
)
def test_ids_match_whole_names_only(provider_id: str) -> None:
    assert bundled_companies().of(provider_id) is None


def test_an_id_goes_before_a_suffix_and_a_longer_suffix_before_a_shorter() -> None:
    text = ACME + 'suffixes = ["example.net"]\n'
    text += OTHER.replace('["other.com"]', '["a.example.net"]\nsuffixes = ["b.example.net"]')
    companies = parse_companies(text)
    found = [companies.of(f"{label}.example.net") for label in ("a", "x.a", "x.b", "c")]
    assert [company and company.name for company in found] == ["Other", "Acme", "Other", "Acme"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (ACME + ACME.replace('"Acme"', '"Other"'), "id 'acme.com' stands more than once"),
        (ACME + OTHER + 'suffixes = ["acme.com"]', "id 'acme.com' stands more than once"),
        (ACME + OTHER.replace("Other", "Acme"), "company 'Acme' stands more than once"),
        (ACME.replace("gateway", "bouncer"), "company.0.role"),
        (ACME.replace("US", "usa"), "company.0.country"),
        (ACME.replace("acme.com", "Acme.com"), "company.0.ids.0"),
        (ACME + 'asns = ["AS1"]', "company.0.asns.0"),
        (ACME + "as = [1]", "company.0.as"),
        ("x = 1\n" + ACME, "x: Extra inputs"),
        (ACME + "[[", "company map: "),
        ("", "company: Field required"),
    ],
)
def test_a_wrong_map_is_refused_in_one_clear_line(text: str, complaint: str) -> None:
    with pytest.raises(CompanyMapError) as caught:
        parse_companies(text)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_version_is_that_of_the_content() -> None:
    assert parse_companies(ACME).version == parse_companies(ACME).version
    assert parse_companies(ACME).version != parse_companies(OTHER).version


@pytest.mark.skipif(not RECORDED.exists(), reason="needs ../shared/data/mail-dns")
def test_the_commonest_exchanges_of_public_bodies_have_a_company() -> None:
    companies = bundled_companies()
    counts = Counter[str]()
    with gzip.open(RECORDED, "rt") as lines:
        for line in lines:
            exchanges = json.loads(line)["mx"]
            registered = {registered_domain(mx.lower().rstrip(".")) for mx in exchanges}
            counts.update(name for name in registered if name)
    common = [name for name, _ in counts.most_common(60)]
    nameless = [name for name in common if companies.of(name) is None]
    assert len(nameless) <= 12, nameless  # counties and provinces that run their own
