"""The whole way: kubeconfig, API server, tunnels, logins, and stand-ins for mongod at their end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import WSMsgType, web
from bson import ObjectId

from fakes.mongod.member import Member
from fakes.mongod.server import Counts, listen
from mongors.cli.cluster import connected
from mongors.cli.foreseeing import foresee
from mongors.cli.looking import look
from mongors.cli.place import Place
from mongors.cli.view import view_of
from mongors.desired.names import PORT
from mongors.errors import Refused
from mongors.kube.kinds import KINDS
from mongors.kube.request import Request
from mongors.mongo.commands import User, initiate, make_users, step_up
from mongors.mongo.session import session, system_login
from mongors.observed.mongodb import State
from unit.builders import IDENTITY, NOW, config, host, running, wanted
from unit.cli.worlds import ApiServer, world_with

KEY = "keyfile-value"
MEMBERS = 3


@dataclass
class Mongods:
    """Three stand-ins, and the local ports at which they listen."""

    ports: Mapping[str, int]

    async def carry(self, request: web.Request) -> web.WebSocketResponse:
        """Carry one connection to the member behind a pod, as a kubelet does."""
        stream = web.WebSocketResponse(protocols=("v4.channel.k8s.io",))
        await stream.prepare(request)
        for channel in (b"\x00", b"\x01"):
            await stream.send_bytes(channel + PORT.to_bytes(2, "little"))
        port = self.ports[request.match_info["pod"]]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(_back(reader, stream))
        async for message in stream:
            if message.type is WSMsgType.BINARY:
                writer.write(message.data[1:])
        writer.close()
        back.cancel()
        return stream


def _always(member: Member) -> Callable[[object], Member]:
    return lambda address: member


async def _back(reader: asyncio.StreamReader, stream: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            await stream.send_bytes(b"\x00" + piece)


@asynccontextmanager
async def mongods() -> AsyncIterator[Mongods]:
    """A set that was born, with the operator's user in it."""
    world: dict[str, Member] = {}
    servers, ports = list[asyncio.Server](), dict[str, int]()
    for ordinal in range(MEMBERS):
        world[host(ordinal)] = member = Member(host(ordinal), "rs0", KEY, world)
        server = await listen("127.0.0.1", 0, _always(member), Counts())
        servers.append(server)
        ports[f"mongo-{ordinal}"] = server.sockets[0].getsockname()[1]
    await _born(ports["mongo-0"])
    for member in world.values():  # as if long ago
        member.heard_at = member.synced_at = 0.0
        assert member.group is not None
        member.group.config["settings"]["replicaSetId"] = ObjectId(IDENTITY)
    yield Mongods(ports)
    for server in servers:
        server.close()


async def _born(port: int) -> None:
    async with session("127.0.0.1", port, system_login(KEY)) as mongod:
        await initiate(mongod, config(version=1, term=0), old_words=False)
        for _ in range(50):
            with contextlib.suppress(Refused):
                await step_up(mongod)
                break
            await asyncio.sleep(0.05)
        roles = (("clusterManager", "admin"), ("clusterMonitor", "admin"))
        await make_users(mongod, [User("mongors", "clusterPassword-value", roles)])


@asynccontextmanager
async def served(api: ApiServer, members: Mongods) -> AsyncIterator[str]:
    """The API server in memory, behind HTTP."""
    kinds = {kind.plural: kind for kind in KINDS.values()}

    async def answer(request: web.Request) -> web.Response:
        parts = request.path.strip("/").split("/")
        at = next(number for number, part in enumerate(parts) if part in kinds)
        rest = parts[at + 1 :]
        verb = "get" if rest else "list"
        name = rest[0] if rest else ""
        asked = Request(verb, kinds[parts[at]], "default", name, query=dict(request.query))
        said = await api.send(asked)
        return web.Response(status=said.status, body=said.body, content_type="application/json")

    application = web.Application()
    pods = "/api/v1/namespaces/default/pods"
    application.router.add_get(f"{pods}/{{pod}}/portforward", members.carry)
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


def kubeconfig_for(server: str, folder: Path) -> str:
    known: dict[str, Any] = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": server}}],
        "users": [{"name": "me", "user": {"token": "t"}}],
    }
    file = folder / "config"
    file.write_text(yaml.safe_dump(known))
    return str(file)


@pytest.mark.parametrize("members", [3, 4])
async def test_members_are_asked_through_the_api_server(members: int, tmp_path: Path) -> None:
    desired = wanted(members, generation=members - 2)
    fake = world_with(desired, running(wanted(MEMBERS)))
    async with mongods() as there, served(fake.api, there) as server:
        place = Place(kubeconfig=kubeconfig_for(server, tmp_path))
        async with connected(place) as cluster:
            seen = await look(cluster, "mongo", lambda: NOW)
    assert seen.missed == ()
    view = view_of(seen)
    assert view.primary == "mongo-0"
    assert view.config is not None
    assert view.config.version == 1
    assert [each.state for each in view.members][1:3] == [State.SECONDARY, State.SECONDARY]
    assert seen.observed is not None
    answer = seen.observed.answers[0]
    assert (answer.problem, answer.login_refused) == (None, False)
    steps = foresee(desired, seen.observed).steps
    assert any("add mongo-3" in each for each in steps) is (members == 4)
