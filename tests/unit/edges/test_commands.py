"""The commands that change a replica set: conditional, bounded, and never forced."""

from collections.abc import Mapping
from typing import Any

import pytest

from mongors.errors import Denied, Failure, Refused, Rejected, Retry, Unfit
from mongors.mongo import commands
from mongors.mongo.codes import LOGIN, LOOK_AGAIN, TRY_LATER, Code
from mongors.mongo.replies import document_of
from mongors.mongo.session import Reply, Session, failure_of, system_login
from unit.builders import config


class Mongod(Session):
    """Notes every command, and knows a configuration and some users."""

    def __init__(self, **users: str) -> None:
        self.ran: list[dict[str, Any]] = []
        self.users = users
        self.live = {**document_of(config(range(3))), "term": 3}

    async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
        self.ran.append(dict(command))
        match command:
            case {"replSetGetConfig": _}:
                return {"config": self.live}
            case {"usersInfo": {"user": name}}:
                return {"users": [name] if name in self.users else []}
            case {"hello": _}:
                return {"electionId": "the first"}
        return {}


async def test_a_change_is_sent_whole_with_a_bound_on_its_time() -> None:
    """Rules 12 and 16: without force, and given up when the outcome stays unknown."""
    mongod = Mongod()
    after = config(range(2), version=6)
    await commands.reconfigure(mongod, (3, 5), after, old_words=False)
    assert mongod.ran == [
        {"replSetGetConfig": 1},
        {"replSetReconfig": document_of(after), "maxTimeMS": 15_000},
    ]


@pytest.mark.parametrize("based_on", [(3, 4), (2, 5), (4, 5)])
async def test_a_change_of_another_configuration_is_not_sent(based_on: tuple[int, int]) -> None:
    """Rule 14: what lies between was decided by somebody else."""
    mongod = Mongod()
    with pytest.raises(Refused):
        await commands.reconfigure(mongod, based_on, config(range(2), version=6), old_words=False)
    assert mongod.ran == [{"replSetGetConfig": 1}]


async def test_a_step_down_is_never_forced() -> None:
    """Rule 12: without a successor that has caught up the primary stays."""
    mongod = Mongod()
    await commands.step_down(mongod)
    (command,) = mongod.ran
    assert command["force"] is False
    assert command["secondaryCatchUpPeriodSecs"] < command["replSetStepDown"]


async def test_a_set_is_initiated_with_its_whole_configuration() -> None:
    """Rule 3."""
    mongod = Mongod()
    founding = config(range(3), version=1, term=0)
    await commands.initiate(mongod, founding, old_words=False)
    assert mongod.ran == [{"replSetInitiate": document_of(founding)}]


async def test_a_founder_is_asked_to_stand_for_election() -> None:
    mongod = Mongod()
    await commands.step_up(mongod)
    assert mongod.ran == [{"replSetStepUp": 1}]


async def test_users_are_made_or_given_their_passwords_again() -> None:
    """Rule 77: cut off anywhere, the next pass finishes it."""
    mongod = Mongod(old="known")
    users = [commands.User(name, "secret", (("readWrite", "app"),)) for name in ("old", "new")]
    await commands.make_users(mongod, users)
    sent = [command for command in mongod.ran if "roles" in command]
    assert [next(iter(command)) for command in sent] == ["updateUser", "createUser"]
    assert [command["roles"] for command in sent] == [[{"role": "readWrite", "db": "app"}]] * 2
    assert [command["writeConcern"]["w"] for command in sent] == [1, "majority"], "one wait"


async def test_users_that_an_election_may_have_undone_are_made_again() -> None:
    """What a majority acknowledged comes after all that the same primary wrote before, no other's.

    A member that lost its place and came back may have rolled back what it wrote for itself alone.
    """

    class Unseated(Mongod):
        elections = 0

        async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
            if "hello" in command:
                self.elections += 1
                return {"electionId": self.elections}
            return await super().run(command)

    with pytest.raises(Refused, match="an election"):
        await commands.make_users(Unseated(), [commands.User("app", "secret", ())])


async def test_no_user_is_made_where_nobody_was_elected() -> None:
    class Secondary(Mongod):
        async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
            return {} if "hello" in command else await super().run(command)

    mongod = Secondary()
    with pytest.raises(Refused, match="not primary"):
        await commands.make_users(mongod, [commands.User("app", "secret", ())])
    assert mongod.ran == []


def test_passwords_are_not_shown() -> None:
    assert "secret" not in repr(commands.User("a", "secret", ()))
    assert "secret" not in repr(system_login("secret"))
    assert system_login("two\nlines ").password == "twolines"


async def test_a_change_that_breaks_a_rule_of_the_server_is_final() -> None:
    """Rule 14: told apart from a change that came too late, by what is live after it."""

    class Strict(Mongod):
        async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
            reply = await super().run(command)
            if "replSetReconfig" in command:
                raise Unfit("it does not fit")
            return reply

    mongod = Strict()
    after = config(range(2), version=6)
    with pytest.raises(Rejected):
        await commands.reconfigure(mongod, (3, 5), after, old_words=False)

    class Late(Strict):
        async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
            if "replSetReconfig" in command:
                self.live = {**self.live, "version": 6}
            return await super().run(command)

    with pytest.raises(Unfit):
        await commands.reconfigure(Late(), (3, 5), after, old_words=False)


async def test_parameters_are_set_one_in_a_command() -> None:
    mongod = Mongod()
    await commands.set_parameters(mongod, {"b": {"x": 1}, "a": 1})
    assert mongod.ran == [{"setParameter": 1, "a": 1}, {"setParameter": 1, "b": {"x": 1}}]


async def test_the_write_concern_is_only_ever_raised() -> None:
    """Rule 47."""
    mongod = Mongod()
    await commands.set_write_concern(mongod)
    (command,) = mongod.ran
    assert command["defaultWriteConcern"] == {"w": "majority"}
    assert "defaultReadConcern" not in command


async def test_a_freeze_ends_by_itself_before_long() -> None:
    """It must outlast the handover, and not an outage."""
    mongod = Mongod()
    await commands.freeze(mongod, commands.FREEZE_SECONDS)
    assert mongod.ran == [{"replSetFreeze": commands.FREEZE_SECONDS}]
    assert commands.CATCH_UP_SECONDS < commands.FREEZE_SECONDS <= 60


class TestFailures:
    """Errors are told apart by their code, never by their text."""

    @pytest.mark.parametrize("code", sorted(LOGIN))
    def test_of_a_login_are_denials_and_quote_nothing(self, code: Code) -> None:
        failure = failure_of("ping", code, "the password is hunter2", "host:1")
        assert isinstance(failure, Denied)
        assert "hunter2" not in failure.message

    @pytest.mark.parametrize("code", sorted(LOOK_AGAIN))
    def test_of_an_old_picture_are_refusals(self, code: Code) -> None:
        assert isinstance(failure_of("x", code, "why", "host:1"), Refused)

    @pytest.mark.parametrize("code", sorted(TRY_LATER))
    def test_of_a_moment_are_tried_again(self, code: Code) -> None:
        assert isinstance(failure_of("x", code, "why", "host:1"), Retry)

    @pytest.mark.parametrize("code", [None, 1, Code.INVALID_REPLICA_SET_CONFIG])
    def test_of_the_command_itself_are_final(self, code: int | None) -> None:
        assert isinstance(failure_of("x", code, "why", "host:1"), Rejected)

    @pytest.mark.parametrize(
        "code", [Code.ALREADY_INITIALIZED, Code.NEW_CONFIG_INCOMPATIBLE, Code.NOT_WRITABLE_PRIMARY]
    )
    def test_that_settle_nothing_lead_to_another_look(self, code: Code) -> None:
        """Rules 5 and 14: what is there now, the next pass sees."""
        failure: Failure = failure_of("x", code, "why", "host:1")
        assert isinstance(failure, Refused)
