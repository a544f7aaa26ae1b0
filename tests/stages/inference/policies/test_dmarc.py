"""Discovery of DMARC by both standards: tables, and random trees against a plain reference."""

import random
from typing import Any, NamedTuple

from certs.registered import registered_domain
from schemas.outcomes import Outcome
from stages.policy.discovery import walk
from stages.policy.dmarc import choose, parse
from tests.stages.inference.policies.zone import Dns, inferred

REJECT, NONE = "v=DMARC1; p=reject; sp=quarantine", "v=DMARC1; p=none; rua=mailto:a@example.com"


class Case(NamedTuple):
    """Records at _dmarc of names, and what a domain below them is to get by each standard."""

    seed: str
    records: dict[str, tuple[str, ...]]
    by_list: tuple[str, str | None, str | None]
    """State, place, policy."""
    by_walk: tuple[str, str | None, str | None]
    organisation: str | None = None
    """By the walk; None: the seed."""


ABSENT = ("absent", None, None)
CASES = [
    Case("a1.com", {}, ABSENT, ABSENT),
    Case("a2.com", {"a2.com": (REJECT,)}, ("valid", "own", "reject"), ("valid", "own", "reject")),
    Case("m.a3.com", {"a3.com": (REJECT,)}, ("valid", "organisation", "quarantine"),
         ("valid", "organisation", "quarantine"), "a3.com"),
    Case("m.a4.com", {"m.a4.com": (NONE,), "a4.com": (REJECT,)}, ("valid", "own", "none"),
         ("valid", "own", "none"), "a4.com"),
    # Between the two only the walk looks, and the topmost record counts.
    Case("x.m.a5.com", {"m.a5.com": (REJECT,)}, ABSENT, ("valid", "organisation", "quarantine"),
         "m.a5.com"),
    Case("x.m.a6.com", {"m.a6.com": (NONE,), "a6.com": (REJECT,)},
         ("valid", "organisation", "quarantine"), ("valid", "organisation", "quarantine"),
         "a6.com"),
    Case("x.m.a7.com", {"m.a7.com": (NONE + "; psd=n",), "a7.com": (REJECT,)},
         ("valid", "organisation", "quarantine"), ("valid", "organisation", "none"), "m.a7.com"),
    # A public suffix that has a record of its own, which the list knows nothing of.
    Case("a8.bank", {"bank": (REJECT + "; psd=y",)}, ABSENT, ("valid", "suffix", "quarantine")),
    Case("x.a9.insurance", {"insurance": (REJECT + "; psd=y",), "a9.insurance": (NONE,)},
         ("valid", "organisation", "none"), ("valid", "organisation", "none"), "a9.insurance"),
    Case("x.a10.museum", {"museum": (REJECT + "; psd=y",)}, ABSENT,
         ("valid", "suffix", "quarantine"), "a10.museum"),
    Case("y.a11.aero", {"a11.aero": (REJECT + "; psd=y",)},
         ("valid", "organisation", "quarantine"), ("valid", "suffix", "quarantine")),
    Case("a12.com", {"a12.com": (REJECT + "; psd=y",)}, ("valid", "own", "reject"),
         ("valid", "own", "reject")),
    # RFC 7489 gives up at several records, the walk goes on; a text that is none is passed over.
    Case("m.a13.com", {"m.a13.com": (REJECT, NONE), "a13.com": (REJECT,)}, ("void", None, None),
         ("valid", "organisation", "quarantine"), "a13.com"),
    Case("a14.com", {"a14.com": (REJECT, NONE)}, ("void", None, None), ("void", None, None)),
    Case("m.a15.com", {"m.a15.com": ("v=spf1 -all",), "a15.com": (REJECT,)},
         ("valid", "organisation", "quarantine"), ("valid", "organisation", "quarantine"),
         "a15.com"),
    Case("m.a16.com", {"m.a16.com": ("v=DMARC1; p=oops",), "a16.com": (REJECT,)},
         ("void", "own", None), ("void", "own", None), "a16.com"),
]  # fmt: skip


def test_where_the_record_is_found_that_applies() -> None:
    dns = Dns()
    for case in CASES:
        for name, texts in case.records.items():
            dns.txt(f"_dmarc.{name}", *texts)
    rows = inferred(dns.crawl(case.seed for case in CASES))
    assert len(rows) == len(CASES)
    for case in CASES:
        row = rows[case.seed]
        assert (row["dmarc"], row["dmarc_place"], row["policy"]) == case.by_list, case.seed
        walked = (row["dmarc_by_walk"], row["dmarc_place_by_walk"], row["policy_by_walk"])
        assert walked == case.by_walk, case.seed
        assert row["organisation_by_walk"] == (case.organisation or case.seed)
        differs = "walk_differs" in [f["finding"] for f in findings(row)]
        assert differs == (case.by_list[2] != case.by_walk[2]), case.seed


def findings(row: dict[str, object]) -> list[Any]:
    """The findings of a row."""
    found = row["findings"]
    assert isinstance(found, list)
    return found


def test_a_question_that_failed_leaves_open_what_depends_on_it() -> None:
    dns = Dns(faults={"_dmarc.b1.com": Outcome.SERVFAIL, "_dmarc.b2.com": Outcome.TIMEOUT})
    dns.faults["_dmarc.net"] = Outcome.SERVFAIL
    dns.txt("_dmarc.m.b3.net", REJECT)
    rows = inferred(dns.crawl(["b1.com", "m.b2.com", "m.b3.net", "m.b4.net"]))
    states = {name: (row["dmarc"], row["dmarc_by_walk"]) for name, row in rows.items()}
    assert states == {
        "b1.com": ("unknown", "unknown"),
        "m.b2.com": ("unknown", "unknown"),
        "m.b3.net": ("valid", "valid"),
        "m.b4.net": ("absent", "unknown"),
    }
    assert rows["m.b3.net"]["organisation_by_walk"] is None
    assert rows["m.b3.net"]["policy"] == "reject"


def test_who_takes_reports() -> None:
    """RFC 7489 section 7.1: at the domain whose record it is, once for all below."""
    dns = Dns()
    uris = (
        "mailto:a@in.c1.com,mailto:a@yes.org!9m,mailto:a@no.org,mailto:a@wild.org,mailto:a@bad.org"
    )
    dns.txt("_dmarc.c1.com", f"v=DMARC1; p=none; rua={uris}; ruf=mailto:f@down.org")
    dns.txt("c1.com._report._dmarc.yes.org", "v=DMARC1;")
    dns.txt("c1.com._report._dmarc.wild.org", "v=spf1 -all", "v=DMARC1; rua=mailto:x@wild.org")
    dns.txt("c1.com._report._dmarc.bad.org", "v=DMARC2")
    dns.faults["c1.com._report._dmarc.down.org"] = Outcome.TIMEOUT
    rows = inferred(dns.crawl(["c1.com", "m.c1.com"]))
    for row in rows.values():
        assert [(r["domain"], r["failures"], r["consent"]) for r in row["reports"]] == [  # type: ignore[attr-defined]
            ("in.c1.com", False, "same"),
            ("yes.org", False, "given"),
            ("no.org", False, "missing"),
            ("wild.org", False, "given"),
            ("bad.org", False, "missing"),
            ("down.org", True, "unknown"),
        ]
        refused = [f for f in findings(row) if f["finding"] == "unauthorised_reports"]
        assert [(f["name"], f["term"]) for f in refused] == [
            ("_dmarc.c1.com", "bad.org"),
            ("_dmarc.c1.com", "no.org"),
        ]


TEXTS = [
    REJECT,
    NONE,
    REJECT + "; psd=n",
    REJECT + "; psd=y",
    "v=DMARC1; p=x",
    "v=DMARC1; np=x; psd=n",
]
SUFFIXES = ["com", "co.uk", "kawasaki.jp", "blogspot.com"]


def test_random_trees_against_a_plain_walk() -> None:
    pick, dns, seeds = random.Random(5), Dns(), []
    for number in range(400):
        labels = [pick.choice("abcdef") for _ in range(pick.randrange(9))]
        seeds.append(".".join([*labels, f"d{number}", pick.choice(SUFFIXES)]))
        for name in walk(seeds[-1]):
            if pick.random() < 0.3 and (name not in SUFFIXES or pick.random() < 0.01):
                dns.txt(f"_dmarc.{name}", *pick.choices(TEXTS, k=pick.choice((1, 1, 1, 2))))
            elif pick.random() < 0.02 and "d" in name:
                dns.faults[f"_dmarc.{name}"] = Outcome.SERVFAIL
    rows = inferred(dns.crawl(seeds))
    for seed in seeds:
        row = rows[seed]
        walked = (row["dmarc_by_walk"], row["dmarc_domain_by_walk"], row["organisation_by_walk"])
        assert walked == plain_walk(dns, seed), seed
        assert (row["dmarc"], row["dmarc_domain"]) == plain_search(dns, seed), seed


def texts(dns: Dns, name: str) -> list[bytes] | None:
    """The TXT at _dmarc of a name; None where the question fails."""
    if f"_dmarc.{name}" in dns.faults:
        return None
    return [
        e
        for k, v in dns.records.items()
        if k[0] == f"_dmarc.{name}"
        for e in v
        if isinstance(e, bytes)
    ]


def plain_walk(dns: Dns, seed: str) -> tuple[str, str | None, str | None]:
    """State, domain of the record and organisational domain, step by step as RFC 9989 says."""
    found: dict[str, str] = {}
    several = failed = False
    for name in walk(seed):
        at = texts(dns, name)
        if at is None:
            failed = True
            continue
        choice = choose(set(at))
        several |= choice.found > 1
        if choice.record is not None:
            found[name] = psd = parse(choice.record).psd
            if psd in ("y", "n"):
                break
    last = next(reversed(found), None)
    if last is None:
        organisation = seed
    elif found[last] == "y" and last != seed:
        below = len(seed.split(".")) - len(last.split(".")) - 1
        organisation = ".".join(seed.split(".")[below:])
    else:
        organisation = last
    suffix = last if last and found[last] == "y" and last != seed else None
    target = next((name for name in (seed, organisation, suffix) if name in found), None)
    known = None if failed else organisation
    if texts(dns, seed) is None or (failed and target != seed):
        return "unknown", None, known
    if target is None:
        return ("void" if several else "absent"), None, known
    record = choose(set(texts(dns, target) or ())).record
    assert record is not None
    return ("valid" if parse(record).policy else "void"), target, known


def plain_search(dns: Dns, seed: str) -> tuple[str, str | None]:
    """State and domain of the record, as RFC 7489 section 6.6.3 says."""
    for name in dict.fromkeys((seed, registered_domain(seed) or seed)):
        at = texts(dns, name)
        if at is None:
            return "unknown", None
        choice = choose(set(at))
        if choice.found > 1:
            return "void", None
        if choice.record is not None:
            return ("valid" if parse(choice.record).policy else "void"), name
    return "absent", None
