"""Three members of a set to be, real or not, on loopback and with a keyFile."""

import asyncio
import os
import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cluster.lab.images.mongo import mongo_image
from cluster.lab.places import Places
from e2e.sets import eventually
from fakes.mongod.member import Member
from fakes.mongod.server import Counts, listen

SET_NAME = "rs0"
KEY = "a" * 64
VERSION = "6.0.5"


@dataclass(frozen=True, slots=True)
class Servers:
    """Where they are, and the key that they share."""

    hosts: tuple[str, ...]
    nobody: str
    """A host at which nobody listens."""
    key: str = KEY


@contextmanager
def stub_servers() -> Iterator[Servers]:
    """Servers that only speak like mongods, in a thread of this process."""
    *hosts, nobody = _hosts(4)
    world: dict[str, Member] = {}
    world.update({host: Member(host, SET_NAME, KEY, world) for host in hosts})
    loop = asyncio.new_event_loop()

    async def start() -> list[asyncio.Server]:
        counts = Counts()
        return [
            await listen(*_address(host), lambda at: world.get(f"{at[0]}:{at[1]}"), counts)
            for host in hosts
        ]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield Servers(tuple(hosts), nobody)
    finally:
        asyncio.run_coroutine_threadsafe(_close(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _close(listening: list[asyncio.Server]) -> None:
    for each in listening:
        each.close()
    await asyncio.sleep(0.1)  # the clients have gone; their ends are still to be seen


@contextmanager
def real_servers(folder: Path) -> Iterator[Servers]:
    """Real mongods, fetched like those of the test cluster."""
    *hosts, nobody = _hosts(4)
    places = Places.from_environment(os.environ)
    image = mongo_image(VERSION, places)
    mongod = next(each.content for each in image.entries if each.path == "usr/bin/mongod")
    key = folder / "key"
    key.write_text(KEY)
    key.chmod(0o400)
    with ExitStack() as running:
        for number, host in enumerate(hosts):
            data = folder / str(number)
            data.mkdir()
            running.enter_context(_process(str(mongod), host, data, key))
        for host in hosts:  # who is not up yet makes the others refuse a founding configuration
            eventually(partial(_listens, host), 60, f"{host} listens")
        yield Servers(tuple(hosts), nobody)


@contextmanager
def _process(mongod: str, host: str, data: Path, key: Path) -> Iterator[None]:
    address, port = _address(host)
    command = [mongod, f"--port={port}", f"--bind_ip={address}", f"--dbpath={data}"]
    command += ["--nounixsocket"]
    command += [f"--replSet={SET_NAME}", f"--keyFile={key}", "--wiredTigerCacheSizeGB=0.25"]
    command += ["--setParameter=enableLocalhostAuthBypass=false"]
    with (data / "log").open("wb") as log:
        started = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        started.kill()
        started.wait()


def _hosts(count: int) -> list[str]:
    """Loopback addresses of our own: nobody's outgoing connection can have taken a port there."""
    network = f"127.{random.randrange(1, 255)}.{random.randrange(256)}"
    return [f"{network}.{number}:27017" for number in range(1, count + 1)]


def _address(host: str) -> tuple[str, int]:
    address, _, port = host.partition(":")
    return address, int(port)


def _listens(host: str) -> bool:
    with suppress(OSError), socket.create_connection(_address(host), timeout=1):
        return True
    return False
