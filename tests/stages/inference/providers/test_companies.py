from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.providers import Role
from stages.inference.providers.companies import (
    CompanyMap,
    bundled_companies,
    extended,
    parse_companies,
    read_companies,
)
from stages.inference.providers.company import Company, CompanyMapError

PAPER = """AppRiver, Aruba, Barracuda, Beget, Cisco, EIG, Fastmail, FireEye, ForcePoint, Gandi,
GoDaddy, Google, GreenviewData, Intermedia, Mail.Ru, Mailgun, MessageLabs, Microsoft, Mimecast,
NameCheap, OVH, ProofPoint, Rackspace, SakuraInternet, SiteGround, Solarwinds, Sophos, Spamhero,
Strato, Tencent, TrendMicro, Tucows, Ukraine.ua, UnitedInternet, Web.com, Yahoo, Yandex, Zoho"""

ACME = '[[company]]\nname = "Acme"\nrole = "gateway"\ncountry = "US"\nids = ["acme.com"]\n'
OTHER = ACME.replace("Acme", "Other").replace("acme.com", "other.com")
SENDING = ACME.replace("gateway", "marketing").replace("acme.com", "acme-sends.com")
MAP = bundled_companies()


def answer(company: Company | None) -> tuple[str, Role] | None:
    return (company.name, company.role) if company else None


def test_the_bundled_map_has_every_company_of_the_paper() -> None:
    companies = MAP
    names = {company.name for company in companies.companies}
    assert set(PAPER.replace("\n", " ").split(", ")) <= names
    assert companies.count() == len(names) > 450
    assert sum(len(company.ids + company.suffixes) for company in companies.companies) > 800


@pytest.mark.parametrize(
    ("provider_id", "name", "role"),
    [
        ("google.com", "Google", Role.MAILBOX),
        ("mx.microsoft", "Microsoft", Role.MAILBOX),
        ("pphosted.com", "ProofPoint", Role.GATEWAY),
        ("mx-vip-02.uni5.net", "Locaweb", Role.HOSTING),
        ("mx.cloudflare.net", "Cloudflare", Role.FORWARDING),
        ("ec2-192-0-2-1.compute-1.amazonaws.com", "Amazon", Role.HOSTING),
    ],
)
def test_an_id_leads_to_its_company(provider_id: str, name: str, role: Role) -> None:
    assert answer(MAP.of(provider_id)) == (name, role)


@pytest.mark.parametrize(
    ("found", "name", "role"),
    [
        (MAP.of("registrar-servers.com"), "NameCheap", Role.FORWARDING),
        (MAP.of("privateemail.com"), "NameCheap", Role.HOSTING),
        (MAP.of_spf("spf.protection.outlook.com"), "Microsoft", Role.MAILBOX),
        (MAP.of_spf("_spf.google.com"), "Google", Role.MAILBOX),
        (MAP.of_spf("servers.mcsv.net"), "Mailchimp", Role.MARKETING),
        (MAP.of_spf("relay.mailchannels.net"), "MailChannels", Role.GATEWAY),
        (MAP.of_spf("eu._netblocks.mimecast.com"), "Mimecast", Role.GATEWAY),
        (MAP.of_spf("spf.a.pphosted.com"), "ProofPoint", Role.GATEWAY),
        (MAP.of_spf("amazonses.com"), "Amazon", Role.MARKETING),
        (MAP.of_spf("zcsend.net"), "Zoho", Role.MARKETING),
        (MAP.of_spf("zoho.eu"), "Zoho", Role.MAILBOX),
        (MAP.of_dkim("selector1-a-b._domainkey.ab.onmicrosoft.com"), "Microsoft", Role.MAILBOX),
        (MAP.of_dkim("s._domainkey.ab.n-v1.dkim.mail.microsoft"), "Microsoft", Role.MAILBOX),
        (MAP.of_dkim("s1.domainkey.u1.wl.sendgrid.net"), "SendGrid", Role.MARKETING),
        (MAP.of_selector("google"), "Google", Role.MAILBOX),
        (MAP.of_autodiscover("autodiscover.outlook.com"), "Microsoft", Role.MAILBOX),
        (MAP.of_autodiscover("autodiscover.mail.eu-west-1.awsapps.com"), "Amazon", Role.MAILBOX),
        (MAP.of_token("MS=ms12345678"), "Microsoft", Role.MAILBOX),
        (MAP.of_token("zoho-verification=zb1.zmverify.zoho.com"), "Zoho", Role.MAILBOX),
    ],
)
def test_what_the_bundled_map_knows(found: Company | None, name: str, role: Role) -> None:
    assert answer(found) == (name, role)


@pytest.mark.parametrize("text", ["google-site-verification=x", "apple-domain-verification=x"])
def test_a_token_that_says_nothing_about_mail_is_nobodys(text: str) -> None:
    assert MAP.of_token(text) is None


def test_control_panels_that_everybody_runs_are_nobodys() -> None:
    assert MAP.of_autodiscover("cpanelemaildiscovery.cpanel.net") is None


@pytest.mark.parametrize(
    "provider_id", ["notgoogle.com", "a.google.com", "xuni5.net", "net", "", "example.com"]
)
def test_ids_match_whole_names_only(provider_id: str) -> None:
    assert MAP.of(provider_id) is None


TOLD = parse_companies(
    ACME
    + """spf = ["spf.example.net"]
dkim = ["keys.example.net"]
selectors = ["acme1"]
autodiscover = ["auto.example.net"]
tokens = ["acme-mail=", "acme-mail=box"]

"""
    + SENDING
    + 'spf = ["bulk.acme.com"]\ntokens = ["acme-mail=bulk"]\n'
)


@pytest.mark.parametrize(
    ("found", "role"),
    [
        (TOLD.of_spf("spf.example.net"), Role.GATEWAY),
        (TOLD.of_spf("_a.SPF.example.net."), Role.GATEWAY),
        (TOLD.of_spf("%{i}.spf.example.net"), Role.GATEWAY),
        (TOLD.of_spf("xspf.example.net"), None),
        (TOLD.of_spf("example.net"), None),
        (TOLD.of_spf("keys.example.net"), None),
        (TOLD.of_spf("_spf.acme.com"), Role.GATEWAY),
        (TOLD.of_spf("_spf.bulk.acme.com"), Role.MARKETING),
        (TOLD.of_spf("acme-sends.com"), Role.MARKETING),
        (TOLD.of_dkim("s1.keys.example.net"), Role.GATEWAY),
        (TOLD.of_dkim("s1.dkim.acme.com"), Role.GATEWAY),
        (TOLD.of_dkim("bulk.acme.com"), Role.GATEWAY),
        (TOLD.of_selector("ACME1"), Role.GATEWAY),
        (TOLD.of_selector("acme10"), None),
        (TOLD.of_autodiscover("auto.example.net"), Role.GATEWAY),
        (TOLD.of_autodiscover(""), None),
        (TOLD.of_token("ACME-mail=17"), Role.GATEWAY),
        (TOLD.of_token("acme-mail=bulk17"), Role.MARKETING),
        (TOLD.of_token("x acme-mail=17"), None),
        (TOLD.of_token(""), None),
    ],
)
def test_each_kind_of_evidence_is_looked_up_by_its_own_names(
    found: Company | None, role: Role | None
) -> None:
    assert answer(found) == (role and ("Acme", role))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (ACME + OTHER.replace("other.com", "acme.com"), "id 'acme.com' stands more than once"),
        (ACME + OTHER + 'suffixes = ["acme.com"]', "id 'acme.com' stands more than once"),
        (ACME + OTHER.replace("Other", "Acme"), "company 'Acme (gateway)' stands more than once"),
        (ACME + SENDING.replace("US", "DE"), "'Acme' has its seat in US and DE"),
        (ACME + "asns = [7]\n" + OTHER + "asns = [7]", "AS number 7 stands more than once"),
        (ACME + 'spf = ["x.y"]\n' + OTHER + 'spf = ["x.y"]', "spf 'x.y' stands more than once"),
        (
            ACME + OTHER + 'dkim = ["acme.com"]',
            "'acme.com' of 'Other' lies within a name of 'Acme'",
        ),
        (ACME + OTHER + 'spf = ["a.b.acme.com"]', "'a.b.acme.com' of 'Other' lies within"),
        (ACME + 'spf = ["a.acme.com"]', "'a.acme.com' of 'Acme' lies within a name of 'Acme'"),
        (ACME + 'dkim = ["x.y", "a.x.y"]', "'a.x.y' of 'Acme' lies within a name of 'Acme'"),
        (ACME.replace('ids = ["acme.com"]', "asns = [7]"), "nothing leads to 'Acme'"),
        (ACME.replace("gateway", "bouncer"), "company.0.role"),
        (ACME.replace("US", "usa"), "company.0.country"),
        (ACME.replace("US", "UK"), "'UK'"),
        (ACME.replace("acme.com", "Acme.com"), "company.0.ids.0"),
        (ACME.replace("acme.com", "mx.acme.com"), "is not a registered domain"),
        (ACME.replace("acme.com", "co.uk"), "is not a registered domain"),
        (ACME + 'spf = ["-a.acme.org"]', "company.0.spf.0"),
        (ACME + 'spf = [".acme.org"]', "company.0.spf.0"),
        (ACME + 'tokens = ["a"]', "company.0.tokens.0"),
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


_LISTS = st.sampled_from(["ids", "suffixes", "spf", "dkim", "tokens", "asns", "rented", "as"])
_VALUES = st.lists(st.sampled_from(['"acme.com"', '"a.acme.com"', '"co.uk"', '"x"', "1", "-1"]))
_ENTRIES = st.builds(
    lambda role, fields: (
        f'[[company]]\nname="A"\nrole="{role}"\ncountry="US"\n'
        + "\n".join(f"{field} = [{','.join(values)}]" for field, values in fields.items())
    ),
    st.sampled_from(["gateway", "mailbox", "?"]),
    st.dictionaries(_LISTS, _VALUES),
)


@given(st.text() | st.lists(_ENTRIES).map("\n".join))
def test_any_text_is_a_map_or_refused(text: str) -> None:
    try:
        said = str(parse_companies(text))
    except CompanyMapError as error:
        said = str(error)
    assert "\n" not in said


def test_the_version_is_that_of_the_content() -> None:
    acme, other = parse_companies(ACME), parse_companies(OTHER)
    assert acme.version == parse_companies(ACME).version != other.version
    both = {extended(acme, other).version, extended(other, acme).version}
    assert len(both | {acme.version, other.version}) == 4


def later(text: str) -> CompanyMap:
    """ACME, OTHER and further lists, extended by ``text``."""
    base = ACME + 'spf = ["x.y", "z.y"]\nasns = [1, 2]\n' + OTHER + "asns = [3]\nrented = [1]\n"
    return extended(parse_companies(base), parse_companies(text))


def test_a_further_map_adds_to_entries_and_brings_new_ones() -> None:
    found = later(OTHER.replace("other.com", "more.com") + "asns = [9]\n" + SENDING)
    ids = ["acme.com", "other.com", "more.com", "acme-sends.com"]
    assert [answer(found.of(key)) for key in ids] == [
        ("Acme", Role.GATEWAY),
        ("Other", Role.GATEWAY),
        ("Other", Role.GATEWAY),
        ("Acme", Role.MARKETING),
    ]
    assert set(found.asns()) == {("Acme", 1), ("Acme", 2), ("Other", 3), ("Other", 9), ("Other", 1)}


def test_what_a_further_map_claims_is_its_own() -> None:
    text = OTHER.replace(
        'ids = ["other.com"]', 'suffixes = ["acme.com"]\nspf = ["x.y"]\nasns = [2]'
    )
    found = later(text)
    assert answer(found.of("acme.com")) == ("Other", Role.GATEWAY)
    assert answer(found.of_spf("x.y")) == ("Other", Role.GATEWAY)
    assert answer(found.of_spf("z.y")) == ("Acme", Role.GATEWAY)
    assert set(found.asns()) == {("Acme", 1), ("Other", 1), ("Other", 2), ("Other", 3)}


def test_a_further_map_may_carve_a_name_out_of_a_wider_one() -> None:
    found = later(OTHER.replace('ids = ["other.com"]', 'spf = ["a.acme.com"]'))
    assert answer(found.of_spf("b.a.acme.com")) == ("Other", Role.GATEWAY)
    assert answer(found.of_spf("b.acme.com")) == ("Acme", Role.GATEWAY)


def test_a_further_map_gives_a_company_another_role() -> None:
    found = later(ACME.replace("gateway", "mailbox"))
    assert answer(found.of("acme.com")) == ("Acme", Role.MAILBOX)
    assert answer(found.of_spf("x.y")) == ("Acme", Role.GATEWAY)


def test_a_further_map_must_agree_about_the_country() -> None:
    with pytest.raises(CompanyMapError, match="'Acme' has its seat in US and DE"):
        later(SENDING.replace("US", "DE"))
    with pytest.raises(CompanyMapError, match="'Acme' has its seat in US and DE"):
        later(ACME.replace("US", "DE"))


def test_files_extend_the_bundled_map_in_turn(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(ACME + 'suffixes = ["cloudflare.net"]\n')
    second.write_text(OTHER.replace("other.com", "acme.com"))
    found = read_companies([first, second])
    ids = ["google.com", "mx.cloudflare.net", "acme.com"]
    assert [answer(found.of(key)) for key in ids] == [
        ("Google", Role.MAILBOX),
        ("Acme", Role.GATEWAY),
        ("Other", Role.GATEWAY),
    ]
    assert read_companies([]) == bundled_companies()


@pytest.mark.parametrize("content", [None, b"\xff", b"[[company]]\n", ACME.encode() * 2])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "companies.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CompanyMapError) as caught:
        read_companies([path])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
