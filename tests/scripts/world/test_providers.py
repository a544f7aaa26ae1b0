"""The table of providers: enough of them, and each consistent with what it says of itself."""

from random import Random

import pytest

from certs.registered import registered_domain
from scripts.world.providers import Provider, Role, catalogue, customer_fields, regional
from stages.inference.providers.companies import bundled_companies

PROVIDERS = catalogue().providers
SERVER = {"n": 1, "hex": "00c0ffee", "ip": "127-1-0-1", "number": "123456"}
PUBLISHED = "Google Microsoft Yandex ProofPoint Mimecast GoDaddy Zoho Tencent Cisco Rackspace"
"""The ten largest of the Alexa sample, in order (IMC'21)."""


def test_there_are_at_least_25_archetypes_of_as_many_companies() -> None:
    assert len(PROVIDERS) == len({provider.name for provider in PROVIDERS}) >= 25
    assert len({provider.company for provider in PROVIDERS}) >= 25
    assert {provider.role for provider in PROVIDERS} == set(Role)


def test_the_largest_are_those_of_the_paper_in_its_order() -> None:
    primary = {p.company: p.popular for p in reversed(PROVIDERS) if p.company}
    largest = sorted(primary, key=lambda company: -primary[company])
    assert largest[:10] == PUBLISHED.split()


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_the_id_is_what_the_evidence_yields(provider: Provider) -> None:
    host = provider.host.format_map(SERVER)
    names = [name.format_map({**SERVER, "host": host}) for name in provider.certificate]
    if names:
        first = min(name.removeprefix("*.") for name in names)
        first_with_wildcards = min(names).removeprefix("*.")
        found = {registered_domain(first), registered_domain(first_with_wildcards)}
    else:
        found = {registered_domain(host)}
    assert (found == {provider.id}) is (provider.trap is None)


def test_no_name_joins_the_certificates_of_two_ids() -> None:
    ids: dict[str, set[str]] = {}
    for provider in PROVIDERS:
        for name in provider.certificate:
            ids.setdefault(name, set()).add(provider.id)
    ids.pop("{host}")
    assert {name for name, owners in ids.items() if len(owners) > 1} == set()


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_companies_are_spelled_as_in_the_company_map(provider: Provider) -> None:
    company = bundled_companies().of(provider.id)
    assert company is None or company.name == provider.company


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_template_can_be_filled(provider: Provider) -> None:
    fields = customer_fields("some-customer.co.uk", Random(1))
    for template in (*provider.mx, provider.spf, *provider.dkim.values()):
        assert "some-customer" in template.format_map(fields) or "{label" not in template
    assert all(mx.split()[0].isdigit() for mx in provider.mx)
    host = provider.host.format_map(SERVER)
    assert "{" not in provider.banner.format_map({**SERVER, "host": host})
    assert "{" not in provider.ehlo.format_map({**SERVER, "host": host})


def test_includes_of_the_catalogue_lead_somewhere() -> None:
    published = {name for provider in PROVIDERS for name in provider.txt}
    published |= {name for sender in catalogue().senders for name in sender.txt}
    assert {sender.include for sender in catalogue().senders} <= published


def test_one_small_provider_in_four_has_no_tls() -> None:
    small = [regional(n, f"isp{n}.de", "DE") for n in range(8)]
    assert [bool(provider.certificate) for provider in small] == [True, True, True, False] * 2
    assert len({provider.system.asn for provider in small}) == 8
