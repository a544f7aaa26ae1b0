import asyncio

import pytest

from pipeline.backlog import Backlog


async def settle() -> None:
    """Let everybody run as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("takers", [1, 3])
async def test_every_item_comes_out_once_and_to_one_taker_in_order(takers: int) -> None:
    backlog: Backlog[int] = Backlog(4)
    taken: list[int] = []

    async def take() -> None:
        while True:
            taken.append(await backlog.take())

    tasks = [asyncio.create_task(take()) for _ in range(takers)]
    for number in range(100):
        await backlog.put(number)
    await settle()
    assert (taken if takers == 1 else sorted(taken)) == list(range(100))
    for task in tasks:
        task.cancel()


async def test_who_puts_waits_for_room_and_who_pushes_does_not() -> None:
    backlog: Backlog[int] = Backlog(4)
    putters = [asyncio.create_task(backlog.put(number)) for number in range(7)]
    await settle()
    assert backlog.full
    assert len(backlog) == 4
    backlog.push(7)
    assert len(backlog) == 5

    taken = [await backlog.take() for _ in range(3)]
    await settle()  # half of it is free: the others hear of it
    assert len(backlog) == 4
    assert sum(putter.done() for putter in putters) == 6
    taken += [await backlog.take() for _ in range(4)]
    await settle()
    taken.append(await backlog.take())
    assert sorted(taken) == list(range(8))
    assert all(putter.done() for putter in putters)


async def test_an_item_does_not_go_to_who_no_longer_waits() -> None:
    backlog: Backlog[int] = Backlog()
    gone, here = asyncio.create_task(backlog.take()), asyncio.create_task(backlog.take())
    await settle()
    gone.cancel()
    await settle()
    backlog.push(1)
    assert await here == 1


async def test_room_is_not_lost_on_who_no_longer_waits() -> None:
    backlog: Backlog[int] = Backlog(1)
    backlog.push(0)
    gone, here = asyncio.create_task(backlog.put(1)), asyncio.create_task(backlog.put(2))
    await settle()
    gone.cancel()
    await settle()
    assert [await backlog.take(), await backlog.take()] == [0, 2]
    await here
