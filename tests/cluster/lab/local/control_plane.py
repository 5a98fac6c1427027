"""The control plane: etcd, API server, controller manager, scheduler, and the addons.

CoreDNS and the volume provisioner run here as well, as they do where kubeadm places
them: a test that cuts or stops a node takes away a node, not the cluster's DNS.
"""

import json
from pathlib import Path

from cluster.lab import builds
from cluster.lab.places import MANIFESTS, Places

from . import halting, health, pki, settings
from .kubeconfig import write_kubeconfig
from .machine import SHOWN, Machine, supervised
from .plan import API_PORT, CONTROL_PLANE, GATEWAY, POD_RANGE, SERVICE_RANGE, Plan

_CLIENTS = (pki.ADMIN, pki.CONTROLLER_MANAGER, pki.SCHEDULER, pki.DNS, pki.STORAGE)
SIMULATED = MANIFESTS / "simulated"
_DNS_SECONDS = 60.0


def control_plane(plan: Plan, places: Places) -> Machine:
    """Return the control plane's machine."""
    folder = plan.machine_folder(CONTROL_PLANE)
    return Machine(
        CONTROL_PLANE, folder, plan.control_namespace, places.binaries, shows=plan.folder
    )


def start_control_plane(plan: Plan, places: Places, *, stock_dns: bool) -> None:
    """Write what the programs read, and start them."""
    config = prepare(plan, places)
    # It looks for its own Node for 30 s before it works without; so it is lent the first one.
    proxy = settings.proxy_config(plan.nodes[0].name)
    (config / "proxy.json").write_text(json.dumps(proxy))
    (config / "Corefile").write_text(settings.corefile(stock=stock_dns))
    control_plane(plan, places).start(_programs(places))


def set_dns(plan: Plan, places: Places, *, stock: bool) -> None:
    """Start CoreDNS anew with other caches."""
    machine = control_plane(plan, places)
    (machine.run / "config" / "Corefile").write_text(settings.corefile(stock=stock))
    halting.halt(machine, "coredns")
    halting.resume(machine, "coredns")
    health.wait_until("DNS answers", lambda: health.dns_answers(plan), _DNS_SECONDS)


def start_without_nodes(plan: Plan, places: Places) -> None:
    """The same for a cluster whose nodes kwok only simulates: no proxy, no DNS, no volumes."""
    config = prepare(plan, places)
    for source in SIMULATED.iterdir():
        (config / source.name).write_bytes(source.read_bytes())
    control_plane(plan, places).start(_programs_without_nodes(places))


def prepare(plan: Plan, places: Places) -> Path:
    """Make the machine and write the configuration that every control plane needs."""
    machine = control_plane(plan, places)
    machine.prepare()
    config = machine.run / "config"
    for source in plan.pki.iterdir():
        (config / source.name).write_bytes(source.read_bytes())
    for who in _CLIENTS:
        write_kubeconfig(plan.pki, who, config / f"{who}.kubeconfig")
    write_kubeconfig(plan.pki, pki.PROXY, config / "proxy.kubeconfig")
    (config / "audit.yaml").write_text((MANIFESTS / "audit-policy.yaml").read_text())
    return config


def audit_log(plan: Plan) -> Path:
    """Name the file that the API server writes a line per request to."""
    return plan.machine_folder(CONTROL_PLANE) / "var/log/audit.log"


def _api(places: Places) -> list[str]:
    """The lines that start the API server, and end when it answers."""
    kubectl = inside_path(builds.KUBERNETES, "kubectl", places)
    ready = f"{kubectl} --kubeconfig /run/config/admin.kubeconfig get --raw /readyz"
    return [
        _etcd(places),
        _api_server(places),
        f"until {ready} > /dev/null 2>&1; do sleep 0.2; done",
    ]


def _programs(places: Places) -> list[str]:
    return [
        *_api(places),
        _controller_manager(places),
        _scheduler(places),
        _kubernetes(places, pki.PROXY, config="/run/config/proxy.json"),
        "> /run/ready",
        "gate addons",
        supervised(
            "coredns",
            inside_path(builds.COREDNS, "coredns", places),
            "-conf=/run/config/Corefile",
        ),
        _provisioner(places),
    ]


def _programs_without_nodes(places: Places) -> list[str]:
    # Thousands of pods are made in minutes: the controllers' usual 20 requests a second would
    # be what is measured. Nothing provides volumes, so nobody may look for them; and simulated
    # nodes say more seldom than others that they live.
    fast = {"kube_api_qps": "1000", "kube_api_burst": "2000", "concurrent_gc_syncs": "40"}
    volumes = ("binder", "attach-detach", "expander")
    without = ",".join(("*", *(f"-persistentvolume-{each}-controller" for each in volumes)))
    kwok = inside_path(builds.KWOK, "kwok", places)
    flags = ("--kubeconfig=/run/config/admin.kubeconfig", "--config=/run/config/kwok.yaml")
    return [
        *_api(places),
        _controller_manager(places, controllers=without, node_monitor_grace_period="24h", **fast),
        _scheduler(places, config="/run/config/scheduler.yaml"),
        supervised("kwok", kwok, *flags, "--manage-all-nodes"),
        "> /run/ready",
    ]


def inside_path(build: builds.Build, name: str, places: Places) -> str:
    """Name a built program as a machine sees it."""
    return f"/run/bin/{builds.folder_of(build, places).name}/{name}"


def _kubernetes(places: Places, name: str, **flags: str) -> str:
    words = [f"--{flag.replace('_', '-')}={value}" for flag, value in flags.items()]
    return supervised(name, inside_path(builds.KUBERNETES, name, places), *words)


def _etcd(places: Places) -> str:
    # Its data lives as long as the cluster: to wait for the disk would protect nothing.
    etcd = inside_path(builds.ETCD, "etcd", places)
    flags = (
        "--data-dir=/var/lib/etcd",
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--watch-progress-notify-interval=5s",  # as kubeadm has it: bookmarks for quiet kinds too
    )
    return supervised("etcd", etcd, *flags)


def _api_server(places: Places) -> str:
    return _kubernetes(
        places,
        "kube-apiserver",
        advertise_address=GATEWAY,
        secure_port=str(API_PORT),
        etcd_servers="http://127.0.0.1:2379",
        service_cluster_ip_range=SERVICE_RANGE,
        authorization_mode="Node,RBAC",
        enable_admission_plugins="NodeRestriction",
        allow_privileged="true",
        client_ca_file="/run/config/ca.crt",
        tls_cert_file="/run/config/kube-apiserver.crt",
        tls_private_key_file="/run/config/kube-apiserver.key",
        kubelet_certificate_authority="/run/config/ca.crt",
        kubelet_client_certificate=f"/run/config/{pki.KUBELET_CLIENT}.crt",
        kubelet_client_key=f"/run/config/{pki.KUBELET_CLIENT}.key",
        kubelet_preferred_address_types="InternalIP",
        service_account_issuer="https://kubernetes.default.svc.cluster.local",
        service_account_key_file="/run/config/service-accounts.pub",
        service_account_signing_key_file="/run/config/service-accounts.key",
        audit_policy_file="/run/config/audit.yaml",
        audit_log_path="/var/log/audit.log",
        audit_log_maxsize="1000",  # MB; who counts requests in it would miss those before a turn
        event_ttl="6h",
    )


def _controller_manager(places: Places, **more: str) -> str:
    return _kubernetes(
        places,
        pki.CONTROLLER_MANAGER,
        kubeconfig="/run/config/kube-controller-manager.kubeconfig",
        authentication_kubeconfig="/run/config/kube-controller-manager.kubeconfig",
        authorization_kubeconfig="/run/config/kube-controller-manager.kubeconfig",
        use_service_account_credentials="true",
        service_account_private_key_file="/run/config/service-accounts.key",
        root_ca_file="/run/config/ca.crt",
        cluster_signing_cert_file="/run/config/ca.crt",
        cluster_signing_key_file="/run/config/ca.key",
        cluster_cidr=POD_RANGE,
        allocate_node_cidrs="false",  # each node knows its range
        leader_elect="false",  # there is one
        **more,
    )


def _scheduler(places: Places, **more: str) -> str:
    return _kubernetes(
        places,
        pki.SCHEDULER,
        kubeconfig="/run/config/kube-scheduler.kubeconfig",
        authentication_kubeconfig="/run/config/kube-scheduler.kubeconfig",
        authorization_kubeconfig="/run/config/kube-scheduler.kubeconfig",
        leader_elect="false",
        **more,
    )


def _provisioner(places: Places) -> str:
    return supervised(
        pki.STORAGE,
        inside_path(builds.PROVISIONER, "volume-provisioner", places),
        f"--kubeconfig=/run/config/{pki.STORAGE}.kubeconfig",
        "--provisioner=rancher.io/local-path",  # as it is named on many a person's machine
        f"--machines={SHOWN}",
        f"--volumes={settings.VOLUMES}",
    )
