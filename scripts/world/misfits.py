"""Domains without mail, or whose DNS is wrong, broken or odd."""

from scripts.world.market import Maker, Market, Settled, truth_of_none, truth_of_own
from scripts.world.model import Behaviour, DnsFault, MailServer
from scripts.world.selfhosts import ORDINARY

_RESERVED = ("192.168.1.1", "10.0.0.25", "169.254.10.1", "100.64.3.9", "192.0.2.25", "0.0.0.0")  # noqa: S104
_LONG_TEXTS = 24


def null_mx(market: Market, domain: str) -> Settled:
    """Accepts no mail and says so (RFC 7505)."""
    market.builder.record(domain, "MX", "0 .")
    return Settled(truth_of_none(domain, "null_mx"), "")


def web_only(market: Market, domain: str) -> Settled:
    """No MX, and an address that does not speak SMTP."""
    market.builder.record(domain, "A", market.random.choice(market.web))
    return Settled(truth_of_none(domain, "web_only"), "", apex=True)


def text_only(_: Market, domain: str) -> Settled:
    """Neither MX nor address."""
    return Settled(truth_of_none(domain, "text_only"), "", apex=True)


def nxdomain(_: Market, domain: str) -> Settled:
    """Lapsed: the name does not exist."""
    return Settled(truth_of_none(domain, "nxdomain"), None)


def dangling(market: Market, domain: str) -> Settled:
    """An exchange that does not exist."""
    target = market.random.choice((f"mail.{domain}", f"mx.lapsed-{domain}"))
    return _pointed(market, domain, "dangling", target)


def no_address(market: Market, domain: str) -> Settled:
    """An exchange that exists and has no address."""
    market.builder.record(f"mail.{domain}", "TXT", "moved")
    return _pointed(market, domain, "no_address", f"mail.{domain}")


def ip_literal(market: Market, domain: str) -> Settled:
    """An address written as if it were a name."""
    return _pointed(market, domain, "ip_literal", market.random.choice(market.web))


def localhost(market: Market, domain: str) -> Settled:
    """Mail to itself, whoever that is."""
    target = market.random.choice(("localhost", "localhost.localdomain", "mail.localhost"))
    return _pointed(market, domain, "localhost", target)


def invalid_exchange(market: Market, domain: str) -> Settled:
    """An exchange that the DNS can hold and that is no host name."""
    target = market.random.choice(
        (f"https://mail.{domain}", "~", r"mail\032server", f"-mx-.{domain}")
    )
    return _pointed(market, domain, "invalid_exchange", target)


def reserved(market: Market, domain: str) -> Settled:
    """An exchange inside a range that is nobody's (RFC 6890)."""
    market.builder.record(f"mail.{domain}", "A", market.random.choice(_RESERVED))
    return _pointed(market, domain, "reserved", f"mail.{domain}")


def unresponsive(market: Market, domain: str) -> Settled:
    """An exchange whose address drops what it gets."""
    market.builder.record(f"mx.{domain}", "A", market.random.choice(market.black_holes))
    return _pointed(market, domain, "unresponsive", f"mx.{domain}")


def wildcard(market: Market, domain: str) -> Settled:
    """Every name below the domain exists: its SPF record is found at _dmarc as well."""
    settled = ORDINARY.settle(market, domain)
    market.builder.record(f"*.{domain}", "A", market.random.choice(market.web))
    market.builder.record(f"*.{domain}", "TXT", "v=spf1 mx -all")
    return settled._replace(truth=settled.truth._replace(archetype="wildcard_dns"))


def long_texts(market: Market, domain: str) -> Settled:
    """More TXT data than a UDP answer holds."""
    settled = ORDINARY.settle(market, domain)
    for number in range(_LONG_TEXTS):
        market.builder.record(
            domain, "TXT", f"site-verification-{number}={market.random.getrandbits(256):064x}"
        )
    return settled._replace(truth=settled.truth._replace(archetype="long_texts"))


def truncated(market: Market, domain: str) -> Settled:
    """A name server that truncates every UDP answer."""
    settled = ORDINARY.settle(market, domain)
    market.builder.faults[domain] = DnsFault.TRUNCATED
    return settled._replace(truth=settled.truth._replace(archetype="truncated"))


def _faulty(fault: DnsFault) -> Maker:
    def make(market: Market, domain: str) -> Settled:
        """Name servers that do not do their work, for the domain and its policies."""
        market.builder.faults |= {domain: fault, f"_dmarc.{domain}": fault}
        return Settled(truth_of_none(domain, f"dns_{fault}"), None)

    return make


def host_fails(market: Market, domain: str) -> Settled:
    """An exchange whose own name servers are broken."""
    market.builder.faults[f"mail.{domain}"] = DnsFault.SERVFAIL
    return _pointed(market, domain, "host_servfail", f"mail.{domain}")


def garbage_backup(market: Market, domain: str) -> Settled:
    """Two servers of its own with equal preference, one of which is no mail server."""
    settled = ORDINARY.settle(market, domain)
    address = market.builder.address(market.system())
    market.builder.serve(MailServer(address, "", "", behaviour=Behaviour.CLOSE))
    market.builder.record(domain, "MX", f"10 spare.{domain}")
    market.builder.record(f"spare.{domain}", "A", address)
    return settled._replace(truth=truth_of_own(domain, "garbage_backup"))


def _pointed(market: Market, domain: str, kind: str, target: str) -> Settled:
    """One MX record that leads nowhere."""
    market.builder.record(domain, "MX", f"10 {target}")
    return Settled(truth_of_none(domain, kind, kind), "mx")


MISFITS: tuple[tuple[str, float, float, Maker], ...] = (
    ("null_mx", 1.0, 1.0, null_mx),
    ("web_only", 3.0, 7.0, web_only),
    ("text_only", 1.0, 2.0, text_only),
    ("nxdomain", 1.0, 2.0, nxdomain),
    ("dangling", 0.8, 1.5, dangling),
    ("no_address", 0.2, 0.3, no_address),
    ("ip_literal", 0.2, 0.2, ip_literal),
    ("localhost", 0.2, 0.3, localhost),
    ("invalid_exchange", 0.1, 0.1, invalid_exchange),
    ("reserved", 0.2, 0.2, reserved),
    ("unresponsive", 0.2, 0.3, unresponsive),
    ("wildcard_dns", 0.3, 0.3, wildcard),
    ("long_texts", 0.3, 0.1, long_texts),
    ("truncated", 0.1, 0.1, truncated),
    ("dns_servfail", 0.3, 0.5, _faulty(DnsFault.SERVFAIL)),
    ("dns_refused", 0.1, 0.2, _faulty(DnsFault.REFUSED)),
    ("dns_silent", 0.1, 0.2, _faulty(DnsFault.SILENT)),
    ("host_servfail", 0.1, 0.1, host_fails),
    ("garbage_backup", 0.1, 0.1, garbage_backup),
)
"""Name, percent of popular domains, percent of the long tail, maker."""
