"""When a run is told to be worthless."""

import pytest

from pipeline.report.alarm import alarms


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ({"domains": {"mx": 10, "failed": 90}}, "90 of 100 domains"),
        ({"domains": {"mx": 11, "failed": 89}}, None),
        ({"domains": {"failed": 1, "opted_out": 500}}, "1 of 1 domains"),
        ({"domains": {"nxdomain": 50}}, None),
        ({"domains": {}}, None),
        ({}, None),
        ({"hosts": {"failed": 95, "resolved": 5}}, "95 of 100 hosts"),
        ({"smtp": {"connect_timeout": 80, "unreachable": 11, "ok": 9}}, "port 25 is open"),
        ({"smtp": {"connect_timeout": 9, "not_probed": 400, "bug": 2, "refused": 1}}, "10 of 10"),
        ({"smtp": {"blocked": 9, "ok": 1}}, "refused our address"),
        ({"smtp": {"banner_timeout": 100}}, None),
        ({"sts_policies": {"refused": 18, "no_address": 99, "ok": 2}}, "port 443 is open"),
        ({"sts_policies": {"refused": 18, "no_address": 99}}, None),
        ({"sts_policies": {"client_error": 99}}, None),
    ],
)
def test_only_what_nearly_always_fails(
    outcomes: dict[str, dict[str, int]], said: str | None
) -> None:
    found = alarms(outcomes)
    assert len(found) == (said is not None)
    assert (said or "") in "".join(found)


def test_a_crawl_under_way_is_judged_once_it_got_somewhere() -> None:
    assert not alarms({"domains": {"failed": 200}}, live=True)
    assert alarms({"domains": {"failed": 201}}, live=True)
