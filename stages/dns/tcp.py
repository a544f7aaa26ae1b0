"""One DNS exchange over TCP (RFC 7766), for answers that UDP cut short."""

import asyncio
from time import perf_counter


async def exchange(server: tuple[str, int], query: bytes, timeout: float) -> tuple[bytes, float]:  # noqa: ASYNC109
    """The answer to a query, unread, and the seconds from sending to it.

    TimeoutError when all of it takes longer than the timeout; OSError when the network says no;
    EOFError when the server closes without an answer.
    """
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(*server)
        try:
            writer.write(len(query).to_bytes(2) + query)
            sent = perf_counter()
            size = int.from_bytes(await reader.readexactly(2))
            return await reader.readexactly(size), perf_counter() - sent
        finally:
            writer.transport.abort()
