"""The login of a set's application, from its Secret."""

from mongors.cli.cluster import Cluster
from mongors.cli.trouble import Unable
from mongors.desired.names import Names
from mongors.desired.secrets import APP_USER, decoded
from mongors.mongo.session import Login


async def application_login(cluster: Cluster, names: Names) -> Login:
    """Read the login; raises `Unable` before the birth of the set."""
    secret = await cluster.get("Secret", names.namespace, names.connection)
    password = decoded((secret or {}).get("data") or {}, "password")
    if password is None:
        raise Unable(
            f"Secret {names.connection} holds no password yet: it is made at the birth of the set"
        )
    return Login(APP_USER, password)
