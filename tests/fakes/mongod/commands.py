"""The commands, one method each, and the login that most of them need."""

from collections.abc import Callable
from typing import Any

from fakes.mongod import replication, sayings, users
from fakes.mongod.member import Member
from fakes.mongod.refusals import Code, Refusal
from fakes.mongod.rights import OPEN, is_known, permit
from fakes.mongod.scram import Conversation, LoginRefused

Document = dict[str, Any]

_COMMANDS: dict[str, Callable[[Member, Document], Document]] = {
    "hello": sayings.hello,
    "ismaster": sayings.hello,
    "isMaster": sayings.hello,
    "ping": lambda member, command: {},
    "endSessions": lambda member, command: {},
    "buildInfo": sayings.build_info,
    "replSetGetStatus": sayings.status,
    "replSetGetConfig": sayings.config,
    "getParameter": sayings.get_parameter,
    "getDefaultRWConcern": sayings.write_concern,
    "replSetInitiate": replication.initiate,
    "replSetReconfig": replication.reconfigure,
    "replSetStepUp": replication.step_up,
    "replSetStepDown": replication.step_down,
    "replSetFreeze": replication.freeze,
    "replSetSyncFrom": replication.sync_from,
    "appendOplogNote": replication.note,
    "setParameter": replication.set_parameter,
    "setDefaultRWConcern": replication.set_write_concern,
    "usersInfo": users.info,
    "createUser": users.create,
    "updateUser": users.update,
}


class Connection:
    """What one client said so far: who it is."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self._roles: tuple[str, ...] | None = None
        self._login: tuple[Conversation, str] | None = None

    def run(self, command: Document) -> Document:
        """Carry a command out, or say why not."""
        name = next(iter(command), "")
        try:
            return {**self._run(name, command), "ok": 1.0}
        except Refusal as refusal:
            return refusal.document

    def _run(self, name: str, command: Document) -> Document:
        match name:
            case "saslStart":
                return self._begin(command)
            case "saslContinue":
                return self._prove(command)
        carry_out = _COMMANDS.get(name)
        if carry_out is None:
            raise Refusal(Code.COMMAND_NOT_FOUND, f"no such command: '{name}'")
        if name not in OPEN:
            self._check_rights(name)
        reply = carry_out(self.member, command)
        guess = command.get("speculativeAuthenticate")
        return {**reply, "speculativeAuthenticate": self._begin(guess)} if guess else reply

    def _check_rights(self, name: str) -> None:
        if self._roles is None:
            raise Refusal(Code.UNAUTHORIZED, f"command {name} requires authentication")
        if "__system" not in self._roles and is_known(name) and not permit(self._roles, name):
            raise Refusal(Code.UNAUTHORIZED, f"not authorized on admin to execute {name}")

    def _begin(self, command: Document) -> Document:
        database = command.get("db") or command.get("$db") or "admin"
        talk = Conversation(
            bytes(command["payload"]), lambda user: self.member.password_of(user, database)
        )
        self._login = (talk, database)
        return {"conversationId": 1, "done": False, "payload": talk.challenge}

    def _prove(self, command: Document) -> Document:
        if self._login is None:
            raise Refusal(Code.AUTHENTICATION_FAILED, "Authentication failed.")
        talk, database = self._login
        try:
            proof = talk.verify(bytes(command["payload"]))
        except LoginRefused:
            self._login = None
            raise Refusal(Code.AUTHENTICATION_FAILED, "Authentication failed.") from None
        group = self.member.live_group
        user = group.users.get((talk.user, database)) if group else None
        self._roles = tuple(role for role, _ in user.roles) if user else ("__system",)
        return {"conversationId": 1, "done": True, "payload": proof}
