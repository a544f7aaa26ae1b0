"""Whose space is trusted, and how much: against single addresses of small zones."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any

import pyarrow as pa
import pytest

from certs.registered import registered_domain
from schemas import SPF_ORIGINS, SPF_SHARES, SPF_SIZES
from stages.enrich.atlas import Atlas
from stages.enrich.cloud import CloudTable
from stages.enrich.tables import AsnTable
from stages.inference.providers.companies import bundled_companies
from stages.inference.trust.inference import infer
from tests.stages.inference.trust.reference import WHOLE, Reference
from tests.stages.inference.trust.zone import Town, Zone

SYSTEMS = {
    "10.0.0.0/30": 1, "10.0.0.4/31": 2, "10.0.0.6/32": 3,
    "2001:db8::/126": 2, "2001:db8::8/125": 4,
}  # fmt: skip
CLOUDS = {
    "10.0.0.2/31": ("aws", "eu-west-1", "EC2"),
    "10.0.0.4/32": ("aws", "us-east-1", "EC2"),
    "10.0.0.8/31": ("gcp", "europe-west1", ""),
    "203.0.113.0/24": ("azure", "", ""),
    "2001:db8::2/127": ("aws", "eu-west-1", ""),
    "2001:db8::c/128": ("gcp", "", ""),
}
NOWHERE = {4: "Private-Use", 6: "Documentation"}
"""Special-purpose ranges that the zones' addresses are in."""
LISTS = ("*", "made-up")


def holders(address: str, table: dict[str, Any]) -> list[Any]:
    """What the networks of a table that hold an address stand for."""
    found = ip_address(address)
    return [value for network, value in table.items() if found in ip_network(network)]


def labels(address: str) -> set[tuple[str, str]]:
    """Dimension and value of all that an address counts for."""
    found = {("reserved", NOWHERE[ip_address(address).version])}
    found |= {("as", f"AS{number}") for number in holders(address, SYSTEMS)}
    for provider, region, service in holders(address, CLOUDS):
        found.add(("cloud", provider))
        found |= {("cloud_region", f"{provider} {region}")} if region else set()
        found |= {("cloud_service", f"{provider} {service}")} if service else set()
    return found


def rented() -> set[tuple[str, str]]:
    """The labels of clouds, in which everything has a part."""
    every = {label for network in CLOUDS for label in labels(network.split("/")[0])}
    return {label for label in every if label[0].startswith("cloud")}


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "asn.dat").write_text("".join(f"{k}\t{v}\n" for k, v in SYSTEMS.items()))
    lines = (",".join((network, *cloud)) for network, cloud in CLOUDS.items())
    (folder / "clouds.csv").write_text("\n".join(lines))
    return Atlas.of(AsnTable.open(folder / "asn.dat"), None, CloudTable.open(folder / "clouds.csv"))


@pytest.fixture(scope="module")
def town(atlas: Atlas) -> tuple[Zone, dict[str, pa.Table]]:
    zone = Town(seed=11, zones=60).zone
    return zone, dict(infer(zone.census(), bundled_companies(), atlas))


def passing(reference: Reference, domain: str) -> set[str]:
    """The networks of both families that a domain passes, as written."""
    names = {domain, *reference.reach(domain, trusted=True)}
    return {
        n for name in names for version in (4, 6) for n in reference.networks(name, version, "+")
    }


def of_networks(networks: Iterable[str]) -> set[tuple[str, str]]:
    found = set()
    for network in networks:
        if network in WHOLE.values():
            found |= rented() | {("as", "(everywhere)"), ("country", "(everywhere)")}
            found.add(("reserved", "(everywhere)"))
        else:
            found |= {label for each in ip_network(network) for label in labels(str(each))}
    return found


def cut(zone: Zone, seed_list: str, rank: int) -> list[str]:
    if rank == 0:
        return list(zone.seeds)
    return [] if seed_list == "*" else zone.seeds[:rank]


def rows(table: pa.Table, seed_list: str, rank: int) -> list[dict[str, Any]]:
    return [
        row for row in table.to_pylist() if (row["seed_list"], row["rank_cut"]) == (seed_list, rank)
    ]


@pytest.mark.parametrize("seed_list", LISTS)
@pytest.mark.parametrize("rank", [0, 100])
def test_domains_by_whose_space_they_trust(
    town: tuple[Zone, dict[str, pa.Table]], seed_list: str, rank: int
) -> None:
    zone, made = town
    reference = Reference(zone)
    assert made["spf_shares"].schema == SPF_SHARES.schema
    every: Counter[tuple[str, str]] = Counter()
    direct: Counter[tuple[str, str]] = Counter()
    for domain in cut(zone, seed_list, rank):
        own = {n for version in (4, 6) for n in reference.networks(domain, version, "+")}
        every.update(of_networks(passing(reference, domain)))
        direct.update(of_networks(own))
    found = {
        (row["dimension"], row["value"]): (row["domains"], row["direct"])
        for row in rows(made["spf_shares"], seed_list, rank)
        if row["dimension"] not in ("include_domain", "company")
    }
    assert found == {label: (count, direct[label]) for label, count in every.items()}
    if rank == 0:
        assert len(found) > 12


@pytest.mark.parametrize("seed_list", LISTS)
@pytest.mark.parametrize("rank", [0, 100])
def test_addresses_by_whose_they_are(
    town: tuple[Zone, dict[str, pa.Table]], seed_list: str, rank: int
) -> None:
    zone, made = town
    reference = Reference(zone)
    trusted: set[str] = set()
    for domain in cut(zone, seed_list, rank):
        trusted |= passing(reference, domain)
    small = trusted - set(WHOLE.values())
    single = {str(each) for network in small for each in ip_network(network)}
    # All of the clouds' space is trusted where everything is.
    clouds = single | {
        str(each)
        for network in CLOUDS
        for each in ip_network(network)
        if WHOLE[each.version] in trusted
    }
    expected: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for address in clouds:
        for label in labels(address):
            if address in single or label[0].startswith("cloud"):
                expected[label][":" in address] += 1
    found = {
        (row["dimension"], row["value"]): [row["ipv4"], int(row["ipv6"])]
        for row in rows(made["spf_shares"], seed_list, rank)
        if row["value"] != "(everywhere)" and row["dimension"] not in ("include_domain", "company")
    }
    assert found == expected


def test_domains_by_registered_domain_of_includes(town: tuple[Zone, dict[str, pa.Table]]) -> None:
    zone, made = town
    reference = Reference(zone)
    counts: Counter[str] = Counter()
    for domain in zone.seeds:
        reach = reference.reach(domain, trusted=True)
        counts.update({registered_domain(target) or target for target in reach})
    found = {
        row["value"]: row["domains"]
        for row in rows(made["spf_shares"], "*", 0)
        if row["dimension"] == "include_domain"
    }
    assert found == counts
    for row in rows(made["spf_shares"], "*", 0):
        recorded = sum(isinstance(zone.txt.get(d), list) and bool(zone.txt[d]) for d in zone.seeds)
        assert row["share"] == pytest.approx(row["domains"] / recorded)


def test_the_cloud_space_of_each_domain(town: tuple[Zone, dict[str, pa.Table]]) -> None:
    zone, made = town
    reference = Reference(zone)
    sizes = set()
    for row in made["spf_trust"].to_pylist():
        networks = passing(reference, row["domain"])
        expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for network, (provider, *_) in CLOUDS.items():
            for address in ip_network(network):
                if any(address in ip_network(each) for each in networks):
                    expected[provider][address.version == 6] += 1
        found = {each["provider"]: [each["ipv4"], int(each["ipv6"])] for each in row["clouds"]}
        assert found == expected, row["domain"]
        assert [each["provider"] for each in row["clouds"]] == sorted(found)
        sizes.add(tuple(map(tuple, found.values())))
    assert len(sizes) > 10


def test_who_has_each_network(town: tuple[Zone, dict[str, pa.Table]]) -> None:
    zone, made = town
    reference = Reference(zone)
    table = made["spf_origins"]
    assert table.schema == SPF_ORIGINS.schema
    found: dict[tuple[str, int, int], Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in table.to_pylist():
        at = str(ip_address(row["first"][-4:] if row["version"] == 4 else row["first"]))
        key = at, row["version"], row["prefix"]
        columns = {"as": row["asn"] and f"AS{row['asn']}", "cloud": row["cloud_provider"]}
        columns |= {"reserved": row["reserved"]}
        for dimension, value in columns.items():
            if value:
                found[key][dimension, value] += int(row["addresses"])
    expected = {}
    for name in zone.txt:
        for version in (4, 6):
            for text in reference.networks(name, version, "+") - set(WHOLE.values()):
                network = ip_network(text)
                count: Counter[tuple[str, str]] = Counter()
                for address in network:
                    chosen = labels(str(address))
                    count.update(c for c in chosen if c[0] in ("as", "cloud", "reserved"))
                expected[str(network[0]), version, network.prefixlen] = count
    assert found == expected


def test_sizes_are_those_of_spf_trust(town: tuple[Zone, dict[str, pa.Table]]) -> None:
    _, made = town
    table = made["spf_sizes"]
    assert table.schema == SPF_SIZES.schema
    trust = [row for row in made["spf_trust"].to_pylist() if recorded(row)]
    for measure in (
        "ipv4",
        "ipv4_literal",
        "ipv4_inherited",
        "largest_ipv4",
        "ipv6",
        "largest_ipv6",
    ):
        counts = Counter(prefix(row[measure], measure) for row in trust)
        found = {
            row["prefix"]: (row["domains"], row["or_larger"])
            for row in rows(table, "*", 0)
            if row["measure"] == measure
        }
        assert {each: count for each, (count, _) in found.items() if count} == counts
        for each, (_, larger) in found.items():
            assert larger == sum(size <= each for size in counts.elements())


def recorded(row: dict[str, Any]) -> bool:
    """Whether a domain has a record, by its verdict and findings."""
    several = {"multiple_records"} & {
        f["finding"] for f in row["findings"] if f["name"] == row["domain"]
    }
    return row["verdict"] not in ("none", "temperror") or bool(several) or bool(row["lookups"])


def prefix(value: int | None, measure: str) -> int:
    """A size as spf_sizes has it."""
    width = 32 if "4" in measure else 128
    if measure.startswith("largest"):
        return width + 1 if value is None else value
    if value == 10**38 - 1:  # stands for 2**128 here
        return 0
    return width + 1 - int(value or 0).bit_length()
