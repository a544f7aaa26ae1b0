"""The tables of web hosts and name services."""

import pytest

from scripts.world.hosting import SLOTS, NameService, name_services, web_slots
from scripts.world.model import Record
from scripts.world.providers import catalogue
from scripts.world.rdata import encode

SERVICES = [pytest.param(service, id=service.name) for service in name_services().values()]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_distinct_servers_and_an_authority(service: NameService) -> None:
    for number in range(service.sets):
        servers = service.servers(number)
        assert len(set(servers)) == len(service.ns)
        primary, mailbox, *times = service.authority(number).split()
        assert encode(Record("d", "SOA", " ".join((primary, mailbox, "1", *times))))
    assert len({tuple(service.servers(n)) for n in range(service.sets)}) == service.sets


def test_services_go_with_providers_that_there_are() -> None:
    known = {provider.id for provider in catalogue().providers}
    assert {id_ for service in name_services().values() for id_ in service.operators} <= known


def test_slots_are_full_and_need_services_that_there_are() -> None:
    assert len(web_slots()) == SLOTS
    assert {host.zone for host in web_slots()} <= {None, *name_services()}
    assert all(max(host.addresses) <= host.pool for host in web_slots())
