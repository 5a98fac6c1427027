"""How a member starts and stops: the gate, in two scripts, mongod's command line, and the hold."""

from mongors.api.spec import MongoReplicaSetSpec
from mongors.api.version import major_of
from mongors.desired.names import PORT

NO_DATA = 77
"""Exit status of a start over an empty directory that nobody permitted."""

PREPARE = """\
set -eu
trap 'exit 1' TERM
has_data() { [ -e /data/db/WiredTiger ]; }
is_held() { grep -qx "$POD_NAME" /etc/mongors/keyfile/held 2>/dev/null; }
may_start_empty() { grep -q "^mongors.io/empty-start=\\"$POD_UID\\"" /etc/mongors/pod/annotations; }
cp -f /etc/mongors/keyfile/keyfile /run/mongors/keyfile
chmod 0400 /run/mongors/keyfile
if has_data; then
  if ! is_held; then
    echo "The data directory holds data: mongod may start."
    exit 0
  fi
  echo "This member's data must not be used any more: waiting for the operator to discard it."
else
  echo "The data directory is empty: waiting for the operator to permit an empty start."
fi
until may_start_empty; do
  if has_data && ! is_held; then exit 0; fi
  sleep 0.1
done
if is_held; then
  find /data/db -mindepth 1 -maxdepth 1 ! -name rollback ! -name lost+found -exec rm -rf {} +
elif has_data; then
  exit 0
fi
touch /run/mongors/empty-start
echo "An empty start is permitted."
"""
"""Copies the keyFile to memory with the mode that mongod demands, and holds the start gate.

A volume with `fsGroup` shows the Secret with mode 0440, which mongod refuses. A member that has
lost its data still has its vote, and could elect a primary without the writes that it helped to
acknowledge: so an empty member starts only when the operator has judged that it may. One whose
data were given up by name is held in the same way, and what it has is discarded, except for files
of rolled-back writes, which may be the only copy of somebody's data.
"""

LITTLE_ROOM_KIB = 128 * 1024
"""A mongod that starts makes a journal file of 100 MB; with less room it ends at once."""

START = f"""\
room=$(df -Pk /data/db | {{ read -r _; read -r _ _ _ free _; echo "$free"; }})
if [ "${{room:-{LITTLE_ROOM_KIB}}}" -lt {LITTLE_ROOM_KIB} ]; then
  echo "its volume is full ($((room / 1024)) MiB are free): raise spec.storage.size" \
    > /dev/termination-log
fi
if [ -e /data/db/WiredTiger ]; then
  rm -f /run/mongors/empty-start
elif [ -e /run/mongors/empty-start ]; then
  (until [ -e /data/db/WiredTiger ]; do sleep 1; done; rm /run/mongors/empty-start) &
else
  echo "The data directory is empty, and this start over it was not permitted." >&2
  exit {NO_DATA}
fi
exec mongod "$@"
"""
"""Tells of a full volume where the kubelet looks for last words: mongod's own are lost there, for
they are followed by a long backtrace. Then the gate once more, for a volume emptied while its pod
lives: one start per permission.

It is used up when there are data: a mongod that ends before, for its configuration perhaps, tries
again in the same pod, and its words are seen.
"""


IN_BASH = 'command -v bash >/dev/null || exit 0; exec bash -c "$0"'
"""Runs a script where there is bash, as in all official images; nothing in an image without."""

STOP = f"""\
hello='\\x34\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\\xdd\\x07\\0\\0\\0\\0\\0\\0\\0'
hello+='\\x1f\\0\\0\\0\\x10hello\\0\\1\\0\\0\\0\\x02$db\\0\\6\\0\\0\\0admin\\0\\0'
ask() {{
  printf "$hello" >&3
  size=$(timeout 1 dd bs=1 count=4 <&3 | od -An -tu4)
  timeout 1 head -c $((size - 4)) <&3 | tr '\\0\\1' 01
}}
has_to_hand_over() {{
  said=$( {{ ask 3<>/dev/tcp/127.0.0.1/{PORT}; }} 2>/dev/null)
  [[ $said == *isWritablePrimary01* && $said == *:{PORT}*:{PORT}*:{PORT}*:{PORT}* ]]
}}
for ((tries = 0; tries < 30; tries++)); do
  has_to_hand_over || exit 0
  sleep 0.1
done
"""
"""Holds the order to stop while this mongod is primary, for some 3 s: the operator sees that the
pod goes, by a drain perhaps, and hands over as planned.

A primary that is told to stop hands over too, but ends waiting writes with an error. The question
is `hello` as one OP_MSG, https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/: it
needs no login and no shell of MongoDB, which the images of some versions lack. Its length is read
byte by byte: the `head` of small images reads on, into what the next one waits for. An answer that
names a set of one host names it three times (`hosts`, `me`, `primary`): nobody can take over
there. Whatever else is answered, and where nothing is, there is nothing to wait for.
"""


def mongod_arguments(spec: MongoReplicaSetSpec) -> list[str]:
    """The command line; no secret is on it.

    From the first start on no login is possible without a password: the localhost exception is
    off. From 5.0 on a signalled mongod waits 15 s for its clients to leave; 100 ms are enough
    for drivers that retry, and each restart is 15 s shorter.
    """
    arguments = [
        "--config=/etc/mongors/pod/mongod.conf",
        f"--replSet={spec.replica_set_name}",
        "--dbpath=/data/db",
        "--bind_ip_all",
        f"--port={PORT}",
        "--keyFile=/run/mongors/keyfile",
        "--setParameter=enableLocalhostAuthBypass=false",
    ]
    if major_of(spec.version) >= (5, 0):
        arguments.append("--setParameter=shutdownTimeoutMillisForSignaledShutdown=100")
    return arguments
