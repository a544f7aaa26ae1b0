"""The files of an edition: well formed, and read back they list what was published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.blacklist import BlacklistEntry
from schemas.snowshoe_scores import Reason, Tier
from stages.blacklist.dnset import dnset
from stages.blacklist.edition import Edition, text
from stages.blacklist.rpz import rpz
from stages.blacklist.snippets import plain, postfix, rspamd, rspamd_scores
from stages.labels.entry import Entry, Form
from stages.labels.parse import form_of, parse
from stages.labels.snapshot import snapshot
from tests.stages.blacklist.editions import edition, entry

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "com"]))
REASON = st.builds(
    Reason,
    feature=st.sampled_from(["spf_v4_addresses", "mx_in_domain_share", "x" * 90]),
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    weight=st.floats(0, 9),
)
ENTRY = st.builds(
    lambda name, tier, reasons: entry(name, tier, reasons=tuple(reasons)),
    NAME,
    st.sampled_from([Tier.LOW, Tier.MEDIUM, Tier.HIGH]),
    st.lists(REASON, max_size=5),
)


def read(lines: list[str]) -> dict[str, tuple[bool, bool]]:
    raw = [f"{line}\n".encode() for line in lines]
    entries = [each for each in parse(raw, form_of(raw)) if isinstance(each, Entry)]
    return {stand.name: (stand.itself, stand.below) for stand in snapshot(entries)}


@given(st.lists(ENTRY, max_size=5, unique_by=lambda each: each.domain))
def test_what_is_published_is_read_back(entries: list[BlacklistEntry]) -> None:
    made = edition(entries=tuple(entries), exceptions=())
    expected = {each.domain: (True, True) for each in entries}
    assert read(list(dnset(made))) == expected
    trigger = {f"rpz-test.{made.zone}": (True, False)}
    assert read(list(rpz(made))) == expected | trigger
    assert read(list(plain(made))) == dict.fromkeys(expected, (True, False))


def test_exceptions_are_read_back() -> None:
    expected = {
        "bad.com": (True, True), "likely.net": (True, True), "good.bad.com": (False, False)
    }  # fmt: skip
    assert read(list(dnset(edition()))) == expected
    assert expected.items() <= read(list(rpz(edition()))).items()


def test_a_shadow_policy_zone_lists_nothing() -> None:
    assert read(list(rpz(edition(shadow=True)))).keys() == {"rpz-test.bl.example"}


def test_the_forms_are_told() -> None:
    for lines, form in ((dnset, Form.DNSET), (rpz, Form.RPZ), (plain, Form.PLAIN)):
        assert form_of([line.encode() for line in lines(edition())]) is form


@given(ENTRY, st.none() | st.just("https://bl.example/?d=$&x=$"))
def test_a_text_fits_into_one_string_of_plain_ascii(entry: BlacklistEntry, url: str | None) -> None:
    said = text(entry, url)
    assert len(said.encode("ascii")) <= 255
    assert said.isprintable()
    assert f"{entry.tier}, since 2026-11-20, last seen 2026-11-22" in said
    if url and len(entry.domain) < 60:
        assert f"?d={entry.domain}&" in said


def test_reasons_are_numbers_as_people_write_them() -> None:
    reasons = (Reason("a", 4096.0, 1.0), Reason("b", 0.25, 1.0), Reason("c", None, 1.0))
    assert "; a 4096, b 0.25, c unknown" in text(entry("bad.com", reasons=reasons), None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["", "warn_if_reject ", "warn_if_reject "]),
        ({"least_rejected": Tier.LOW}, ["", "", ""]),
        ({"shadow": True}, ["warn_if_reject "]),
    ],
)
def test_postfix_rejects_the_sure_and_notes_the_rest(
    changes: dict[str, object], expected: list[str]
) -> None:
    lines = "\n".join(postfix(edition(**changes))).splitlines()
    found = [line.split("reject_rhsbl_sender")[0].strip() for line in lines if "rhsbl" in line]
    assert found == [words.strip() for words in expected]


@pytest.mark.parametrize("made", [edition(), edition(shadow=True)])
def test_rspamd_has_a_weight_for_every_symbol(made: Edition) -> None:
    rules, weights = "\n".join(rspamd(made)), "\n".join(rspamd_scores(made))
    assert rules.count("{") == rules.count("}")
    codes = [line for line in rules.splitlines() if '= "127.' in line]
    assert len(codes) == (2 if made.shadow else 6)
    for line in codes:
        assert f'"{line.split()[0]}"' in weights
