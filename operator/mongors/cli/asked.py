"""Writing down a wish: the resource is read, changed in one place, and nothing else is touched."""

from collections.abc import Callable
from typing import Any

from mongors.cli.cluster import Cluster, Raw
from mongors.cli.place import Place
from mongors.cli.world import World


def ask_for(world: World, place: Place, name: str, wish: Callable[[Raw], dict[str, Any]]) -> Raw:
    """Write a wish down on the resource of a set; answer the resource as it was."""

    async def act(cluster: Cluster) -> Raw:
        resource = await cluster.replica_set(name)
        await cluster.change(resource, wish(resource))
        return resource

    return world.run(place, act)
