"""A queue that hands over directly and wakes those who wait for room in batches.

What asyncio.Queue does, for less: with it every item of a full queue costs a future and a turn of
the loop, because each one taken wakes one who waits to put. Here room is made known when half
of the queue is free.
"""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """Items in the order they came; bounded for those who `put`, not for those who `push`."""

    def __init__(self, bound: int = 1) -> None:
        self._bound = bound
        self._items: deque[T] = deque()
        self._takers: deque[asyncio.Future[T]] = deque()
        self._putters: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return len(self._items)

    def push(self, item: T) -> None:
        """Add an item, to whoever waits for one if anybody does."""
        takers = self._takers
        while takers:
            taker = takers.popleft()
            if not taker.done():  # else cancelled
                taker.set_result(item)
                return
        self._items.append(item)

    @property
    def full(self) -> bool:
        """Whether who puts has to wait."""
        return len(self._items) >= self._bound

    async def put(self, item: T) -> None:
        """Add an item once there is room."""
        while self.full:
            putter = asyncio.get_running_loop().create_future()
            self._putters.append(putter)
            await putter
        self.push(item)

    async def take(self) -> T:
        """The next item, once there is one."""
        if not self._items:
            taker: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._takers.append(taker)
            return await taker
        item = self._items.popleft()
        if self._putters and len(self._items) <= self._bound // 2:
            self._make_room_known()
        return item

    def _make_room_known(self) -> None:
        room = self._bound - len(self._items)
        while room and self._putters:
            putter = self._putters.popleft()
            if not putter.done():
                putter.set_result(None)
                room -= 1
