"""Domains of every world: the eleven of the README of IMC'21's tool, so that they can be judged.

What the tool says of them is in the comments; truth says what it should have said.
"""

from scripts.world.builder import Builder
from scripts.world.market import Market, truth_of_customer, truth_of_none, truth_of_own
from scripts.world.model import Behaviour, CertificateState, MailServer, Truth
from scripts.world.providers import System

_GODADDY = System(26496, "GoDaddy.com, LLC", "US")
_OVH = System(16276, "OVH SAS", "FR")
_CISCO = System(16417, "Cisco Systems Ironport Division", "US")
_ELSEWHERE = System(7922, "Comcast Cable Communications, LLC", "US")
KIND = "landmark"
_FIELDS = {"token": "00272d02", "number": "123456", "digit": "1"}


def landmarks(market: Market) -> tuple[Truth, ...]:
    """Publish them all; most popular first."""
    return (
        _customer(market, "netflix.com", "google"),  # google.com, by TLS
        _customer(market, "ucsd.edu", "proofpoint"),  # pphosted.com, by TLS
        _customer(market, "eng.ucsd.edu", "google"),  # google.com, by TLS; below ucsd.edu
        _customer(market, "lodi.gov", "cisco"),  # iphmx.com twice: two equal exchanges
        _vanity(market),  # gsipartners.com: google.com, by TLS
        _nobody(market.builder),  # jeniustoto.net: none
        _banner_only(market.builder),  # sgnetway.net: itself, by banner
        _name_only(market.builder),  # bbw-chan.nl: itself, by MX
        _inside_cisco(market.builder),  # utexas.edu: utexas.edu, by TLS; hint iphmx.com
        # secureserver.net and ovh.net, by banner, flagged: may be customers' servers
        _rented(
            market.builder, "summitorganization.org", _GODADDY, "s132-148-130-121.secureserver.net"
        ),
        _rented(market.builder, "arfonts.net", _OVH, "vps797297.ovh.net"),
    )


def _customer(market: Market, domain: str, name: str) -> Truth:
    deployment = market.deployment(name)
    fields = {**_FIELDS, "domain": domain, "label": domain.replace(".", "-"), "word": "landmark"}
    for record in deployment.exchanges(fields):
        market.builder.record(domain, "MX", record)
    market.builder.record(domain, "TXT", f"v=spf1 {deployment.policy(fields)} ~all")
    return truth_of_customer(domain, deployment.provider, KIND)


def _vanity(market: Market) -> Truth:
    domain, deployment = "gsipartners.com", market.deployment("google")
    market.builder.record(domain, "MX", f"10 mailhost.{domain}")
    for address in deployment.addresses[:2]:
        market.builder.record(f"mailhost.{domain}", "A", address)
    return truth_of_customer(domain, deployment.provider, KIND, "vanity_mx")


def _nobody(builder: Builder) -> Truth:
    domain = "jeniustoto.net"
    builder.record(domain, "MX", f"0 {domain}")
    builder.record(domain, "A", _server(builder, _ELSEWHERE, domain, behaviour=Behaviour.DEAD))
    return truth_of_none(domain, KIND)


def _banner_only(builder: Builder) -> Truth:
    domain, host = "sgnetway.net", "mail.sgnetway.net"
    certificate = builder.certify((host,), CertificateState.SELF_SIGNED)
    builder.record(domain, "MX", f"10 {host}")
    builder.record(host, "A", _server(builder, _ELSEWHERE, host, certificate=certificate))
    return truth_of_own(domain, KIND)


def _name_only(builder: Builder) -> Truth:
    domain, host = "bbw-chan.nl", "mail.bbw-chan.nl"
    builder.record(domain, "MX", f"10 {host}")
    builder.record(host, "A", _server(builder, _ELSEWHERE, "localhost"))
    return truth_of_own(domain, KIND)


def _inside_cisco(builder: Builder) -> Truth:
    domain, host = "utexas.edu", "inbound.mail.utexas.edu"
    certificate = builder.certify((host, "mail.utexas.edu"))
    builder.record(domain, "MX", f"10 {host}")
    for _ in range(2):
        builder.record(host, "A", _server(builder, _CISCO, host, certificate=certificate))
    return Truth(
        domain,
        KIND,
        live=True,
        operator_id="iphmx.com",
        operator_company="Cisco",
        gateway_company="Cisco",
        trap="customer_certificate",
    )


def _rented(builder: Builder, domain: str, system: System, default: str) -> Truth:
    builder.record(domain, "MX", f"0 {domain}")
    builder.record(domain, "A", _server(builder, system, default))
    return truth_of_own(domain, KIND, trap="vps_banner")


def _server(
    builder: Builder,
    system: System,
    host: str,
    *,
    certificate: str | None = None,
    behaviour: Behaviour = Behaviour.NORMAL,
) -> str:
    address, banner = builder.address(system), f"{host} ESMTP Postfix"
    server = MailServer(address, banner, host, certificate=certificate, behaviour=behaviour)
    return builder.serve(server, host)
