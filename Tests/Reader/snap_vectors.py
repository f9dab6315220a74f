# SPDX-License-Identifier: Apache-2.0
"""Runs the files of Tests/Vectors through the reader's decoders (see README.md there)."""
import collections, pathlib

from snap_keys import *
from snap_metadata import *
from snap_objects import *

def run_keys(case, _):
    labels = ("id-data", "id-tree", "chunk", "write", "read-data", "read-meta", "admin", "ring")
    gives = {label: sub(case.bytes("master"), label) for label in labels}
    for label in ("read-data", "read-meta"):
        secret = x25519.X25519PrivateKey.from_private_bytes(gives[label])
        gives[label + "-public"] = secret.public_key().public_bytes_raw()
    for label, key in (("hardlink", "id-tree"), ("media", "id-data")):
        gives[label] = sub(gives[key], label)
        gives[key + "-of-nothing"] = hmac256(gives[key], b"")
    gives["hardlink-field"] = hmac256(gives["hardlink"], case.bytes("hardlink-path"))[:8]
    gives["media-field"] = hmac256(gives["media"], case.bytes("media-payload"))
    return gives

def run_slot(case, data):
    slot, masters = slot_members(data), {}
    if "master" in case:
        masters = {int(case["epoch"]): case.bytes("master")}
    secret = slot_secret(slot, case.bytes("password"), case.bytes("key-file"), masters)
    return {"role": slot["role"], "label": slot["label"].encode(), "ring": open_slot(slot, secret)}

def run_ring(_, data):
    keys = Keys(data)
    return {"role": keys.role, "epochs": list(keys.epochs), "id-data": keys.ids and keys.ids[DATA]}

def run_sealed(case, data):
    keys, name = Keys(case.bytes("ring")), case.bytes("name")
    payload = open_sealed(keys, data, int(case["kind"]), name)
    key, commit = keys.file_key(data[:8], name)
    return {"payload": payload, "run": data[40:56], "key": key, "commit": commit}

def run_blob(case, data):
    hdr8 = b"SNAP" + bytes([1] + [int(case[key]) for key in ("kind", "suite", "epoch")])
    keys = Keys(case.bytes("ring"))
    key = keys.file_key(hdr8, case.bytes("name"))[0]
    record = (case.bytes("id"), int(case["offset"]), len(data), int(case["comp"]),
              int(case["raw-length"]))
    return {"plain": open_blob(keys, hdr8, key, record, data), "key": key}

def run_pack(case, data):
    keys, name = Keys(case.bytes("ring")), case.bytes("name")
    group = pack_group(keys, data, int(case["kind"]), name)
    key = keys.file_key(group.hdr8, name)[0]
    gives = {f"plain-{n}": open_blob(keys, group.hdr8, key, r, data[r[1]:r[1] + r[2]])
             for n, r in enumerate(group.records)}
    return {**gives, "ids": [r[0] for r in group.records], "run": group.run,
            "offsets": [r[1] for r in group.records], "created": group.created}

def run_index(_, data):
    groups = index_groups(data)
    records = [record for group in groups for record in group.records]
    return {"packs": [g.pack for g in groups], "kinds": [g.hdr8[5] for g in groups],
            "suites": [g.hdr8[6] for g in groups], "lengths": [g.length for g in groups],
            "counts": [len(g.records) for g in groups], "ids": [r[0] for r in records],
            "offsets": [r[1] for r in records]}

ID_TREE = sub(bytes(range(32)), "id-tree")

def run_node(_, data):
    node = decode_node(data)
    below, children = node.children or node.entries, node.children
    return {"level": node.level, "paths": [b.path for b in below], "sizes": [b.size for b in below],
            "children": [c.id for c in children], "counts": [c.count for c in children],
            "id": hmac256(ID_TREE, data)}

def run_list(_, data):
    node = decode_list(data)
    return {**vars(node), "lengths": node.lens, "id": hmac256(ID_TREE, data)}

def run_order(case, _):
    paths = [bytes.fromhex(path) for path in case["paths"].split()]
    need(paths == sorted(paths, key=sort_key), MALFORMED, "order of paths")
    return {}

def run_conf(case, data):
    conf = vars(configuration(data, case.bytes("admin-public")))
    return {key: b" ".join(value).decode() if key.endswith("features") else value
            for key, value in conf.items()}

def run_recovery(case, data):
    return dict(zip(("epoch", "master"), recovery_key(data, case.bytes("repository-id"))))

def run_snapshot(case, data):
    return vars(decode_snapshot(data, int(case["kind"]), case.bytes("run")))

SECTIONS = {
    "keys": run_keys, "slot": run_slot, "ring": run_ring, "sealed": run_sealed, "blob": run_blob,
    "pack": run_pack, "index": run_index, "node": run_node, "order": run_order, "conf": run_conf,
    "recovery": run_recovery, "list": run_list, "snapshot": run_snapshot,
    "tombstone": lambda _, data: vars(decode_tombstone(data)),
    "crc32c": lambda _, data: {"crc": crc32c(data).to_bytes(4, "big")},
    "marker": lambda _, data: {"repository-id": marker(data)},
    "message": lambda _, data: dict(zip(("numbers", "values"), zip(*message(data))))}

class Case(dict):
    def bytes(self, key):
        return bytes.fromhex(self[key]) if key in self else None

def text(value):
    if isinstance(value, (list, tuple)):
        return " ".join(map(text, value))
    return value.hex() if isinstance(value, bytes) else str(value)

def run_all(directory):
    """Prints what fails and what has no decoder here; gives the number of failures."""
    count, skipped, unchecked = [0, 0], collections.Counter(), set()
    for path in sorted(pathlib.Path(directory).glob("*.txt")):
        head, _, payload = path.read_text().partition("\n\n")
        case, wrong = Case((line + " ").split(": ", 1) for line in head.splitlines()), []
        case = Case((key, value.strip()) for key, value in case.items())
        if case["section"] not in SECTIONS:
            skipped[case["section"]] += 1
            continue
        try:
            gives = SECTIONS[case["section"]](case, bytes.fromhex(payload))
            gives = {key.replace("_", "-"): text(value) for key, value in gives.items()}
            wrong = ["nothing was refused"] if case["expect"] != "ok" else []
            for key in (key[6:] for key in case if key.startswith("gives-")):
                unchecked |= set() if key in gives else {case["section"] + "." + key}
                if gives.get(key, case["gives-" + key]) != case["gives-" + key]:
                    wrong.append(f"{key} is {gives[key]}")
        except FormatError as error:
            wrong = [] if error.reason == case["expect"] else [str(error)]
        count[bool(wrong)] += 1
        for line in wrong:
            print(f"{path.name}: expected {case['expect']}, but {line}")
    print("values not compared:", ", ".join(sorted(unchecked)) or "none")
    print("no decoder here:", ", ".join(f"{n} ({skipped[n]} skipped)" for n in sorted(skipped)))
    print(f"{count[0]} passed, {count[1]} failed")
    return count[1]
