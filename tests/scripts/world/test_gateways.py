"""Domains behind gateways: what truth says the DNS tells of their mailboxes, it tells."""

import re
from collections import Counter
from ipaddress import ip_address

from certs.registered import registered_domain
from scripts.world.lookup import Found, Zone, text
from scripts.world.model import Truth
from scripts.world.names import wire
from scripts.world.population import make
from scripts.world.providers import Provider, Sender, catalogue
from scripts.world.rdata import type_code

WORLD = make(3000, seed=5)
ZONE = Zone(WORLD.records)
EHLO = {server.address: server.ehlo for server in WORLD.servers}
BEHIND = [row for row in WORLD.truth if row.signals]
TELLING: tuple[Provider | Sender, ...] = (*catalogue().providers, *catalogue().senders)
OWN_SELECTORS = ("default", "mail", "dkim", "k2024", "s2024")
SELECTORS = {name for each in TELLING for name in (*each.dkim, *each.keys)} | {*OWN_SELECTORS}


def found(name: str, kind: str) -> Found:
    return ZONE.find(wire(name), type_code(kind))


def texts(name: str) -> list[str]:
    """TXT records whose text fits into one string."""
    entries = [entry for entry in found(name, "TXT").answers if entry.type == type_code("TXT")]
    return [entry.data[1:].decode(errors="replace") for entry in entries]


def aliases(row: Truth) -> list[str]:
    """Where DKIM selectors and autodiscover lead by CNAME and SRV."""
    names = [f"{selector}._domainkey.{row.domain}" for selector in SELECTORS]
    targets = [text(name) for each in names for name in found(each, "TXT").names[1:]]
    targets += [text(name) for name in found(f"autodiscover.{row.domain}", "A").names[1:]]
    services = found(f"_autodiscover._tcp.{row.domain}", "SRV").answers
    return targets + [text(entry.data[6:]) for entry in services if entry.type == 33]


def tails(provider: Provider) -> set[str]:
    """Ends of names that tell of a provider, without what is its customer's."""
    names = [*provider.dkim.values(), provider.autodiscover, provider.autodiscover_srv]
    return {name.rpartition("}")[2].lstrip(".") for name in names if name}


def tells_of(row: Truth, identifier: str | None) -> set[str]:
    """The kinds of signals that lead to a provider, by its id."""
    kinds = set()
    spf = " ".join(each for each in texts(row.domain) if "v=spf1" in each)
    for provider in catalogue().providers:
        if provider.id != identifier:
            continue
        include = re.split("[:=]", provider.spf)[-1]
        starts = tuple(token.partition("{")[0] for token in provider.tokens)
        keys = (f"{key}._domainkey.{row.domain}" for key in provider.keys)
        told = {
            "alias": any(target.endswith(tuple(tails(provider))) for target in aliases(row)),
            "spf": bool(include) and "{" not in include and f":{include}" in spf,
            "key": any(texts(key) for key in keys),
            "token": any(each.startswith(starts) for each in texts(row.domain)) and bool(starts),
        }
        kinds |= {kind for kind, is_told in told.items() if is_told}
    return kinds


def known(row: Truth) -> bool:
    """Whether the mailboxes are at an archetype of the catalogue."""
    return any(provider.id == row.mailbox_id for provider in catalogue().providers)


def test_there_are_enough_for_statistics() -> None:
    gatewayed = [row for row in BEHIND if row.gateway_company]
    assert len(gatewayed) >= 200
    assert len({row.gateway_company for row in gatewayed}) >= 10
    count = Counter(row.signals for row in BEHIND)
    assert set(count) == {
        "clear", "spf_only", "token_only", "stale", "dns_host", "backup_mx", "wildcard",
        "marketing", "none",
    }  # fmt: skip
    assert count["clear"] > 80
    assert min(count[each] for each in ("stale", "dns_host", "backup_mx", "none")) >= 20
    companies = Counter(row.mailbox_company for row in gatewayed)
    assert companies.keys() >= {"Microsoft", "Google", "Zoho", "Rackspace", None}
    own = [row for row in gatewayed if row.mailbox_id == registered_domain(row.domain)]
    assert len(own) >= 30
    forwarded = [row for row in BEHIND if not row.gateway_company]
    assert sum(row.mailbox_company == "Google" for row in forwarded) >= 10


def test_truth_is_whole() -> None:
    for row in BEHIND:
        assert row.mailbox_id, row
        assert row.operator_id != row.mailbox_id, row
        assert row.trap in ("gateway", "forwarder"), row
        assert (row.gateway_company == row.operator_company) is (row.trap == "gateway"), row


def behind(signals: str) -> list[Truth]:
    """Domains of which the DNS tells so much."""
    return [row for row in BEHIND if row.signals == signals]


def test_where_nothing_is_told_there_is_nothing() -> None:
    for row in behind("none") + behind("marketing"):
        # Tokens are published for other reasons too, and gateways sign with selectors of any name.
        assert tells_of(row, row.mailbox_id) <= {"token", "key"}, row
        assert not found(f"_autodiscover._tcp.{row.domain}", "SRV").answers, row
        if row.gateway_company != "Hornetsecurity":
            assert not found(f"autodiscover.{row.domain}", "A").answers, row


def test_where_one_thing_is_told_it_is_there() -> None:
    for row in behind("token_only"):
        assert tells_of(row, row.mailbox_id) >= {"token"}, row
        assert not tells_of(row, row.mailbox_id) & {"alias", "spf"}, row
    for row in behind("dns_host"):
        assert tells_of(row, row.mailbox_id) & {"alias", "key"}, row
    for row in behind("wildcard"):
        assert found(f"nobody-knows.{row.domain}", "A").names[1:], row


def test_the_least_preferred_exchange_is_a_server_of_who_keeps_the_mailboxes() -> None:
    """By the name it says in EHLO, where it says one of its own."""
    right = 0
    for row in behind("backup_mx"):
        exchanges = {
            int.from_bytes(entry.data[:2], "big"): text(entry.data[2:])
            for entry in found(row.domain, "MX").answers
        }
        assert max(exchanges) == 90
        addresses = found(exchanges[90], "A").answers
        names = {EHLO[str(ip_address(entry.data))].split()[0] for entry in addresses}
        right += {registered_domain(name) for name in names} == {row.mailbox_id}
    assert right > 0.9 * len(behind("backup_mx"))


def test_who_is_told_of_is_told_of_by_most() -> None:
    """Over all: where something is told, it leads to who keeps the mailboxes."""
    clear = [row for row in behind("clear") if known(row)]
    assert sum(bool(tells_of(row, row.mailbox_id)) for row in clear) > 0.95 * len(clear)
    # Every thirty-fourth SPF record is wrong.
    spf = [row for row in behind("spf_only") if known(row)]
    assert sum("spf" in tells_of(row, row.mailbox_id) for row in spf) > 0.8 * len(spf)
    stale = behind("stale")
    others = {p.id for p in catalogue().providers if p.role == "mailbox"}
    strangers = [
        [each for each in others - {row.mailbox_id} if tells_of(row, each) - {"key"}]
        for row in stale
    ]
    assert sum(map(bool, strangers)) > 0.9 * len(stale)


def test_newsletters_lead_to_their_senders() -> None:
    rows = [r for r in WORLD.truth if r.signals == "marketing" or r.archetype == "marketing_dkim"]
    assert len(rows) > 20
    ends = ("sendgrid.net", "mcsv.net", "zendesk.com")
    assert all(any(target.endswith(ends) for target in aliases(row)) for row in rows)


def test_aliases_lead_to_keys_and_addresses() -> None:
    left = {r.domain for r in WORLD.truth if r.signals == "stale" or r.trap == "stale_signals"}
    gone = 0
    for record in WORLD.records:
        if record.type == "CNAME" and record.name.startswith("autodiscover."):
            assert [e for e in found(record.name, "A").answers if e.type == 1], record
        if record.type == "CNAME" and record.name.startswith(("selector1._domainkey", "s1._")):
            stands = any("p=" in key for key in texts(record.name))
            assert stands or record.name.partition("._domainkey.")[2] in left, record
            gone += not stands
    assert gone  # of those who have moved away
