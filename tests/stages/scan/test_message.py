import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import HostStatus, Mail, ProbeOutcome, Verdict
from stages.scan.message import Fate, certificate_message, fate, judgement, message
from stages.scan.row import Leaf, ScanRow

DOMAIN = ScanRow("example.com")
HOST = DOMAIN._replace(mx="mx.example.com", preference=10)
ADDRESS = HOST._replace(address="192.0.2.1")
GREETED = ADDRESS._replace(banner="220 mx.example.com ESMTP")
ANSWERED = GREETED._replace(ehlo="250 mx.example.com\nSTARTTLS")
SHOWN = ADDRESS._replace(leaf=Leaf(b"0", (), trusted=False, message=None))
OWN = ScanRow("example.com", "example.com", 0, "192.0.2.1", banner="220 hi", ehlo="250 hi")
Probe = ProbeOutcome


@pytest.mark.parametrize(
    ("row", "said", "end"),
    [
        # As the tool leaves them.
        (DOMAIN, None, Fate(mail=Mail.FAILED)),
        (HOST, None, Fate(status=HostStatus.FAILED)),
        (ADDRESS, None, Fate(outcome=Probe.NO_ANSWER)),
        (ADDRESS, "Connection Timeout",
         Fate(outcome=Probe.CONNECT_TIMEOUT, detail="Connection Timeout")),
        (ADDRESS, "ConnectionRefusedError(111, Connection refused)",
         Fate(outcome=Probe.REFUSED, detail="ConnectionRefusedError(111, Connection refused)")),
        (ADDRESS, "OSError(113, No route to host)",
         Fate(outcome=Probe.UNREACHABLE, detail="OSError(113, No route to host)")),
        (GREETED, None, Fate(outcome=Probe.EHLO_REJECTED)),
        (ANSWERED, None, Fate(outcome=Probe.OK)),
        (ANSWERED, "OK", Fate(outcome=Probe.OK, detail="OK")),
        (SHOWN, None, Fate(outcome=Probe.OK)),
        (GREETED._replace(banner="554 no"), None, Fate(outcome=Probe.BANNER_5XX)),
        (GREETED._replace(banner="421-no\n421 no"), None, Fate(outcome=Probe.BANNER_4XX)),
        # As we write what that does not say.
        (DOMAIN, "nxdomain", Fate(mail=Mail.NXDOMAIN)),
        (HOST, "no_address", Fate(status=HostStatus.NO_ADDRESS)),
        (ADDRESS, "reserved: special",
         Fate(status=HostStatus.RESERVED, outcome=Probe.NOT_PROBED, detail="special")),
        (ADDRESS, "closed", Fate(outcome=Probe.CLOSED)),
        (GREETED._replace(banner="554 no"), "blocked: listed: 554 no",
         Fate(outcome=Probe.BLOCKED, detail="listed: 554 no")),
        (OWN, "implicit MX", Fate(implicit=True, outcome=Probe.OK)),
        (OWN, "implicit MX; blocked: so", Fate(implicit=True, outcome=Probe.BLOCKED, detail="so")),
    ],
)  # fmt: skip
def test_fates_and_their_shortest_messages(row: ScanRow, said: str | None, end: Fate) -> None:
    assert fate(row._replace(message=said)) == end
    assert message(row, end) == said


def test_another_domain_s_exchange_is_never_implicit() -> None:
    assert not fate(ANSWERED._replace(message="implicit MX")).implicit


DETAIL = st.none() | st.text(min_size=1).filter(lambda text: not text.startswith("implicit MX"))


@given(st.sampled_from([ADDRESS, GREETED, ANSWERED, SHOWN, OWN]), st.sampled_from(Probe), DETAIL)
def test_every_end_of_a_probe_comes_back(
    row: ScanRow, outcome: ProbeOutcome, detail: str | None
) -> None:
    for implicit in {False, row is OWN}:
        end = Fate(implicit, None, None, outcome, detail)
        assert fate(row._replace(message=message(row, end))) == end


@given(st.sampled_from(Mail), st.sampled_from(HostStatus))
def test_every_word_comes_back(mail: Mail, status: HostStatus) -> None:
    assert fate(DOMAIN._replace(message=message(DOMAIN, Fate(mail=mail)))).mail is mail
    assert fate(HOST._replace(message=message(HOST, Fate(status=status)))).status is status


@given(st.sampled_from(Verdict), st.none() | st.text(min_size=1))
def test_every_verdict_comes_back(verdict: Verdict, reason: str | None) -> None:
    said = certificate_message(verdict, reason)
    assert judgement(said, trusted=verdict is Verdict.TRUSTED) == (verdict, reason)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (None, Verdict.UNTRUSTED),
        ("error 10 at 0 depth lookup", Verdict.UNTRUSTED),
        ("trusted: chains", Verdict.UNTRUSTED),
    ],
)
def test_whatever_is_said_an_untrusted_certificate_stays_so(
    said: str | None, verdict: Verdict
) -> None:
    assert judgement(said, trusted=False) == (verdict, said)


@pytest.mark.parametrize("said", [None, "OK", "expired: yes"])
def test_whatever_is_said_a_trusted_certificate_stays_so(said: str | None) -> None:
    assert judgement(said, trusted=True) == (Verdict.TRUSTED, said)


@given(st.sampled_from([DOMAIN, HOST, ADDRESS, ANSWERED, OWN]), st.none() | st.text())
def test_any_message_is_read(row: ScanRow, text: str | None) -> None:
    end = fate(row._replace(message=text))
    assert fate(row._replace(message=message(row, end))) == end
