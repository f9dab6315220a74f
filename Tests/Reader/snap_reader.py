#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent reader of snap repositories, written from FORMAT.md alone. See README.md."""
import argparse, datetime, stat, sys

import snap_vectors
from snap_repository import *
from snap_restore import Restorer

def when(seconds):
    try:
        time = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
        return time.isoformat() + "Z"
    except OverflowError:
        return f"@{seconds}"

def info(repository, conf):
    print("repository", (conf.repository_id if conf else repository.id or b"").hex() or "unknown")
    print("role", repository.keys.role, "epochs", *sorted(repository.keys.epochs))
    for name, value in sorted(vars(conf).items()) if conf else ():
        if name != "repository_id":
            print(name, *map(shown, value) if isinstance(value, list) else [value])
    for cls in CLASSES:
        names = repository.names(cls)
        print(cls, len(names), "objects", sum(len(repository.load(cls, n)) for n in names), "bytes")

def main():
    if sys.argv[1:2] == ["vectors"] and len(sys.argv) == 3:
        return min(snap_vectors.run_all(sys.argv[2]), 1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository")
    for option in ("--password-file", "--recovery-key-file", "--key-file"):
        parser.add_argument(option)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("info", "snapshots", "ls", "check", "restore"):
        command = commands.add_parser(name)
        if name in ("ls", "restore"):
            command.add_argument("snapshot", help="first digits of its name, or latest")
            command.add_argument("--no-index", action="store_true", help="read pack directories")
    commands.choices["restore"].add_argument("out")
    commands.choices["check"].add_argument("--read-data", action="store_true")
    given = parser.parse_args()
    secret = lambda path: open(path, "rb").read() if path else None
    repository = Repository(given.repository)
    password = given.password_file and clean_password(secret(given.password_file))
    repository.unlock(password, secret(given.key_file), secret(given.recovery_key_file))
    conf = repository.configuration()
    if given.command == "info":
        info(repository, conf)
    elif given.command == "check":
        print(repository.check(conf, given.read_data))
        return 1 if repository.problems else 0
    elif given.command == "snapshots":
        for name, s in repository.listed():
            print(name.hex(), when(s.start), f"{shown(s.user)}@{shown(s.host)}",
                  *map(shown, s.paths), *("#" + shown(tag) for tag in s.tags))
    else:
        snapshot = repository.find(given.snapshot)
        if given.no_index:
            repository.scan(DATA)
            repository.scan(TREE)
        else:
            repository.load_index()
        if given.command == "restore":
            restorer = Restorer(repository, given.out)
            restorer.run(snapshot)
            return 1 if restorer.errors else 0
        for e in repository.walk(snapshot.root, snapshot.level):
            print(stat.filemode(e.mode), e.uid, e.gid, e.size, when(e.mtime), "/" + shown(e.path)
                  + (" -> " + shown(e.target) if e.target else ""))
    return 0

if __name__ == "__main__":
    try:
        sys.exit(main())
    except WrongSecret as error:
        print("error:", error, file=sys.stderr)
        sys.exit(12)
    except (FormatError, OSError) as error:
        print("error:", error, file=sys.stderr)
        sys.exit(1)
