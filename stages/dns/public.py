"""Public resolvers, which everybody shares and nobody may flood.

The well-known addresses of open resolvers that anyone may use within limits; most answer too
many questions with silence or REFUSED. Reviewed by hand in November 2026; an address that is
not listed is taken for the user's own resolver.
"""

from ipaddress import ip_address

PUBLIC_RATE = 500.0
"""Questions a second to one of them at most."""

PUBLIC_RESOLVERS = frozenset(
    {
        # Google Public DNS
        *("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"),
        # Cloudflare, plain, without malware, without adult content
        *("1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"),
        *("1.1.1.2", "1.0.0.2", "2606:4700:4700::1112", "2606:4700:4700::1002"),
        *("1.1.1.3", "1.0.0.3", "2606:4700:4700::1113", "2606:4700:4700::1003"),
        # Quad9, filtering, with ECS, plain
        *("9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9"),
        *("9.9.9.11", "149.112.112.11", "2620:fe::11", "2620:fe::fe:11"),
        *("9.9.9.10", "149.112.112.10", "2620:fe::10", "2620:fe::fe:10"),
        # Cisco OpenDNS
        *("208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53"),
        # AdGuard, filtering and plain
        *("94.140.14.14", "94.140.15.15", "2a10:50c0::ad1:ff", "2a10:50c0::ad2:ff"),
        *("94.140.14.140", "94.140.14.141", "2a10:50c0::1:ff", "2a10:50c0::2:ff"),
        # DNS.WATCH; DNS0.EU; CleanBrowsing; Control D; Comodo
        *("84.200.69.80", "84.200.70.40"),
        *("193.110.81.0", "185.253.5.0"),
        *("185.228.168.9", "185.228.169.9"),
        *("76.76.2.0", "76.76.10.0"),
        *("8.26.56.26", "8.20.247.20"),
        # Level 3, Hurricane Electric, Verisign's successor at Neustar
        *("4.2.2.1", "4.2.2.2", "4.2.2.3", "4.2.2.4", "4.2.2.5", "4.2.2.6"),
        *("74.82.42.42", "2001:470:20::2"),
        *("64.6.64.6", "64.6.65.6"),
        # Yandex, AliDNS, DNSPod, 114DNS
        *("77.88.8.8", "77.88.8.1", "2a02:6b8::feed:ff", "2a02:6b8:0:1::feed:ff"),
        *("223.5.5.5", "223.6.6.6", "2400:3200::1", "2400:3200:baba::1"),
        *("119.29.29.29",),
        *("114.114.114.114", "114.114.115.115"),
    }
)


def rate_cap(address: str, wanted: float | None, sharers: int = 1) -> float | None:
    """Questions a second to a server at most, by its address; None for no cap.

    Of as many sharers of the server each gets an equal part.
    """
    if str(ip_address(address)) in PUBLIC_RESOLVERS:
        wanted = PUBLIC_RATE if wanted is None else min(wanted, PUBLIC_RATE)
    return None if wanted is None else wanted / sharers
