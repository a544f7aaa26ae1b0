"""The policies of a finished world: published for its domains, and the truth about them.

    with_policies(world, seed) -> the world with more records, what is signed, and truths

Every domain has chances of its own, so the rest of the world stays as it was. Domains with names
that a wildcard makes, or whose servers answer badly, or that lie below another, whose policy may be
theirs, are left as they are and have no truth here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple, TypeVar

from scripts.world.dane import Tlsa, tlsa_of
from scripts.world.model import PolicyTruth, Record, World
from scripts.world.policy_kinds import (
    ALL_AGREE,
    BIMI,
    DMARC,
    KEYS,
    MTA_STS,
    PRESENT,
    SOME_AGREE,
    TLS_RPT,
    DmarcKind,
    KeyKind,
    ServiceKind,
    key,
)
from scripts.world.sts import Hosting
from scripts.world.sts_mail_hosts import shown_by_hosts

_K = TypeVar("_K", DmarcKind, KeyKind, ServiceKind)

SELECTOR = "dkim"
SUBDOMAIN = "news"
"""A name below each domain, that is nowhere in the DNS: what applies to it is inherited."""
_ENFORCED = ("quarantine", "reject")


def with_policies(world: World, seed: int) -> World:
    """The world and all that this module adds to it."""
    names = _Names(world)
    tlsa = tlsa_of(world, seed)
    records: list[Record] = [
        *tlsa.records,
        Record(f"*._report._dmarc.{ALL_AGREE}", "TXT", "v=DMARC1"),
    ]
    truth: list[PolicyTruth] = []
    hosting = Hosting()
    for _, domain in world.seeds:
        if names.plain(domain):
            made = _Domain(domain, names, tlsa, Random(f"{seed} policies {domain}"))
            records += made.records()
            truth += made.truth(hosting, Random(f"{seed} sts {domain}"))
    return world._replace(
        records=(*world.records, *records, *hosting.records),
        certificates=(*world.certificates, *hosting.certificates),
        networks=(*world.networks, hosting.network),
        signed=tlsa.signed,
        policies=tuple(truth),
        dane=tuple(tlsa.truth.values()),
        sts_mail_hosts=tuple(shown_by_hosts(world)),
        policy_files=tuple(hosting.files),
    )


class _Names:
    """What stands at the names of a world."""

    def __init__(self, world: World) -> None:
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.mx: dict[str, list[str]] = defaultdict(list)
        self.all = {record.name for record in world.records}
        self._wild = {name[2:] for name in self.all if name.startswith("*.")}
        self._faulty = set(world.faults)
        self._seeds = {domain for _, domain in world.seeds}
        addressed = {record.name for record in world.records if record.type in ("A", "AAAA")}
        for record in world.records:
            if record.type == "TXT":
                self.texts[record.name].append(record.data)
            elif record.type == "MX":
                self.mx[record.name].append(record.data.split()[1])
        self._addressed = addressed

    def plain(self, domain: str) -> bool:
        """Whether a domain has mail, and nothing spoils what is asked of it."""
        hosts = self.mx.get(domain, [])
        own = {domain, f"_dmarc.{domain}", *hosts}
        labels = domain.split(".")
        above = {".".join(labels[depth:]) for depth in range(1, len(labels))}
        return (
            bool(hosts)
            and all(host in self._addressed for host in hosts)
            and domain not in self._wild
            and not own & self._faulty
            and not above & self._seeds
        )


class _Published(NamedTuple):
    """What was drawn for a domain."""

    dmarc: DmarcKind
    key: KeyKind
    services: tuple[ServiceKind, ServiceKind, ServiceKind]


class _Domain:
    """One domain and its chances."""

    def __init__(self, domain: str, names: _Names, tlsa: Tlsa, random: Random) -> None:
        self._domain = domain
        self._hosts = names.mx[domain]
        self._tlsa = tlsa
        self._random = random
        present = names.texts.get(f"_dmarc.{domain}", [])
        self._new = not present
        dmarc = PRESENT[present[0].replace(domain, "{d}")] if present else _draw(random, DMARC)
        selector = f"{SELECTOR}._domainkey.{domain}"
        chosen = _draw(random, KEYS) if selector not in names.all else KEYS[0]
        self._own_key = selector in names.all
        services = (_draw(random, MTA_STS), _draw(random, TLS_RPT), _draw(random, BIMI))
        self._made = _Published(dmarc, chosen, services)

    def records(self) -> Iterator[Record]:
        """All that is published for it."""
        made, domain = self._made, self._domain
        if self._new:
            yield from _texts(f"_dmarc.{domain}", made.dmarc.texts, domain)
        agreed = f"{domain}._report._dmarc.{SOME_AGREE}"
        yield from _texts(agreed, ("v=DMARC1;",) if "given" in made.dmarc.consents else (), domain)
        name = f"{SELECTOR}._domainkey.{domain}"
        text = key(made.key.key, self._random)
        for each in made.key.texts:
            yield Record(name, "TXT", each.replace("{key}", text))
        if made.key.alias:
            yield Record(name, "CNAME", f"gone.{domain}")
        prefixes = ("_mta-sts", "_smtp._tls", "default._bimi")
        for prefix, kind in zip(prefixes, made.services, strict=True):
            yield from _texts(f"{prefix}.{domain}", kind.texts, domain)

    def truth(self, hosting: Hosting, random: Random) -> Iterator[PolicyTruth]:
        """What a census is to find about it and about a name below it; its policy is put up."""
        dmarc, chosen, services = self._made
        sts, rpt, bimi = services
        dane, secure = self._tlsa.of_hosts(self._domain, self._hosts)
        valid = sts.state == "valid"
        file = hosting.publish(self._domain, self._hosts, random) if valid else None
        findings = {*self._findings()}
        findings |= {f"mta_sts:{each}" for each in file.findings} if file else set()
        yield PolicyTruth(
            domain=self._domain,
            dmarc=dmarc.state,
            place="own" if dmarc.state != "absent" and self._single else None,
            policy=dmarc.policy,
            subdomain_policy=dmarc.below,
            policy_by_walk=dmarc.policy,
            organisation=self._domain,
            consents=" ".join(dmarc.consents),
            key=None if self._own_key else chosen.state and f"{chosen.state} {chosen.key}".strip(),
            mta_sts=sts.state,
            mta_sts_id=sts.value,
            sts_outcome=file and file.outcome,
            sts_policy=file and file.policy,
            sts_mode=file and file.mode,
            sts_match=file and file.match,
            tls_rpt=rpt.state,
            tls_rpt_uri=rpt.value and rpt.value.replace("{d}", self._domain),
            bimi=bimi.state,
            bimi_logo=bimi.value and bimi.value.replace("{d}", self._domain),
            dane=dane,
            dane_secure=secure,
            findings=" ".join(sorted(findings)),
        )
        below = f"{SUBDOMAIN}.{self._domain}"
        yield PolicyTruth(
            domain=below,
            dmarc=dmarc.state,
            place="organisation" if dmarc.state != "absent" and self._single else None,
            policy=dmarc.below,
            subdomain_policy=dmarc.below,
            policy_by_walk=dmarc.below,
            organisation=below if dmarc.suffix_of or not self._found else self._domain,
            consents=" ".join(dmarc.consents),
        )

    @property
    def _single(self) -> bool:
        """Whether there is exactly one record of DMARC."""
        return "multiple_records" not in self._made.dmarc.findings

    @property
    def _found(self) -> bool:
        """Whether the walk finds a record."""
        return self._made.dmarc.state != "absent" and self._single

    def _findings(self) -> Iterator[str]:
        """policy:finding, each once."""
        dmarc, chosen, services = self._made
        for finding in dmarc.findings:
            yield f"dmarc:{finding}"
        if not self._own_key:
            yield from (f"dkim:{finding}" for finding in chosen.findings)
        for name, kind in zip(("mta_sts", "tls_rpt", "bimi"), services, strict=True):
            yield from (f"{name}:{finding}" for finding in kind.findings)
        if services[2].state == "valid" and dmarc.policy not in _ENFORCED:
            yield "bimi:unenforced"
        yield from self._tlsa.findings(self._hosts)


def _texts(name: str, texts: Iterable[str], domain: str) -> Iterator[Record]:
    return (Record(name, "TXT", text.replace("{d}", domain)) for text in texts)


def _draw(random: Random, kinds: tuple[_K, ...]) -> _K:
    return random.choices(kinds, [kind.weight for kind in kinds])[0]
