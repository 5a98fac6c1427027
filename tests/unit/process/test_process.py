"""The process as it is started: its exit, its Lease, its answers when something is missing."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from fakes.apiserver import ApiServer, Seen

SOURCES = Path(__file__).parents[3] / "operator"
LEASE = ("Lease", "default", "mongors")


class Process:
    """A running operator and what it wrote."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.log = ""

    async def until(self, pattern: str) -> re.Match[str]:
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            while (found := re.search(pattern, self.log)) is None:
                line = await self.process.stderr.readline()
                assert line, f"it ended without {pattern!r}:\n{self.log}"
                self.log += line.decode()
        return found

    async def health(self, path: str, of: str = "health_port") -> tuple[int, str]:
        port = (await self.until(rf'"{of}": (\d+)')).group(1)
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}{path}") as response:
            return response.status, await response.text()

    async def stop(self) -> float:
        """Send SIGTERM; answer how long the end took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 20)
        return time.monotonic() - began


@asynccontextmanager
async def started(
    folder: Path, server: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(
        "{apiVersion: v1, kind: Config, current-context: x,"
        f" clusters: [{{name: x, cluster: {{server: '{server}'}}}}],"
        " users: [{name: x, user: {token: t}}],"
        " contexts: [{name: x, context: {cluster: x, user: x}}]}"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MONGORS_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "mongors",
        stderr=asyncio.subprocess.PIPE,
        env={
            **clean,
            "PYTHONPATH": str(SOURCES),
            "KUBECONFIG": str(kubeconfig),
            "MONGORS_HEALTH_PORT": "0",
            **(environment or {}),
        },
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer().serving() as serving:
        yield serving


def holder(server: ApiServer) -> str:
    lease = server.get(*LEASE)
    return str(lease["spec"]["holderIdentity"]) if lease else ""


async def test_it_stops_within_seconds_and_gives_the_lease_back(
    server: ApiServer, tmp_path: Path
) -> None:
    async with started(tmp_path, server.url) as operator:
        await operator.until("starting to reconcile")
        assert await operator.health("/readyz") == (200, "ok\n")
        assert await operator.health("/healthz") == (200, "ok\n")
        assert holder(server)
        assert await operator.stop() < 3
        assert operator.process.returncode == 0
    assert holder(server) == ""


async def test_a_stand_by_is_ready_and_takes_over_when_the_active_one_leaves(
    server: ApiServer, tmp_path: Path
) -> None:
    async with started(tmp_path, server.url) as first:
        await first.until("starting to reconcile")
        async with started(tmp_path, server.url) as second:
            assert await second.health("/readyz") == (200, "ok\n")
            before = holder(server)
            await first.stop()
            await second.until("starting to reconcile")
            assert holder(server) not in ("", before)


async def test_metrics_are_served_beside_the_probes_and_tell_who_leads(
    server: ApiServer, tmp_path: Path
) -> None:
    async with started(tmp_path, server.url) as first:
        await first.until("starting to reconcile")
        code, page = await first.health("/metrics")
        assert (code, "mongors_leader 1\n" in page) == (200, True)
        assert 'mongors_api_requests_total{code="200",resource="pods",verb="list"} 1.0' in page
        assert "process_resident_memory_bytes" in page
        async with started(tmp_path, server.url) as second:
            assert "mongors_leader 0\n" in (await second.health("/metrics"))[1]


async def test_metrics_are_served_on_a_port_of_their_own(server: ApiServer, tmp_path: Path) -> None:
    async with started(tmp_path, server.url, {"MONGORS_METRICS_PORT": "0"}) as operator:
        await operator.until("starting to reconcile")
        assert (await operator.health("/metrics", "metrics_port"))[0] == 200
        assert (await operator.health("/healthz", "metrics_port"))[0] == 404
        assert (await operator.health("/metrics"))[0] == 404


async def test_metrics_can_be_switched_off(server: ApiServer, tmp_path: Path) -> None:
    async with started(tmp_path, server.url, {"MONGORS_METRICS": "false"}) as operator:
        await operator.until("starting to reconcile")
        assert (await operator.health("/metrics"))[0] == 404


async def test_a_stand_by_stops_without_having_led(server: ApiServer, tmp_path: Path) -> None:
    async with started(tmp_path, server.url) as first:
        await first.until("starting to reconcile")
        async with started(tmp_path, server.url) as second:
            await second.until("health_port")
            assert await second.stop() < 3
            assert second.process.returncode == 0
        assert holder(server)


async def test_it_waits_for_the_crd_and_says_so(server: ApiServer, tmp_path: Path) -> None:
    server.hidden.add("mongoreplicasets")
    async with started(tmp_path, server.url) as operator:
        await operator.until("the CRD mongoreplicasets.mongors.io is not installed")
        code, text = await operator.health("/readyz")
        assert (code, "not installed" in text) == (503, True)
        assert await operator.health("/healthz") == (200, "ok\n")
        server.hidden.clear()
        await operator.until("starting to reconcile")
        assert await operator.health("/readyz") == (200, "ok\n")


async def test_it_watches_nodes_if_it_may(server: ApiServer, tmp_path: Path) -> None:
    async with started(tmp_path, server.url, {"MONGORS_WATCH_NODES": "true"}) as operator:
        await operator.until("starting to reconcile")
        assert "Not watching nodes" not in operator.log
    assert [s for s in server.asked("GET", "/nodes") if "watch" not in s.query]


async def test_without_the_right_to_nodes_it_works_as_without_them(
    server: ApiServer, tmp_path: Path
) -> None:
    server.denied.add(("watch", "nodes"))
    async with started(tmp_path, server.url, {"MONGORS_WATCH_NODES": "true"}) as operator:
        await operator.until("starting to reconcile")
        assert operator.log.count("Not watching nodes: the operator may not") == 1
        assert await operator.health("/readyz") == (200, "ok\n")
    assert not server.asked("GET", "/nodes")


async def test_a_right_that_cannot_be_asked_about_just_now_is_asked_about_again(
    server: ApiServer, tmp_path: Path
) -> None:
    server.forced.append(("POST", "/selfsubjectaccessreviews", web.Response(status=503)))
    async with started(tmp_path, server.url, {"MONGORS_WATCH_NODES": "true"}) as operator:
        await operator.until("starting to reconcile")
    assert server.asked("GET", "/nodes")


async def test_nodes_are_left_alone_unless_wanted(server: ApiServer, tmp_path: Path) -> None:
    async with started(tmp_path, server.url) as operator:
        await operator.until("Not watching nodes: MONGORS_WATCH_NODES is off")
        await operator.until("starting to reconcile")
    assert not server.asked("GET", "/nodes")
    asked = server.asked("POST", "/selfsubjectaccessreviews")
    assert {about(each) for each in asked} == {"deployments"}, "the exporters', which all may have"


def about(review: Seen) -> str:
    """The resource that a question about a right is about."""
    return str(review.body["spec"]["resourceAttributes"]["resource"])


async def test_sets_are_looked_after_without_a_right_that_only_exporters_need(
    server: ApiServer, tmp_path: Path
) -> None:
    server.denied.add(("watch", "deployments"))
    async with started(tmp_path, server.url) as operator:
        await operator.until("Not watching deployments: the operator may not")
        await operator.until("starting to reconcile")
    assert not server.asked("GET", "/deployments")


async def test_it_ends_when_the_crd_is_taken_away_so_that_it_starts_by_waiting(
    server: ApiServer, tmp_path: Path
) -> None:
    async with started(tmp_path, server.url) as operator:
        await operator.until("starting to reconcile")
        server.hidden.add("mongoreplicasets")
        await server.compact()
        await operator.until("watching failed")
        assert await asyncio.wait_for(operator.process.wait(), 10) == 1
    assert holder(server) == ""


async def test_it_ends_at_once_when_somebody_takes_its_lease(
    server: ApiServer, tmp_path: Path
) -> None:
    async with started(tmp_path, server.url) as operator:
        await operator.until("starting to reconcile")
        lease = server.get(*LEASE)
        assert lease is not None
        await server.put({**lease, "spec": {**lease["spec"], "holderIdentity": "other"}})
        await operator.until("Lost the lease, ending at once: it is held by other")
        assert await asyncio.wait_for(operator.process.wait(), 2) == 1
    assert holder(server) == "other"


async def test_a_wrong_setting_is_named_and_ends_the_start(tmp_path: Path) -> None:
    async with started(tmp_path, "http://127.0.0.1:9", {"MONGORS_WORKERS": "no"}) as operator:
        await operator.until("MONGORS_WORKERS: ")
        assert await operator.process.wait() == 2


async def test_it_stands_by_while_there_is_no_api_server(tmp_path: Path) -> None:
    async with started(tmp_path, "http://127.0.0.1:9") as operator:
        await operator.until("Failed to ask for the lease")
        assert await operator.health("/healthz") == (200, "ok\n")
        assert await operator.stop() < 3
        assert operator.process.returncode == 0
