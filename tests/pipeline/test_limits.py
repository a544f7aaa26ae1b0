import asyncio
from collections import Counter

from pipeline.limits import Limits


async def peak(limits: Limits, addresses: list[str], each: float = 0.01) -> Counter[str]:
    """The most that held a slot at once, by the first three octets."""
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def hold(address: str) -> None:
        network = address.rpartition(".")[0]
        async with limits.slot(address):
            now[network] += 1
            most[network] = max(most[network], now[network])
            await asyncio.sleep(each)
            now[network] -= 1

    await asyncio.gather(*map(hold, addresses))
    return most


async def test_few_at_once_per_network() -> None:
    limits = Limits(rate=1e6, per_network=2)
    addresses = [f"192.0.{network}.{host}" for network in range(3) for host in range(10)]
    assert await peak(limits, addresses) == {"192.0.0": 2, "192.0.1": 2, "192.0.2": 2}


async def test_connections_are_paced_over_all_networks() -> None:
    limits = Limits(rate=100, per_network=100)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await peak(limits, [f"192.0.{network}.1" for network in range(21)], each=0)
    assert loop.time() - began >= 0.19


async def test_loopback_is_exempt() -> None:
    limits = Limits(rate=0.001, per_network=1)
    async with asyncio.timeout(5):
        assert await peak(limits, [f"127.0.0.{host}" for host in range(9)]) == {"127.0.0": 9}


async def test_nothing_is_kept_of_networks_that_are_done_with() -> None:
    limits = Limits(rate=1e6, per_network=2)
    await peak(limits, [f"192.0.2.{host}" for host in range(5)])
    assert not limits._slots
