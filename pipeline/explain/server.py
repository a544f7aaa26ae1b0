"""What a mail server said and showed: one probe and the certificate of its handshake."""

from collections.abc import Mapping

from rich.text import Text
from rich.tree import Tree

from pipeline.explain.wording import faint, line, listed, moment, spelled, strong
from schemas.certificates import Certificate
from schemas.outcomes import ProbeOutcome, ProbeStep, StartTls
from schemas.smtp import Smtp

_FINGERPRINT = 16


def add_server(
    tree: Tree, probe: Smtp | None, certificates: Mapping[str, Certificate], drawn: set[str]
) -> None:
    """The dialogue with a server, below its address; `drawn` are certificates drawn before."""
    if probe is None:
        tree.add("SMTP: not probed")
        return
    tree.add(
        line(f"SMTP port {probe.port}:", line(spelled(probe.outcome), _course(probe), between=", "))
    )
    if probe.banner is not None:
        tree.add(line("banner:", " / ".join(probe.banner.splitlines())))
    if probe.ehlo is not None:
        first = next(iter(probe.ehlo.splitlines()), "")
        tree.add(line("EHLO:", first))
        tree.add(line("extensions:", listed(probe.extensions) or "none"))
    if probe.software:
        tree.add(line("software:", probe.software, probe.software_version))
    if probe.starttls is not StartTls.NOT_TRIED:
        state = line(spelled(probe.starttls), probe.tls_error, *_session(probe), between=", ")
        tree.add(line("STARTTLS:", state))
    if probe.chain:
        _add_certificate(tree, probe, certificates, drawn)


def _course(probe: Smtp) -> Text:
    """When a dialogue was held, how far it went and how long it took."""
    ended = probe.outcome is not ProbeOutcome.OK and probe.step is not ProbeStep.NONE
    total = probe.timings.total_ms
    parts = [
        probe.detail,
        f"at {probe.step}" if ended else None,
        f"{total:.0f} ms" if total is not None else None,
        f"{probe.attempts} attempts" if probe.attempts > 1 else None,
        moment(probe.probed),
    ]
    return faint(", ".join(filter(None, parts)))


def _session(probe: Smtp) -> tuple[str | None, ...]:
    name = f"SNI {probe.server_name}" if probe.server_name else None
    return probe.tls_version, probe.cipher, name


def _add_certificate(
    tree: Tree, probe: Smtp, certificates: Mapping[str, Certificate], drawn: set[str]
) -> None:
    leaf = probe.chain[0]
    certificate = certificates.get(leaf)
    fingerprint = strong(leaf[:_FINGERPRINT])
    sent = faint(f"(first of {len(probe.chain)} sent)")
    if leaf in drawn:
        tree.add(line("certificate:", fingerprint, sent, faint("(seen above)")))
        return
    drawn.add(leaf)
    if certificate is None:
        tree.add(line("certificate:", fingerprint, sent, "not judged yet"))
        return
    branch = tree.add(line("certificate:", fingerprint, sent))
    verdict = line(spelled(certificate.verdict), certificate.verdict_reason, between=", ")
    branch.add(line("verdict:", verdict))
    branch.add(line("names:", listed(certificate.names) or "none"))
    branch.add(line("issuer:", certificate.issuer or "unknown"))
    validity = f"{moment(certificate.not_before)} to {moment(certificate.not_after)}"
    branch.add(line("valid:", validity))
    for fault in certificate.faults:
        branch.add(line("fault:", fault))
