"""How the process proves who it is: the pod's service account, or a kubeconfig.

One login serves our own requests and the watches, which run on a session of their own.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.incluster_config import load_incluster_config
from kubernetes.aio.config.kube_config import list_kube_config_contexts, load_kube_config

from mongors.errors import Rejected
from mongors.kube.transport import USER_AGENT

__all__ = ["Configuration", "is_in_pod", "load", "namespace", "watching_session"]

_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")

_from_pod: Callable[..., None] = load_incluster_config
_from_kubeconfig: Callable[..., Awaitable[object]] = load_kube_config
_contexts: Callable[..., tuple[Sequence[Any], Any]] = list_kube_config_contexts


def is_in_pod() -> bool:
    """Tell whether the process runs in a pod and nobody named a kubeconfig."""
    return "KUBERNETES_SERVICE_HOST" in os.environ and "KUBECONFIG" not in os.environ


async def load(kubeconfig: str | None = None, context: str | None = None) -> Configuration:
    """Load the login: KUBECONFIG if set, else the pod's own, else the user's kubeconfig.

    A kubeconfig or a context that is named goes before all of them.
    """
    configuration = Configuration()
    named = {"config_file": kubeconfig} if kubeconfig else {}
    try:
        if is_in_pod() and not (kubeconfig or context):
            _from_pod(client_configuration=configuration)
        else:
            await _from_kubeconfig(client_configuration=configuration, context=context, **named)
    except (ConfigException, OSError) as error:
        hint = "set KUBECONFIG, or run in a pod with a service account"
        raise Rejected(f"no login to a cluster: {error} ({hint})") from error
    return configuration


def namespace(kubeconfig: str | None = None, context: str | None = None) -> str:
    """Name the namespace that the login stands in: of its context, or of the pod."""
    if is_in_pod() and not (kubeconfig or context):
        return _POD_NAMESPACE.read_text().strip() if _POD_NAMESPACE.exists() else "default"
    try:
        known, active = _contexts(kubeconfig)
    except (ConfigException, OSError):
        return "default"
    chosen = next((each for each in known if each["name"] == context), active)
    return str(((chosen or {}).get("context") or {}).get("namespace") or "default")


def watching_session(
    configuration: Configuration, middlewares: Sequence[ClientMiddlewareType]
) -> aiohttp.ClientSession:
    """Make the session that the watches run on; each request carries the token of its moment.

    A token that is not accepted shows as a broken connection, which kopf tries again. Shown a 401,
    it would close this session under the feet of all other streams.
    """

    async def authorized(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        token = (await configuration.auth_settings()).get("BearerToken")
        if token is not None and token["value"]:
            request.headers["Authorization"] = token["value"]
        response = await handler(request)
        if response.status == 401:
            response.release()
            raise aiohttp.ClientConnectionError("the login is not accepted (401)")
        return response

    context = RESTClientObject(configuration).ssl_context
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context),
        headers={"User-Agent": USER_AGENT},
        proxy=configuration.proxy,
        trust_env=True,
        middlewares=(authorized, *middlewares),
    )
