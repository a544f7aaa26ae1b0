"""Domains with a mail server of their own, and what can be wrong with it: a row each."""

from typing import NamedTuple

from scripts.world.builder import PROBE
from scripts.world.market import Maker, Market, Settled, truth_of_own
from scripts.world.model import Behaviour, CertificateState, MailServer
from scripts.world.providers import System, label
from scripts.world.signals import Signals

SOFTWARE = (
    "{host} ESMTP Postfix",
    "{host} ESMTP Postfix (Debian/GNU)",
    "{host} ESMTP Postfix (Ubuntu)",
    "{host} ESMTP Exim 4.96 Mon, 02 Nov 2026 10:20:30 +0000",
    "{host} Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 10:20:30 +0000",
    "{host} ESMTP Sendmail 8.17.1/8.17.1; Mon, 2 Nov 2026 10:20:30 GMT",
    "{host} ESMTP MDaemon 22.0.3; Mon, 02 Nov 2026 10:20:30 +0000",
    "{host} ESMTP CommuniGate Pro 6.3.26",
    "{host} Kerio Connect 10.0.1 ESMTP ready",
    "{host} ESMTP Service (HCL Domino Release 12.0.2) ready at Mon, 2 Nov 2026 10:20:30 +0000",
    "{host} ESMTP OpenSMTPD",
    "{host} ESMTP Haraka/3.0.3 ready",
    "{host} MailEnable Service, Version: 10.47-- ready at 11/02/26 10:20:30",
)
"""Banners of mail software as it installs itself."""
_BROKEN_BANNERS = (
    "localhost ESMTP Postfix",
    "localhost",
    "localhost.localdomain ESMTP Postfix",
    "127.0.0.1 ESMTP",
    "[{address}] ESMTP ready",
    " ",
    "ESMTP",
    "mail ESMTP Exim",
    "***************************",
    "ip-10-0-0-12.ec2.internal ESMTP Postfix",
    "{host}, ESMTP ready\nUnsolicited mail is not welcome here",
    "  {host}  ESMTP",
    "<{host}> ESMTP",
    "Willkommen bei M\udcfcller ESMTP",
)
_BORROWED = (
    "mx.google.com ESMTP ready",
    "mx1.mail.yandex.net ESMTP",
    "mail.protection.outlook.com Microsoft ESMTP MAIL Service ready",
)
"""Banners in a great name, to look trustworthy, or copied with a configuration."""
_OWN = ("{host}",)
_NORMAL = Behaviour.NORMAL


class SelfHost(NamedTuple):
    """A way to run a server; braces: domain, host, address, ip, number, rented (its first name)."""

    kind: str
    popular: float
    tail: float
    names: tuple[str, ...] = _OWN
    """Of its certificate; () for none."""
    state: CertificateState = CertificateState.TRUSTED
    banners: tuple[str, ...] = SOFTWARE
    behaviour: Behaviour = _NORMAL
    ehlo: str = "{host}"
    live: bool = True
    rented: bool = False
    trap: str | None = None

    def settle(self, market: Market, domain: str) -> Settled:
        """Put the server up and point the domain to it."""
        prefix = market.random.choice(("mail", "mx", "mx1", "smtp", "mailgate"))
        host = f"{prefix}.{domain}"
        market.builder.record(domain, "MX", f"10 {host}")
        address = self.install(market, domain, host)
        market.builder.record(host, "A", address)
        truth = truth_of_own(domain, self.kind, live=self.live, trap=self.trap)
        signals = Signals(market.builder, domain)
        signals.of_own(host, address)
        return Settled(truth, "mx", signals=signals)

    def install(self, market: Market, domain: str, host: str) -> str:
        """A server that calls itself host; its address."""
        builder = market.builder
        system, default = self._place(market, host)
        address = builder.address(system)
        number = f"{market.random.randrange(10**6):06}"
        fields = {"domain": domain, "host": host, "address": address, "number": number}
        fields |= {"ip": label(address), "rented": ""}
        fields["rented"] = default.format_map(fields)
        names = tuple(name.format_map(fields) for name in self.names)
        server = MailServer(
            address,
            market.random.choice(self.banners).format_map(fields),
            self.ehlo.format_map(fields),
            certificate=builder.certify(names, self.state) if names else None,
            behaviour=self.behaviour,
        )
        return builder.serve(server, fields["rented"] if self.rented else host)

    def _place(self, market: Market, host: str) -> tuple[System, str]:
        if self.rented:
            return market.rented()
        return market.system(), host


_State = CertificateState
_GREETED = ("{host} ESMTP Postfix",)
ORDINARY = SelfHost("selfhosted", 9.0, 3.0)
SELF_HOSTS: tuple[SelfHost, ...] = (
    ORDINARY,
    SelfHost("wildcard_certificate", 1.0, 0.4, names=("*.{domain}", "{domain}")),
    SelfHost("no_starttls", 1.5, 1.5, names=(), behaviour=Behaviour.NO_STARTTLS),
    SelfHost("no_intermediate", 0.4, 0.3, state=_State.NO_INTERMEDIATE),
    SelfHost("expired", 0.8, 0.7, state=_State.EXPIRED),
    SelfHost("self_signed", 2.0, 1.6, state=_State.SELF_SIGNED),
    SelfHost("unknown_issuer", 0.6, 0.4, state=_State.UNKNOWN_ISSUER),
    SelfHost("default_certificate", 0.8, 0.8, ("Parallels Panel",), _State.SELF_SIGNED),
    SelfHost("local_certificate", 0.5, 0.5, ("localhost.localdomain",), _State.SELF_SIGNED),
    SelfHost("foreign_certificate", 0.1, 0.1, ("www.google.com",), _State.SELF_SIGNED,
             trap="wrong_certificate"),
    SelfHost("broken_banner", 0.8, 0.6, (), banners=_BROKEN_BANNERS, ehlo="localhost"),
    SelfHost("broken_banner_tls", 1.5, 0.8, banners=_BROKEN_BANNERS, ehlo="mail"),
    SelfHost("echo_ehlo", 0.3, 0.3, (), banners=("ESMTP ready",), trap="echo_ehlo",
             ehlo=f"{PROBE} Hello {PROBE} [127.0.0.1], pleased to meet you"),
    SelfHost("lying_banner", 0.3, 0.3, (), banners=_BORROWED, ehlo="localhost",
             trap="lying_banner"),
    SelfHost("stale_certificate", 0.4, 0.3, ("mail.tenant-{number}.com", "tenant-{number}.com"),
             trap="stale_certificate"),
    SelfHost("vps_named", 1.2, 1.6, rented=True),
    SelfHost("vps_plain", 0.4, 0.6, (), rented=True),
    SelfHost("vps_own_certificate", 0.4, 0.4, rented=True, banners=("{rented} ESMTP Postfix",),
             ehlo="{rented}", trap="vps_banner"),
    SelfHost("vps_generic", 0.5, 0.6, (), rented=True, banners=("{rented} ESMTP Postfix",),
             ehlo="{rented}", trap="vps_banner"),
    SelfHost("vps_generic_certificate", 0.1, 0.1, ("{rented}",), rented=True,
             trap="vps_certificate", banners=("{rented} ESMTP Exim 4.96",), ehlo="{rented}"),
    SelfHost("starttls_refused", 0.15, 0.1, behaviour=Behaviour.STARTTLS_REFUSED),
    SelfHost("broken_tls", 0.15, 0.1, behaviour=Behaviour.BROKEN_TLS),
    SelfHost("early_talk", 0.05, 0.05, behaviour=Behaviour.EARLY_TALK),
    SelfHost("tempfail", 0.2, 0.2, (), banners=_GREETED, behaviour=Behaviour.TEMPFAIL, live=False),
    SelfHost("reject", 0.2, 0.2, (), banners=_GREETED, behaviour=Behaviour.REJECT, live=False),
    SelfHost("blocked", 0.2, 0.2, (), banners=_GREETED, behaviour=Behaviour.BLOCKED, live=False),
    SelfHost("garbage", 0.05, 0.05, (), behaviour=Behaviour.GARBAGE, live=False),
    SelfHost("closes", 0.1, 0.1, (), behaviour=Behaviour.CLOSE, live=False),
    SelfHost("silent", 0.05, 0.05, (), behaviour=Behaviour.SILENT, live=False),
    SelfHost("refused", 1.5, 3.0, (), behaviour=Behaviour.DEAD, live=False),
)  # fmt: skip


def two_addresses(market: Market, domain: str) -> Settled:
    """An exchange with two servers of which one is dead."""
    host = f"mx.{domain}"
    market.builder.record(domain, "MX", f"10 {host}")
    market.builder.record(host, "A", ORDINARY.install(market, domain, host))
    market.builder.record(host, "A", market.random.choice(market.web))
    return Settled(truth_of_own(domain, "two_addresses"), "mx")


def alias(market: Market, domain: str) -> Settled:
    """An exchange that is an alias, which RFC 5321 forbids."""
    host, target = f"mail.{domain}", f"server1.{domain}"
    market.builder.record(domain, "MX", f"10 {host}")
    market.builder.record(host, "CNAME", target)
    market.builder.record(target, "A", ORDINARY.install(market, domain, target))
    return Settled(truth_of_own(domain, "mx_cname"), "mx")


def implicit(market: Market, domain: str) -> Settled:
    """No MX record, but a mail server at the domain's own address (RFC 5321 section 5.1)."""
    market.builder.record(domain, "A", ORDINARY.install(market, domain, domain))
    return Settled(truth_of_own(domain, "implicit_mx"), "a", apex=True)


EXTRA: tuple[tuple[str, float, float, Maker], ...] = (
    ("two_addresses", 0.4, 0.2, two_addresses),
    ("mx_cname", 0.5, 0.5, alias),
    ("implicit_mx", 0.6, 1.0, implicit),
)
"""Kinds that are more than one server under one name: name, popular, tail, maker."""
