"""What every request passes: this machine's own pages are not for other sites' scripts.

A page of another site may have its name lead to 127.0.0.1 (DNS rebinding) and then read what is
here as its own. Its requests carry that name as Host. Ours carry an address or localhost.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST = 2_000
"""Characters of a path and query."""

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class Guard:
    """ASGI middleware: refuses foreign hosts, all that is not reading, and endless input."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._host = host.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it; either way with headers that bind the browser."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, guarded)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        if not is_own(Headers(scope=scope).get("host", ""), self._host):
            return PlainTextResponse("This host name is not served here.\n", 421)
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("Nothing is written here.\n", 405, {"allow": "GET, HEAD"})
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST:
            return PlainTextResponse("That is too long.\n", 414)
        return None


def is_own(host: str, served: str) -> bool:
    """Whether a Host header names an address, localhost, or the host that is served.

    An address cannot be rebound; a name can.
    """
    name = host.lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name in {"localhost", served}:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
