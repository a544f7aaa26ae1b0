"""What `explain` prints of TXT tokens and policies, as a transcript."""

from pathlib import Path

from schemas import POLICIES
from schemas.policies import DkimSelector, Service
from schemas.query import NOT_ASKED, Text
from tests.pipeline.explain.rows import NODATA, NXDOMAIN, OK, domain, row, store
from tests.pipeline.explain.test_explain import printed

SIGNALS = """\
├── other TXT:
│   ├── MS=ms1234
│   └── [red]token=\\x1b[0m
├── DKIM: at _domainkey [nodata, ttl 60 s, 1.5 ms, 127.0.0.1:53]
│   ├── selector1 alias for s1._domainkey.contoso.onmicrosoft.com [nxdomain, rcode 3, 1.5 ms,
│   │   127.0.0.1:53]
│   ├── google [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
│   │   └── v=DKIM1; p=MIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIB…
│   ├── default, mail [nxdomain]
│   └── dkim [not_asked]
├── autodiscover:
│   ├── A: alias for autodiscover.outlook.com 192.0.2.7 [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
│   └── SRV: autodiscover.provider.example port 443 [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
├── MTA-STS: alias for mta.provider.example v=STSv1; id=1; [ok, ttl 300 s, 1.5 ms, 127.0.0.1:53]
├── TLSRPT: no record [nxdomain, rcode 3, 1.5 ms, 127.0.0.1:53]
└── BIMI: no record [nxdomain, rcode 3, 1.5 ms, 127.0.0.1:53]
"""


def test_signals_of_who_keeps_the_mailboxes(tmp_path: Path) -> None:
    seed = domain(
        "d.example",
        txt=(
            Text("MS=ms1234", None),
            Text("[red]token=\x1b[0m", None),
            Text("v=spf1 -all", None),
        ),
    )
    policy = row(
        POLICIES,
        "d.example",
        domainkey_query=NODATA,
        dkim=(
            DkimSelector("default", (), (), NXDOMAIN),
            DkimSelector(
                "selector1", ("s1._domainkey.contoso.onmicrosoft.com",), (), NXDOMAIN
            ),
            DkimSelector("google", (), (Text("v=DKIM1; p=" + 60 * "MIIB", None),), OK),
            DkimSelector("mail", (), (), NXDOMAIN),
            DkimSelector("dkim", (), (), NOT_ASKED),
        ),
        autodiscover_chain=("autodiscover.outlook.com",),
        autodiscover=("192.0.2.7",),
        autodiscover_query=OK,
        autodiscover_srv=(Service(0, 0, 443, "autodiscover.provider.example"),),
        autodiscover_srv_query=OK,
        mta_sts_chain=("mta.provider.example",),
        mta_sts=(Text("v=STSv1; id=1;", None),),
        mta_sts_query=OK,
        tls_rpt_query=NXDOMAIN,
        bimi_query=NXDOMAIN,
    )  # fmt: skip
    text = printed(store(tmp_path, [seed, policy], (), ["d.example"]), "d.example")
    assert text.endswith(SIGNALS)


def test_without_tokens_and_policies_nothing_is_said_of_them(tmp_path: Path) -> None:
    text = printed(store(tmp_path, [domain("d.example")], (), ["d.example"]), "d.example")
    assert "TXT" not in text
    assert "DKIM" not in text
