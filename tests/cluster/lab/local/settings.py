"""Configuration files of the programs, as values; nothing here touches the disk.

Every setting that is not a default says why it is there.
"""

from .plan import DNS_DOMAIN, DNS_SERVICE, GATEWAY, POD_RANGE

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
VOLUMES = "/var/lib/local-path-provisioner"


def containerd_config(pause_image: str) -> str:
    """Return containerd's config.toml."""
    return f"""\
version = 2
# No such file systems here; without this each start logs and probes for them.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause_image}"
  # This process may lack CAP_SYS_RESOURCE; without it every sandbox would fail.
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/config/cni"
"""


def cni_config(pods: str) -> dict[str, object]:
    """Return the pod network of a node with this range: every pod behind a route of its own.

    `ptp`, not `bridge`: a pod that reaches a neighbour through a Service must pass the
    node's packet filter both ways. Addresses are kept in /run: a restart forgets them.
    """
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": "/run/cni",
    }
    return {
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [
            {"type": "ptp", "ipMasq": False, "ipam": addresses},
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def kubelet_config(cgroup_root: str) -> dict[str, object]:
    """Return the kubelet's configuration."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": "/run/config/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": "/run/config/kubelet.crt",
        "tlsPrivateKeyFile": "/run/config/kubelet.key",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": DNS_DOMAIN,
        "resolvConf": "/run/config/resolv.conf",
        "cgroupDriver": "cgroupfs",
        # Several kubelets share the machine: below its own root none sees another's pods.
        "cgroupRoot": cgroup_root,
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,  # lowering it takes CAP_SYS_RESOURCE
        # The disk and the memory are the machine's, not the node's: never evict for them.
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
        "imageGCHighThresholdPercent": 100,  # no registry could bring an image back
        "serializeImagePulls": False,
    }


def proxy_config(host_name: str) -> dict[str, object]:
    """Return kube-proxy's configuration."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": "/run/config/proxy.kubeconfig"},
        "clusterCIDR": POD_RANGE,
        "hostnameOverride": host_name,
        "mode": "iptables",
        "oomScoreAdj": 0,
        "conntrack": {"maxPerCore": 0, "min": 0},  # these limits are the machine's
    }


def corefile(*, stock: bool) -> str:
    """Return CoreDNS's configuration; stock keeps what most clusters run with.

    A name asked too early stays absent for 30 s with the stock cache, for 1 s here.
    """
    ttl = 30 if stock else 5
    cache = "cache 30" if stock else "cache 5 {\n        denial 9984 1 1\n    }"
    return f"""\
.:53 {{
    bind {GATEWAY}
    errors
    ready {GATEWAY}:8181
    kubernetes {DNS_DOMAIN} in-addr.arpa ip6.arpa {{
        kubeconfig /run/config/coredns.kubeconfig
        pods insecure
        ttl {ttl}
    }}
    {cache}
    reload 2s 1s
}}
"""


def resolv_conf() -> str:
    """Return the resolver settings of a program that stands outside of any pod."""
    domains = f"default.svc.{DNS_DOMAIN} svc.{DNS_DOMAIN} {DNS_DOMAIN}"
    return f"nameserver {DNS_SERVICE}\nsearch {domains}\noptions ndots:5 timeout:2\n"
