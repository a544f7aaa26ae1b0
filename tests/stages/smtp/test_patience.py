"""A limit is for the peer: what we were held up for does not count."""

import asyncio
import socket
import time

import pytest

from stages.smtp.patience import Patience


async def test_a_block_ends_at_its_limit() -> None:
    patience = Patience()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with patience.limit(0.05):
            await asyncio.sleep(30)
    assert time.monotonic() - began < 5


async def test_what_came_while_we_were_held_up_is_in_time() -> None:
    patience = Patience()
    ours, peer = socket.socketpair()
    ours.settimeout(0)
    with ours, peer:
        async with patience.limit(0.1):
            receiving = asyncio.ensure_future(asyncio.get_running_loop().sock_recv(ours, 1))
            await asyncio.sleep(0)
            peer.send(b"x")
            time.sleep(1.0)
            assert await receiving == b"x"


async def test_who_stays_silent_while_we_are_held_up_is_late_all_the_same() -> None:
    patience = Patience()
    began = time.monotonic()
    asyncio.get_running_loop().call_soon(time.sleep, 1.0)
    with pytest.raises(TimeoutError):
        async with patience.limit(0.2):
            await asyncio.sleep(30)
    assert patience.held_up > 0.5
    assert time.monotonic() - began < 5


async def test_a_block_that_is_done_leaves_no_timer() -> None:
    patience = Patience()
    async with patience.limit(0.05):
        pass
    await asyncio.sleep(0.1)
    assert patience.held_up == 0
