"""The page over HTTP: read at the moment it is asked for, in the format that is asked for."""

import aiohttp

from mongors.active import Active
from mongors.health import Health, serving
from mongors.kube import login
from mongors.metrics.exposition import Exposition
from mongors.metrics.meters import Meters
from mongors.metrics.snapshot import Snapshot
from mongors.settings import Settings
from unit.builders import resource
from unit.metrics.pages import found, view


async def scraped(exposition: Exposition, **headers: str) -> tuple[str, dict[str, str]]:
    async with (
        serving(0, exposition.routes()) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics", headers=headers) as response,
    ):
        assert response.status == 200
        return await response.text(), dict(response.headers)


async def test_a_page_holds_what_was_counted_and_what_is_there() -> None:
    meters = Meters()
    meters.waited(1.0)
    page, headers = await scraped(
        Exposition(meters.registry, lambda: Snapshot(leads=True, sets=(view(),))),
        **{"Accept-Encoding": "identity"},
    )
    assert found(page, "mongors_queue_wait_seconds_count") == {"": 1}
    assert found(page, "mongors_replicaset_members") == {"mongo/default": 3}
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "Content-Encoding" not in headers


async def test_a_page_is_compressed_for_whoever_takes_that() -> None:
    exposition = Exposition(Meters().registry, Snapshot)
    page, headers = await scraped(exposition, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert found(page, "mongors_leader") == {"": 0}


async def test_a_deleted_set_is_gone_from_the_next_page() -> None:
    meters = Meters()
    active = Active(Settings(), login.Configuration(host="http://127.0.0.1:1"), Health(), meters)
    exposition = Exposition(meters.registry, lambda: active.snapshot(leads=True))
    raw = resource(3)
    raw["metadata"]["resourceVersion"] = "1"
    active._store.put(raw)
    page, _ = await scraped(exposition)
    assert found(page, "mongors_replicaset_members_wanted") == {"mongo/default": 3}
    active._store.remove(raw)
    page, _ = await scraped(exposition)
    assert found(page, "mongors_replicaset_members_wanted") == {}
