#!/bin/sh
# Process 1 of a machine: a node or the control plane. It gives the machine a disk, a
# /run and a /proc of its own, then keeps the machine's programs running, as an init
# system would. When it is killed, the kernel ends all of them and drops every mount.
#
# usage: machine.sh NAME FOLDER BINARIES [MACHINES]   (in fresh mount, pid and uts namespaces)
set -eu
name=$1 folder=$2 binaries=$3

mount --bind "$binaries" "$folder/run/bin"
[ $# -lt 4 ] || mount --bind "$4" "$folder/run/machines"
mount --bind "$folder/var/log" /var/log
mount --rbind "$folder/run" /run              # with the binaries in it
mount --bind "$folder/var/lib" /var/lib       # last: the paths above may lie below /var/lib
mount -t proc proc /proc
mount --make-rshared /                        # volumes travel between kubelet and containers
hostname "$name"

# Run a program for ever, but not while it is halted; its words go to a log of its own.
supervise() {
    program=$1
    shift
    while :; do
        while [ -e "/run/halted/$program" ]; do sleep 0.1; done
        status=0
        "$@" >> "/var/log/$program.log" 2>&1 || status=$?
        echo "ended with status $status, starting again" >> "/var/log/$program.log"
        sleep 1
    done
}

# Wait until somebody says that the next programs may start, by making a file.
gate() {
    until [ -e "/run/$1" ]; do sleep 0.1; done
}

. /run/programs
while :; do wait; sleep 1; done
