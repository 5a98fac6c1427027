"""The chart: valid for every scope, least in its rights, and the plain manifests made from it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from mongors.desired.exporter import exporter_selector
from mongors.kube.kinds import WATCHED

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "chart" / "mongors"
HELM = os.environ.get("HELM", f"{ROOT}/tests/cluster/cluster helm").split()

Manifest = dict[str, Any]


def helm(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HELM, *args], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def template(**settings: Any) -> list[Manifest]:
    """Render the chart with these values; `__` in a name stands for the dot."""
    pairs = (f"{name.replace('__', '.')}={json.dumps(value)}" for name, value in settings.items())
    values = [word for pair in pairs for word in ("--set-json", pair)]
    done = helm(
        "template",
        "mongors",
        str(CHART),
        "--namespace",
        "operators",
        "--kube-version",
        "1.34.0",
        *values,
    )
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [each for each in manifests if each["kind"] == kind]


def the(manifests: list[Manifest], kind: str) -> Manifest:
    (found,) = of_kind(manifests, kind)
    return found


def rules(manifests: list[Manifest]) -> list[Manifest]:
    roles = of_kind(manifests, "Role") + of_kind(manifests, "ClusterRole")
    return [rule for role in roles for rule in role["rules"]]


def rights(manifests: list[Manifest]) -> set[tuple[str, str]]:
    return {
        (verb, resource)
        for rule in rules(manifests)
        for verb in rule["verbs"]
        for resource in rule["resources"]
    }


def environment(manifests: list[Manifest]) -> dict[str, str]:
    (container,) = the(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value", "") for each in container["env"]}


def kinds(manifests: list[Manifest]) -> set[str]:
    return {each["kind"] for each in manifests}


def ports(manifests: list[Manifest]) -> dict[str, int]:
    (container,) = the(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["containerPort"] for each in container["ports"]}


def test_lint_finds_nothing() -> None:
    done = helm("lint", "--strict", str(CHART))
    assert done.returncode == 0, done.stdout


def test_the_plain_manifests_are_fresh(tmp_path: Path) -> None:
    rendered = tmp_path / "mongors.yaml"
    env = {**os.environ, "HELM": " ".join(HELM)}
    subprocess.run([ROOT / "deploy" / "render", rendered], check=True, env=env)
    committed = ROOT / "deploy" / "manifests" / "mongors.yaml"
    assert rendered.read_text() == committed.read_text(), "run deploy/render"


def test_the_crd_is_the_generated_one_and_outlives_the_release() -> None:
    crd = the(template(), "CustomResourceDefinition")
    annotations = crd["metadata"].pop("annotations")
    assert annotations.pop("helm.sh/resource-policy") == "keep"
    (path,) = (ROOT / "crds").glob("*.yaml")
    generated = yaml.safe_load(path.read_text())
    assert annotations == generated["metadata"].pop("annotations", {})
    assert crd == generated
    assert not of_kind(template(crds__enabled=False), "CustomResourceDefinition")


def test_all_namespaces_take_a_cluster_role_and_no_roles_but_the_lease() -> None:
    manifests = template()
    assert [each["metadata"]["name"] for each in of_kind(manifests, "Role")] == ["mongors-lease"]
    assert environment(manifests)["MONGORS_NAMESPACES"] == ""


@pytest.mark.parametrize(("replicas", "terms"), [(1, ("90", "75", "60")), (2, ("15", "10", "4"))])
def test_one_alone_renews_its_lease_seldom_and_standbys_take_over_soon(
    replicas: int, terms: tuple[str, ...]
) -> None:
    given = environment(template(replicas=replicas))
    names = ("DURATION", "RENEW_WITHIN", "RENEW_EVERY")
    assert tuple(given[f"MONGORS_LEASE_{name}_SECONDS"] for name in names) == terms


@pytest.mark.parametrize(
    ("given", "terms"),
    [
        ({"leaseRenewEverySeconds": 3}, ("15", "10", "3")),
        ({"leaseDurationSeconds": 30, "leaseRenewWithinSeconds": 20}, ("30", "20", "8")),
        ({"leaseDurationSeconds": 60}, ("60", "40", "16")),
        ({"leaseRenewWithinSeconds": 40}, ("60", "40", "16")),
    ],
)
@pytest.mark.parametrize("replicas", [1, 2])
def test_times_of_the_lease_that_are_not_given_follow_from_those_that_are(
    given: dict[str, int], terms: tuple[str, ...], replicas: int
) -> None:
    values = {f"settings__{name}": value for name, value in given.items()}
    chosen = environment(template(replicas=replicas, **values))
    names = ("DURATION", "RENEW_WITHIN", "RENEW_EVERY")
    assert tuple(chosen[f"MONGORS_LEASE_{name}_SECONDS"] for name in names) == terms


def test_times_of_the_lease_that_contradict_each_other_are_refused() -> None:
    done = helm(
        *("template", "mongors", str(CHART), "--kube-version", "1.34.0"),
        *("--set", "settings.leaseRenewWithinSeconds=20,settings.leaseDurationSeconds=20"),
    )
    assert done.returncode != 0
    assert "leaseRenewWithinSeconds" in done.stderr


def test_given_namespaces_take_a_role_in_each_and_nothing_cluster_wide() -> None:
    manifests = template(
        watchNamespaces=["a", "b"], rbac__storageClassCreation=False, nodes__watch=False
    )
    assert not of_kind(manifests, "ClusterRole")
    assert not of_kind(manifests, "ClusterRoleBinding")
    for kind in ("Role", "RoleBinding"):
        places = {each["metadata"]["namespace"] for each in of_kind(manifests, kind)}
        assert places == {"a", "b", "operators"}
    assert environment(manifests)["MONGORS_NAMESPACES"] == "a,b"


@pytest.mark.parametrize("scope", [[], ["a"]])
def test_what_the_operator_does_it_may(scope: list[str]) -> None:
    done = {
        ("create", "pods/eviction"),
        ("create", "deployments"),
        ("delete", "deployments"),
        ("delete", "statefulsets"),
        ("patch", "deployments"),
        ("get", "storageclasses"),
        ("patch", "mongoreplicasets/status"),
        ("patch", "persistentvolumeclaims"),
        ("patch", "pods"),
        ("patch", "pods/status"),
    }
    watched = {(verb, kind.plural) for kind in WATCHED for verb in ("list", "watch")}
    assert done | watched <= rights(template(watchNamespaces=scope))


@pytest.mark.parametrize("scope", [[], ["a"]])
def test_the_operator_could_not_delete_a_claim_if_it_would(scope: list[str]) -> None:
    """I6 and rule 42: no volume goes by its hand, whatever it plans."""
    may = rights(template(watchNamespaces=scope, rbac__clusterWideBindings=True))
    assert not {verb for verb, resource in may if resource == "persistentvolumeclaims"} - {
        "get", "list", "watch", "patch",
    }  # fmt: skip


@pytest.mark.parametrize("scope", [[], ["a"]])
def test_no_right_is_a_wildcard_or_an_escalation(scope: list[str]) -> None:
    for rule in rules(template(watchNamespaces=scope, rbac__clusterWideBindings=True)):
        words = {*rule["verbs"], *rule["resources"], *rule["apiGroups"]}
        assert not words & {"*", "escalate", "impersonate", "pods/exec", "deletecollection"}, rule


@pytest.mark.parametrize("scope", [[], ["a"]])
@pytest.mark.parametrize("bindable", [["view"], []])
def test_only_the_listed_cluster_roles_may_be_bound(scope: list[str], bindable: list[str]) -> None:
    manifests = template(
        watchNamespaces=scope, rbac__clusterWideBindings=True, rbac__bindableClusterRoles=bindable
    )
    binding = [rule for rule in rules(manifests) if "bind" in rule["verbs"]]
    assert all(rule["resourceNames"] == ["view"] for rule in binding), "an empty list means: all"
    assert bool(binding) == bool(bindable)


@pytest.mark.parametrize("allowed", [True, False])
def test_what_a_set_may_ask_for_goes_with_the_right_to_do_it(allowed: bool) -> None:
    manifests = template(rbac__storageClassCreation=allowed, rbac__clusterWideBindings=allowed)
    granted = rights(manifests)
    assert (("create", "storageclasses") in granted) == allowed
    assert (("create", "clusterrolebindings") in granted) == allowed
    assert environment(manifests)["MONGORS_STORAGE_CLASS_CREATION"] == str(allowed).lower()
    assert environment(manifests)["MONGORS_CLUSTER_WIDE_BINDINGS"] == str(allowed).lower()


@pytest.mark.parametrize("scope", [[], ["a"]])
@pytest.mark.parametrize("watched", [True, False])
def test_nodes_are_watched_only_with_the_right_to(watched: bool, scope: list[str]) -> None:
    manifests = template(nodes__watch=watched, watchNamespaces=scope)
    granted = [
        rule["verbs"]
        for role in of_kind(manifests, "ClusterRole")
        for rule in role["rules"]
        if "nodes" in rule["resources"]
    ]
    assert granted == [["get", "list", "watch"]] * watched
    assert environment(manifests)["MONGORS_WATCH_NODES"] == str(watched).lower()


def test_the_pod_keeps_to_the_restricted_standard() -> None:
    pod = the(template(), "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_image_and_the_namespace_are_honoured() -> None:
    manifests = template(image__repository="example.com/mongors", image__tag="9")
    deployment = the(manifests, "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "example.com/mongors:9"
    assert deployment["metadata"]["namespace"] == "operators"
    digest = "sha256:" + "0" * 64
    pinned = the(template(image__digest=digest), "Deployment")
    (container,) = pinned["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(f"@{digest}")


def test_metrics_have_a_port_of_their_own_and_nothing_else_by_default() -> None:
    manifests = template()
    assert environment(manifests)["MONGORS_METRICS"] == "true"
    assert environment(manifests)["MONGORS_METRICS_PORT"] == "8081"
    assert ports(manifests) == {"health": 8080, "metrics": 8081}
    assert not {"Service", "ServiceMonitor", "PrometheusRule", "ConfigMap"} & kinds(manifests)


def test_metrics_can_be_switched_off() -> None:
    manifests = template(metrics__enabled=False)
    assert environment(manifests)["MONGORS_METRICS"] == "false"
    assert ports(manifests) == {"health": 8080}


def test_a_service_monitor_leads_to_the_operator_and_keeps_the_labels_of_sets() -> None:
    manifests = template(
        metrics__serviceMonitor__enabled=True, metrics__serviceMonitor__labels={"team": "db"}
    )
    assert not {"PrometheusRule", "ConfigMap"} & kinds(manifests)
    service, monitor = the(manifests, "Service"), the(manifests, "ServiceMonitor")
    pod = the(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= pod.items()
    selected = monitor["spec"]["selector"]["matchLabels"]
    assert selected.items() <= service["metadata"]["labels"].items()
    assert monitor["metadata"]["labels"]["team"] == "db"
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["honorLabels"] is True
    assert endpoint["port"] == service["spec"]["ports"][0]["name"] == "metrics"
    assert service["spec"]["ports"][0]["targetPort"] in ports(manifests)


def test_a_pod_monitor_finds_every_exporter_and_names_the_member() -> None:
    manifests = template(metrics__podMonitor__enabled=True, metrics__enabled=False)
    monitor = the(manifests, "PodMonitor")
    (selected,) = monitor["spec"]["selector"]["matchExpressions"]
    assert selected["operator"] == "Exists"
    assert exporter_selector("mongo")[selected["key"]] == "mongo", "no label that others use"
    assert monitor["spec"]["namespaceSelector"] == {"any": True}
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    named = {each.get("targetLabel"): each.get("sourceLabels") for each in endpoint["relabelings"]}
    assert named["pod"] == ["__meta_kubernetes_pod_container_name"]
    confined = template(metrics__podMonitor__enabled=True, watchNamespaces=["a"])
    assert the(confined, "PodMonitor")["spec"]["namespaceSelector"] == {"matchNames": ["a"]}


def test_the_rules_are_the_ones_that_are_tested() -> None:
    alerts = (CHART / "files" / "alerts.yaml").read_text()
    manifests = template(metrics__rules__enabled=True)
    assert not {"ServiceMonitor", "ConfigMap"} & kinds(manifests)
    assert the(manifests, "PrometheusRule")["spec"] == yaml.safe_load(alerts)
    own = template(metrics__rules__enabled=True, metrics__rules__runbooks="https://wiki.example")
    moved = alerts.replace("docs/runbooks.md", "https://wiki.example")
    assert the(own, "PrometheusRule")["spec"] == yaml.safe_load(moved)


def test_the_dashboard_is_found_by_the_usual_sidecar() -> None:
    manifests = template(metrics__dashboard__enabled=True)
    assert not {"ServiceMonitor", "PrometheusRule"} & kinds(manifests)
    dashboard = the(manifests, "ConfigMap")
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    written = json.loads((CHART / "files" / "dashboard.json").read_text())
    assert json.loads(dashboard["data"]["mongors.json"]) == written


@pytest.mark.parametrize("part", ["serviceMonitor", "rules"])
def test_what_reads_metrics_is_refused_without_them(part: str) -> None:
    flags = f"metrics.enabled=false,metrics.{part}.enabled=true"
    done = helm("template", "mongors", str(CHART), "--kube-version", "1.34.0", "--set", flags)
    assert done.returncode != 0
    assert f"metrics.{part} needs metrics.enabled" in done.stderr


@pytest.mark.parametrize(
    "wrong", ["replica=3", "watchNamespaces={A_b}", "settings.workers=0", "image.digest=latest"]
)
def test_wrong_values_are_refused(wrong: str) -> None:
    done = helm("template", "mongors", str(CHART), "--kube-version", "1.34.0", "--set", wrong)
    assert done.returncode != 0
    assert "schema" in done.stderr


def test_every_setting_of_the_chart_is_one_of_the_operator() -> None:
    from mongors.settings import Settings, variable  # noqa: PLC0415

    known = {variable(name) for name in Settings.model_fields}
    assert {name for name in environment(template()) if name.startswith("MONGORS_")} == known
