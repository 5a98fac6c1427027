"""The operator under measurement: its process, its CPU time, its memory."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import yaml
from kubernetes import client, config

from e2e.own import ROOT, environment_of

ACCOUNT = ("mongors", "mongors")
"""The ServiceAccount of the installation, and its namespace: with its rights and its share."""
_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process."""

    at: float
    cpu: float
    """Seconds of CPU time so far."""
    resident: float
    """MiB."""

    def share_since(self, before: "Sample") -> float:
        """The share of one core that it took since, in percent."""
        return 100 * (self.cpu - before.cpu) / (self.at - before.at)


class Operator:
    """Runs the operator from the source, as the installed ServiceAccount, until it is left."""

    def __init__(self, folder: Path, sets: int, log: IO[bytes], **variables: str) -> None:
        self._told = Path(tempfile.mkdtemp(dir=folder)) / "first-passes"
        module = ("bench.scale.counted", str(sets), str(self._told))
        self._command = (sys.executable, "-P", "-m", *module)
        self._log = log
        own = {"KUBECONFIG": str(kubeconfig(folder)), "MONGORS_LEASE_NAMESPACE": ACCOUNT[0]}
        self._environment = environment_of(delivered() | own | variables)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(self._command, env=self._environment, stderr=self._log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def sample(self) -> Sample:
        """Look at the process now."""
        proc = Path(f"/proc/{self.process.pid}")
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        pages = int((proc / "statm").read_text().split()[1])
        cpu = (int(fields[11]) + int(fields[12])) / _TICKS
        return Sample(time.monotonic(), cpu, pages * os.sysconf("SC_PAGE_SIZE") / _MIB)

    def seconds_to_first_passes(self) -> float | None:
        """The seconds from its start to the end of the last first pass; None before that."""
        return float(self._told.read_text()) if self._told.exists() else None


def delivered() -> dict[str, str]:
    """The settings that the installation gives it, but for its ports."""
    documents = yaml.safe_load_all((ROOT / "deploy/manifests/mongors.yaml").read_text())
    deployment = next(each for each in documents if each["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    given = {each["name"]: each["value"] for each in container["env"] if each.get("value")}
    return {
        name: value
        for name, value in given.items()
        if not name.endswith("_PORT") and "$(" not in value
    }


def kubeconfig(folder: Path) -> Path:
    """Write a kubeconfig with a token of the installed ServiceAccount."""
    config.load_kube_config()  # type: ignore[no-untyped-call]
    spec = client.V1TokenRequestSpec(audiences=[], expiration_seconds=6 * 3600)
    body = client.AuthenticationV1TokenRequest(spec=spec)
    core: Any = client.CoreV1Api()
    answer = core.create_namespaced_service_account_token(*ACCOUNT, body)
    document = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    document["users"][0]["user"] = {"token": answer.status.token}
    target = folder / "operator.kubeconfig"
    target.touch(mode=0o600)
    target.write_text(yaml.safe_dump(document))
    return target
