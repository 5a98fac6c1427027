"""A way through the API server to a pod's port, against a stand-in that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import yaml
from aiohttp import WSMsgType, web

from mongors.errors import Denied, Failure, Refused, Retry
from mongors.kube import lines, login
from mongors.kube.tunnel import PROTOCOL, Tunnels

PORT = (27017).to_bytes(2, "little")


async def echo(request: web.Request) -> web.WebSocketResponse:
    """What a kubelet does with a port at which somebody shouts everything back."""
    assert request.query["ports"] == "27017"
    stream = web.WebSocketResponse(protocols=(PROTOCOL,))
    await stream.prepare(request)
    await stream.send_bytes(b"\x00" + PORT)
    await stream.send_bytes(b"\x01" + PORT)
    async for message in stream:
        if message.type is not WSMsgType.BINARY:
            continue
        if message.data[1:] == b"break":
            await stream.send_bytes(b"\x01no such process")
        else:
            await stream.send_bytes(b"\x00" + message.data[1:].upper())
    return stream


async def log(request: web.Request) -> web.StreamResponse:
    """A log of two lines."""
    assert request.query["follow"] == "true"
    return web.Response(text="one\ntwo\n")


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    application = web.Application()
    pods = "/api/v1/namespaces/default/pods"
    application.router.add_get(f"{pods}/mongo-0/portforward", echo)
    application.router.add_get(f"{pods}/mongo-0/log", log)
    for number, name in ((403, "denied"), (500, "broken")):
        application.router.add_get(f"{pods}/{name}/{{what}}", _always(number))
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened() -> AsyncIterator[int]:
    async with (
        serving() as server,
        aiohttp.ClientSession() as session,
        Tunnels(session, server).open("default", "mongo-0", 27017) as port,
    ):
        yield port


def _always(status: int) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answered(request: web.Request) -> web.Response:
        return web.Response(status=status)

    return answered


async def test_what_is_said_comes_back_and_each_connection_has_its_own_stream() -> None:
    async with opened() as port:
        for said in (b"hello", b"hello again" * 20_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            assert await reader.readexactly(len(said)) == said.upper()
            writer.close()


async def test_an_error_of_the_pod_ends_the_connection() -> None:
    async with opened() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"break")
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    ("pod", "kind"), [("denied", Denied), ("broken", Retry), ("nobody", Retry)]
)
async def test_a_refusal_is_told_before_anything_is_opened(pod: str, kind: type[Failure]) -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        with pytest.raises(kind, match=f"no way to {pod} through the API server"):
            async with Tunnels(session, server).open("default", pod, 27017):
                raise AssertionError


async def test_a_server_that_is_away_is_told() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Retry):
            async with Tunnels(session, "http://127.0.0.1:1").open("default", "x", 27017):
                raise AssertionError


async def test_a_log_is_followed_to_its_end() -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        followed = lines.follow(session, server, "default", "mongo-0", {})
        assert [each async for each in followed] == ["one", "two"]


@pytest.mark.parametrize(("pod", "kind"), [("denied", Denied), ("broken", Refused)])
async def test_a_log_that_is_not_shown_is_told(pod: str, kind: type[Failure]) -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        with pytest.raises(kind):
            _ = [each async for each in lines.follow(session, server, "default", pod, {})]


@pytest.fixture
def kubeconfig(tmp_path: Path) -> str:
    """Two contexts; the current one names no namespace."""
    contexts = [
        {"name": "near", "context": {"cluster": "a", "user": "me"}},
        {"name": "far", "context": {"cluster": "b", "user": "me", "namespace": "shop"}},
    ]
    clusters = [
        {"name": name, "cluster": {"server": f"http://{name}.example:8080"}} for name in "ab"
    ]
    users = [{"name": "me", "user": {"token": "t"}}]
    known = {"contexts": contexts, "clusters": clusters, "users": users}
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump({"current-context": "near", **known}))
    return str(file)


async def test_a_context_and_a_kubeconfig_can_be_named(kubeconfig: str) -> None:
    assert (await login.load(kubeconfig)).host == "http://a.example:8080"
    assert (await login.load(kubeconfig, "far")).host == "http://b.example:8080"
    assert login.namespace(kubeconfig) == "default"
    assert login.namespace(kubeconfig, "far") == "shop"
    assert login.namespace("/nowhere") == "default"


async def test_a_context_that_is_not_there_is_told(kubeconfig: str) -> None:
    with pytest.raises(Failure, match="no login to a cluster"):
        await login.load(kubeconfig, "nobody")
