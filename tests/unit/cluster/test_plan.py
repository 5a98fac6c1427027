"""Addresses, routes, certificates and settings of a local cluster."""

import base64
from pathlib import Path

import pytest

from cluster.lab.console import LabError
from cluster.lab.local import network, pki, settings
from cluster.lab.local.kubeconfig import kubeconfig
from cluster.lab.local.plan import Plan
from cluster.lab.places import Places

PLAN = Plan.of("mongors", Path("/state/mongors"), 3)


def test_nodes_are_in_zones_of_their_own() -> None:
    assert [(node.name, node.zone) for node in PLAN.nodes] == [
        ("node-1", "zone-1"),
        ("node-2", "zone-2"),
        ("node-3", "zone-3"),
    ]


@pytest.mark.parametrize("count", [0, 21])
def test_a_cluster_has_at_least_one_node_and_not_too_many(count: int) -> None:
    with pytest.raises(LabError, match="nodes"):
        Plan.of("mongors", Path("/state"), count)


def test_namespaces_carry_the_clusters_name() -> None:
    names = ["mongors-cp", "mongors-n1", "mongors-n2", "mongors-n3"]
    assert network.namespaces(PLAN) == names


def test_no_cable_leads_out_of_the_clusters_namespaces() -> None:
    cables = [line for line in network.setup_commands(PLAN) if line.startswith("link add")]
    assert cables[0] == (
        "link add to-node-1 netns mongors-cp type veth peer name eth0 netns mongors-n1"
    )
    assert all(line.count("netns mongors-") == 2 for line in cables)


def test_a_node_reaches_other_nodes_pods_without_the_control_plane() -> None:
    routes = [line for line in network.node_commands(PLAN, PLAN.nodes[0]) if "route" in line]
    assert routes == [
        "route add default via 10.250.0.1",
        "route add 10.244.2.0/24 via 10.250.0.12",
        "route add 10.244.3.0/24 via 10.250.0.13",
    ]


def test_programs_that_enter_have_a_way_to_pods_and_services() -> None:
    routes = [line for line in network.bridge_commands(PLAN) if "route" in line]
    assert "route add 10.96.0.0/16 dev cluster" in routes
    assert "route add 10.244.3.0/24 via 10.250.0.13" in routes


def test_the_api_server_answers_to_all_its_names() -> None:
    [server] = [who for who in pki.identities(PLAN.nodes) if who.file == pki.API_SERVER]
    assert {"DNS:kubernetes.default.svc", "IP:10.96.0.1", "IP:10.250.0.1"} <= set(server.names)


def test_a_kubelet_is_a_node_and_serves_under_its_address() -> None:
    [kubelet] = [who for who in pki.identities(PLAN.nodes) if who.file == "node-2"]
    assert kubelet.subject == "/O=system:nodes/CN=system:node:node-2"
    assert kubelet.names == ("DNS:node-2", "IP:10.250.0.12")


def test_a_clients_certificate_serves_nobody() -> None:
    client = pki.certificate_command(Path("/pki"), pki.Identity("admin", "admin", "system:masters"))
    assert "extendedKeyUsage=clientAuth" in client
    assert not any("subjectAltName" in word for word in client)


def test_a_kubeconfig_holds_everything_itself() -> None:
    config = kubeconfig("https://x:1", b"ca", b"cert", b"key")
    assert config["current-context"] == "mongors"
    assert config["users"] == [
        {
            "name": "mongors",
            "user": {
                "client-certificate-data": base64.b64encode(b"cert").decode(),
                "client-key-data": base64.b64encode(b"key").decode(),
            },
        }
    ]


def test_absent_names_are_forgotten_soon_unless_stock_is_asked_for() -> None:
    assert "denial 9984 1" in settings.corefile(stock=False)
    assert "denial" not in settings.corefile(stock=True)
    assert "cache 30" in settings.corefile(stock=True)


def test_places_follow_the_environment() -> None:
    places = Places.from_environment({"HOME": "/home/me", "MONGORS_CLUSTER": "other"})
    assert places.cache == Path("/home/me/.cache/mongors")
    assert places.state == Path("/var/lib/mongors/other")
    assert Places.from_environment({"XDG_CACHE_HOME": "/c"}).cache == Path("/c/mongors")


@pytest.mark.parametrize("name", ["../x", "a b", "x" * 21])
def test_a_clusters_name_is_fit_for_paths_and_namespaces(name: str) -> None:
    with pytest.raises(LabError):
        Places.from_environment({"MONGORS_CLUSTER": name})
