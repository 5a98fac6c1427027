"""A real Prometheus beside the cluster, which scrapes what the test names."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from e2e.own import ROOT
from e2e.sets import eventually

ALERTS = ROOT / "deploy/chart/mongors/files/alerts.yaml"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Asks a Prometheus, by its API."""

    url: str

    def ask(self, path: str, **query: str) -> Any:
        """Return the data of an answer; an error of the query is one of the test."""
        with urlopen(f"{self.url}/api/v1/{path}?{urlencode(query)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def samples(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now: labels and values."""
        found: list[dict[str, Any]] = self.ask("query", query=expression)["result"]
        return found

    def scraped(self) -> bool:
        """Tell whether every target has been scraped, and said something."""
        targets = self.ask("targets")["activeTargets"]
        return bool(targets) and all(each["health"] == "up" for each in targets)


@cache
def programs() -> Path:
    """The folder of Prometheus and promtool, which is filled when it is first asked for."""
    tool = [str(ROOT / "tests/cluster/cluster"), "fetch", "prometheus"]
    done = subprocess.run(tool, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@contextmanager
def prometheus(
    folder: Path, targets: Sequence[str], rules: Path, every: str = "1s"
) -> Iterator[Prometheus]:
    """Run one that scrapes these hosts with ports, until this is left."""
    settings = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "mongors", "static_configs": [{"targets": [*targets]}]}],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    place = f"127.0.0.1:{_free_port()}"
    command = [
        *(str(programs() / "prometheus"), f"--config.file={folder / 'prometheus.yml'}"),
        *(f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={place}"),
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
    try:
        running = Prometheus(f"http://{place}")
        eventually(
            lambda: _answers(running), START_SECONDS, "every target is scraped",
            lambda: (folder / "prometheus.log").read_text()[-2000:],
        )  # fmt: skip
        yield running
    finally:
        process.kill()
        process.wait()


def _answers(running: Prometheus) -> bool:
    try:
        return running.scraped()
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
