"""Keys and certificates: one authority, one certificate per part, made by openssl."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cluster.lab.programs import run

from .plan import API_SERVICE, DNS_DOMAIN, GATEWAY, Node, Plan

_DAYS = "3650"
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")

ADMIN = "admin"
API_SERVER = "kube-apiserver"
KUBELET_CLIENT = "kube-apiserver-kubelet-client"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
PROXY = "kube-proxy"
DNS = "coredns"
STORAGE = "volume-provisioner"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a certificate speaks for: a user and group to Kubernetes, names to clients."""

    file: str
    user: str
    group: str | None = None
    names: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return f"/O={self.group}/CN={self.user}" if self.group else f"/CN={self.user}"


def identities(nodes: tuple[Node, ...]) -> list[Identity]:
    """List everybody who needs a certificate."""
    system = [
        Identity(API_SERVER, API_SERVER, names=_api_names()),
        Identity(ADMIN, "admin", "system:masters"),
        Identity(KUBELET_CLIENT, KUBELET_CLIENT, "system:masters"),
        *(Identity(file, f"system:{file}") for file in (CONTROLLER_MANAGER, SCHEDULER, PROXY)),
        *(Identity(file, f"system:{file}") for file in (DNS, STORAGE)),
    ]
    kubelets = [
        Identity(
            node.name,
            f"system:node:{node.name}",
            "system:nodes",
            (f"DNS:{node.name}", f"IP:{node.address}"),
        )
        for node in nodes
    ]
    return system + kubelets


def _api_names() -> tuple[str, ...]:
    """List all the names and addresses by which anybody calls the API server."""
    service = "kubernetes.default.svc"
    names = ("localhost", "kubernetes", "kubernetes.default", service, f"{service}.{DNS_DOMAIN}")
    addresses = ("127.0.0.1", GATEWAY, API_SERVICE)
    return (*(f"DNS:{name}" for name in names), *(f"IP:{address}" for address in addresses))


def create_pki(plan: Plan) -> None:
    """Make every key and certificate of the cluster."""
    plan.pki.mkdir(mode=0o700, parents=True, exist_ok=True)
    run(authority_command(plan.pki))
    account_key = plan.pki / "service-accounts.key"
    with ThreadPoolExecutor(max_workers=4) as pool:
        jobs = [
            pool.submit(run, certificate_command(plan.pki, who)) for who in identities(plan.nodes)
        ]
        jobs.append(pool.submit(run, ["openssl", "genrsa", "-out", account_key, "2048"]))
        for job in jobs:
            job.result()
    run(["openssl", "rsa", "-in", account_key, "-pubout", "-out", account_key.with_suffix(".pub")])


def authority_command(folder: Path) -> list[str]:
    """Return the command that makes the authority, which signs itself."""
    files = ["-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt")]
    command = ["openssl", "req", "-x509", *_NEW_KEY, "-days", _DAYS, "-subj", "/CN=cluster"]
    return [*command, "-addext", "keyUsage=critical,digitalSignature,keyCertSign", *files]


def certificate_command(folder: Path, who: Identity) -> list[str]:
    """Return the command that makes one key and its certificate, signed by the authority."""
    command = ["openssl", "req", "-x509", *_NEW_KEY, "-days", _DAYS, "-subj", who.subject]
    command += ["-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key")]
    command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    usage = "serverAuth,clientAuth" if who.names else "clientAuth"
    command += ["-addext", f"extendedKeyUsage={usage}"]
    if who.names:
        command += ["-addext", f"subjectAltName={','.join(who.names)}"]
    key, certificate = folder / f"{who.file}.key", folder / f"{who.file}.crt"
    return [*command, "-keyout", str(key), "-out", str(certificate)]
