"""A server on an event loop in a thread of its own, beside tests that block.

with threaded(lambda: hostile_dns(FATES)) as server:
    mailcensus("crawl", …)
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

import uvloop

T = TypeVar("T")


@contextmanager
def threaded(make: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """What the asynchronous context manager gives, while its loop runs elsewhere."""
    ready: Future[T] = Future()
    loop = uvloop.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        async with make() as server:
            ready.set_result(server)
            await done.wait()

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(serve())
        except BaseException as error:  # noqa: BLE001 - whoever waits for the server gets it
            if not ready.done():
                ready.set_exception(error)

    thread = threading.Thread(target=run, name="server", daemon=True)
    thread.start()
    try:
        yield ready.result(timeout=30)
    finally:
        if ready.exception() is None:
            loop.call_soon_threadsafe(done.set)
        thread.join(timeout=30)
        assert not thread.is_alive(), "the server does not end"
