"""The policies of a world, by crawl and inference with the real command: exactly its truth."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.policy_class import PolicyClass
from scripts.world.builder import PROBE
from scripts.world.https import read_requests
from scripts.world.published import SELECTOR
from scripts.world.sts_kinds import STS
from tests.pipeline.command import mailcensus
from tests.servers.world import world

RUN = "night"
FOUND = f"""
    SELECT domain, s.outcome AS sts_outcome, dmarc, dmarc_place AS place, policy, subdomain_policy,
        policy_by_walk, organisation_by_walk AS organisation,
        list_aggregate(list_sort(list_distinct(list_transform(reports, r -> r.consent))),
            'string_agg', ' ') AS consents,
        list_filter(dkim, k -> k.selector = '{SELECTOR}')[1] AS key,
        mta_sts, mta_sts_id, sts_policy, sts_mode, sts_match,
        tls_rpt, tls_rpt_uris[1] AS tls_rpt_uri, bimi, bimi_logo, dane, dane_secure,
        list_aggregate(list_sort(list_distinct(list_transform(
            list_filter(findings, f -> (f.policy != 'dkim' OR f.name LIKE '{SELECTOR}.%')
                AND f.finding != 'refused_certificate'),
            f -> f.policy || ':' || f.finding))), 'string_agg', ' ') AS findings
    FROM '{{}}' LEFT JOIN '{{}}' s USING (domain)
"""


class Finished:
    """A crawl of all names that the world has a truth for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.warehouse = folder / "world", folder / "warehouse"

    def run(self, *plan: str) -> None:
        with world(self.folder, domains=250, seed=3) as served:
            rows = duckdb.sql(f"SELECT domain FROM '{self.folder}/policies.parquet'").fetchall()
            seeds = self.folder / "names.txt"
            seeds.write_text("".join(f"{domain}\n" for (domain,) in rows))
            # Time enough on a busy machine: what a time-out hides is not the subject here.
            config = self.folder / "patient.toml"
            text = served.config.read_text().replace("dns_timeout = 0.5", "dns_timeout = 3.0")
            config.write_text(text.replace("smtp_timeout = 3.0", "smtp_timeout = 15.0"))
            done = mailcensus(
                "crawl", seeds, "--exact", "--warehouse", self.warehouse, "--run", RUN,
                "--config", config, *plan, seconds=180,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        done = mailcensus("infer", self.warehouse, RUN, seconds=120)
        assert done.returncode == 0, done.stdout + done.stderr

    def table(self, name: str) -> str:
        return f"{self.warehouse}/{name}/run={RUN}/*.parquet"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    made = Finished(tmp_path_factory.mktemp("policies"))
    made.run("--plan", "policy", "--mta-sts-policies")
    return made


def rows(query: str) -> dict[str, dict[str, Any]]:
    """Rows by domain."""
    return {row["domain"]: row for row in duckdb.sql(query).to_arrow_table().to_pylist()}


def test_every_domain_has_the_policies_that_it_published(finished: Finished) -> None:
    truth = rows(f"FROM '{finished.folder}/policies.parquet'")
    found = rows(FOUND.format(finished.table("mail_policies"), finished.table("sts_policies")))
    assert found.keys() == truth.keys()
    for domain, row in found.items():
        wanted = truth[domain]
        key = row["key"]
        size = f" {key['key_type'] or ''} {key['bits'] or ''}" if key else ""
        row["key"] = f"{key['state']}{size}".strip() if key else None
        if wanted["key"] is None:  # nothing, or a key that its provider has it publish
            row["key"] = None
        row["consents"] = row["consents"] or ""
        row["findings"] = row["findings"] or ""
        if wanted["findings"] is None:
            row["findings"] = None
        wrong = {name: (row[name], wanted[name]) for name in wanted if row[name] != wanted[name]}
        assert not wrong, domain


def test_the_world_has_every_kind(finished: Finished) -> None:
    """Or the test above says little."""
    truth = f"'{finished.folder}/policies.parquet'"
    words = {
        "dmarc": {"valid", "void", "absent"},
        "dane": {"absent", "matched", "mismatched", "unusable"},
        "mta_sts": {"valid", "void", "absent"},
        "bimi": {"valid", "void", "absent", "declined"},
        "sts_outcome": {kind.outcome for kind in STS},
        "sts_policy": {kind.policy for kind in STS},
        "sts_match": {"matched", "partly", "mismatched"},
    }
    for column, wanted in words.items():
        found = duckdb.sql(f"SELECT DISTINCT {column} FROM {truth}").fetchall()
        assert wanted <= {word for (word,) in found}, column


def test_dane_of_every_host(finished: Finished) -> None:
    truth = duckdb.sql(
        f"FROM '{finished.folder}/dane.parquet' SELECT host, dane, secure"
    ).fetchall()
    found = duckdb.sql(
        f"""SELECT DISTINCT h.host, h.dane, h.secure FROM
        (SELECT unnest(dane_hosts) AS h FROM '{finished.table("mail_policies")}')"""
    ).fetchall()
    assert len(found) > 10
    assert set(found) <= set(truth)


def test_certificates_of_every_mail_host_that_a_policy_lists(finished: Finished) -> None:
    """One address is asked by one name: another host's certificate says nothing of the others."""
    named = dict(
        duckdb.sql(f"SELECT address, server_name FROM '{finished.table('smtp')}'").fetchall()
    )
    truth = defaultdict(list)
    for host, address, said, own in duckdb.sql(
        f"FROM '{finished.folder}/sts_mail_hosts.parquet' SELECT host, address, said, own"
    ).fetchall():
        if address in named and (own or said == "no_tls" or named[address] == host):
            truth[host].append(said)
    found = duckdb.sql(
        f"""SELECT DISTINCT h.host, h.tls, h.seen, h.accepted, h.reasons FROM
        (SELECT unnest(sts_mail_hosts) AS h FROM '{finished.table("mail_policies")}')"""
    ).fetchall()
    wanted = [_judged(host, truth[host]) for host, *_ in found]
    assert sorted(found) == sorted(wanted)
    assert {tls for _, tls, *_ in found} >= {"accepted", "refused"}
    reasons = {reason for *_, words in found for reason in words}
    assert reasons >= {"other_names", "self_signed"}
    listed = duckdb.sql(
        f"SELECT DISTINCT unnest(mail_hosts) FROM '{finished.table('mail_policies')}' JOIN "
        f"'{finished.table('domains')}' USING (domain) WHERE sts_match = 'matched'"
    ).fetchall()
    unseen = {host for (host,) in listed} - {host for host, *_ in found}
    assert not {host for host in unseen if truth[host]}


def _judged(host: str, said: list[str]) -> tuple[object, ...]:
    good = said.count("matches")
    tls = "accepted" if good == len(said) else "partly" if good else "refused"
    return host, tls, len(said), good, sorted({*said} - {"matches"})


def test_a_question_is_put_once_for_all_domains(finished: Finished) -> None:
    """And no more of them than the domains above, and the others that are to have reports."""
    counts = {}
    for table, key in (("dmarc", "name"), ("dmarc_consents", "name"), ("tlsa", "host")):
        counts[table] = duckdb.sql(
            f"SELECT count(*), count(DISTINCT {key}) FROM '{finished.table(table)}'"
        ).fetchone()
        assert counts[table] is not None
        assert counts[table][0] == counts[table][1]  # type: ignore[index]
    seeds = duckdb.sql(f"SELECT count(*) FROM '{finished.folder}/policies.parquet'").fetchone()
    assert seeds is not None
    assert counts["dmarc"][0] < seeds[0] / 5  # type: ignore[index]
    assert 0 < counts["dmarc_consents"][0] < seeds[0]  # type: ignore[index]


def test_adoption_adds_up_the_table(finished: Finished) -> None:
    adoption, policies = finished.table("policy_adoption"), finished.table("mail_policies")
    whole = "seed_list = '*' AND rank_cut = 0 AND tld = '*'"
    for aspect, column in (
        ("mta_sts", "mta_sts"),
        ("dmarc_policy", "coalesce(policy, '(no policy)')"),
    ):
        counted = duckdb.sql(
            f"SELECT {column}, count(*), count(*) / (SELECT count(*) FROM '{policies}') "
            f"FROM '{policies}' WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        found = duckdb.sql(
            f"SELECT value, domains, share FROM '{adoption}' WHERE {whole} AND aspect = '{aspect}' "
            "ORDER BY ALL"
        ).fetchall()
        assert [row[:2] for row in found] == [row[:2] for row in counted]
        assert [row[2] for row in found] == pytest.approx([row[2] for row in counted])
    aspects = duckdb.sql(f"SELECT DISTINCT aspect FROM '{adoption}'").fetchall()
    assert {"spf", "spf_mistake", "dkim_key", "dane", "dmarc_reports"} <= {
        word for (word,) in aspects
    }


def test_policy_hosts_are_asked_once_for_one_file_and_told_who_asks(finished: Finished) -> None:
    """By their own log; none of these errors is one to try again on."""
    requests = read_requests(finished.folder / "requests.jsonl")
    asked = duckdb.sql(
        f"SELECT host, attempts FROM '{finished.table('sts_policies')}' WHERE attempts > 0"
    ).fetchall()
    assert len(asked) > 50
    assert Counter(request.host for request in requests) == dict(asked)
    assert {attempts for _, attempts in asked} == {1}
    assert {request.line for request in requests} == {"GET /.well-known/mta-sts.txt HTTP/1.1"}
    (agent,) = {request.user_agent for request in requests}
    assert re.fullmatch(rf"mailcensus/[0-9.]+ \({re.escape(PROBE)}\)", agent)


def test_addresses_and_certificates_of_policy_hosts_are_measured_like_others(
    finished: Finished,
) -> None:
    fetched, addresses, certificates = map(
        finished.table, ("sts_policies", "addresses", "certificates")
    )
    assert duckdb.sql(
        f"SELECT DISTINCT as_name FROM '{fetched}' JOIN '{addresses}' USING (address)"
    ).fetchall() == [("Policy Hosting",)]
    differing = duckdb.sql(
        f"SELECT s.domain FROM '{fetched}' s LEFT JOIN '{certificates}' c ON chain[1] = sha256 "
        "WHERE len(chain) > 0 AND s.verdict IS DISTINCT FROM c.verdict"
    ).fetchall()
    assert not differing


def test_explain_shows_policies_and_mistakes(finished: Finished) -> None:
    picked = duckdb.sql(
        f"SELECT domain FROM '{finished.table('mail_policies')}' WHERE mta_sts = 'valid' "
        "AND list_contains(list_transform(findings, f -> f.finding), 'unauthorised_reports')"
    ).fetchone()
    assert picked is not None
    said = mailcensus("explain", finished.warehouse, RUN, picked[0])
    assert said.returncode == 0, said.stderr
    text = " ".join(said.stdout.split())
    assert "policies:" in text
    assert "(consent: missing)" in text
    assert "unauthorised_reports" in text
    assert "MTA-STS: valid" in text


def test_explain_shows_the_policy_and_what_is_wrong_with_its_host(finished: Finished) -> None:
    """Of a policy that stands, and of one over the certificate of another host."""
    said = {}
    for state in ("valid", "unproven"):
        picked = duckdb.sql(
            f"SELECT domain FROM '{finished.table('mail_policies')}' JOIN "
            f"'{finished.table('sts_policies')}' USING (domain) WHERE sts_policy = '{state}' "
            "AND verdict = 'trusted' AND sts_mode = 'enforce' AND sts_match = 'matched'"
        ).fetchone()
        assert picked is not None
        done = mailcensus("explain", finished.warehouse, RUN, picked[0])
        said[state] = " ".join(done.stdout.replace("│", " ").split())
    assert "policy: valid enforce from mta-sts." in said["valid"]
    assert "fetched: ok " in said["valid"]
    assert "its names: matches " in said["valid"]
    assert "lists (matched): " in said["valid"]
    assert "policy: unproven enforce from mta-sts." in said["unproven"]
    assert "its names: other_names: " in said["unproven"]
    assert "unproven_host: error: " in said["unproven"]


def test_explain_shows_whose_mail_hosts_senders_refuse(finished: Finished) -> None:
    picked = duckdb.sql(
        f"SELECT domain, sts_mail_hosts[1].host, sts_mail_hosts[1].reasons[1] FROM "
        f"'{finished.table('mail_policies')}' WHERE sts_tls = 'refused' AND sts_policy = 'valid'"
    ).fetchone()
    assert picked is not None
    domain, host, reason = picked
    said = mailcensus("explain", finished.warehouse, RUN, domain)
    text = " ".join(said.stdout.replace("│", " ").split())
    assert "senders take the certificates: refused: none, or there is no TLS" in text
    assert f"{host}: refused 0 of" in text
    assert f"refused_certificate: error: {PolicyClass.REFUSED_CERTIFICATE.meaning[7:]}" in text
    assert f"{host}: {reason}" in text
