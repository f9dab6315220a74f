# SPDX-License-Identifier: Apache-2.0
"""A repository in a local folder: section 20, steps 1 to 8 and 10, of FORMAT.md."""
import functools, mmap, os, re, sys

from snap_keys import *
from snap_metadata import *
from snap_objects import *

CLASSES = {"data": DATA, "tree": TREE, "mirror/tree": TREE, "index": INDEX, "snap": SNAP,
           "mirror/snap": SNAP, "pend": PEND, "gone": GONE, "conf": CONF, "lock": LOCK, "log": LOG}
COPIES = {DATA: ("data",), TREE: ("tree", "mirror/tree"), SNAP: ("snap", "mirror/snap")}

class WrongSecret(Exception):
    """A wrong password, key file or recovery key."""

def shown(raw):
    """Raw bytes as text without control characters."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

def listing(path, pattern):
    names = os.listdir(path) if os.path.isdir(path) else ()
    return [name for name in names if re.fullmatch(pattern, name)]

@functools.lru_cache(64)
def mapped(path):
    """The bytes of a file, as a memory map."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""

class Repository:
    def __init__(self, root):
        need(os.path.isdir(root), MISMATCH, f"{root} is not a folder")
        self.root, self.problems, self.keys, self.groups = root, set(), None, {}
        self.blobs, self.scanned = {DATA: {}, TREE: {}}, set()
        try:
            with open(os.path.join(root, "SNAP-REPOSITORY"), "rb") as file:
                self.id = marker(file.read(4096))
        except (OSError, FormatError) as error:
            self.id = self.problem("SNAP-REPOSITORY", error)

    def problem(self, name, error, name2=""):
        text = f"{name}{name2 and name2.hex()}: {error}"
        if text not in self.problems:
            self.problems.add(text)
            print("damage:", text, file=sys.stderr)

    def load(self, cls, name):
        digits = name.hex()
        deep = digits[:2] if CLASSES[cls] in (DATA, TREE) else ""
        return mapped(os.path.join(self.root, cls, deep, digits))

    def names(self, *classes):
        """Names of the objects of classes, without what does not fit the table of 2.1."""
        found = set()
        for cls in classes:
            top = os.path.join(self.root, cls)
            for part in listing(top, "[0-9a-f]{2}") if CLASSES[cls] in (DATA, TREE) else [""]:
                found.update(name for name in listing(os.path.join(top, part), "[0-9a-f]{64}")
                             if name.startswith(part))
        return sorted(map(bytes.fromhex, found))

    # Keys and configuration (section 20, steps 1 to 3)

    def slots(self):
        for name in sorted(listing(os.path.join(self.root, "keys"), "[0-9a-f]{16}")):
            try:
                with open(os.path.join(self.root, "keys", name), "rb") as file:
                    yield slot_members(file.read(65537))
            except (OSError, FormatError) as error:
                self.problem("keys/" + name, error)

    def unlock(self, password, key_file, recovery):
        newest = max([self.load("conf", name)[7:8] for name in self.names("conf")] + [b""])
        rings, masters, refused = [], {}, False
        if recovery is not None:
            try:
                epoch, master = recovery_key(recovery, self.id)
            except FormatError as error:
                raise WrongSecret(str(error)) from None
            masters = {epoch: master}
            rings.append(Keys(b"\x0a\x25\x08" + bytes((epoch & 127 | 128, epoch >> 7)) +
                              b"\x12\x20" + master))
        for slot in sorted(self.slots(), key=lambda slot: slot.get("m_kib", 0) * slot.get("t", 0)):
            try:
                secret = slot_secret(slot, password, key_file, masters)
                if secret:
                    rings.append(Keys(open_slot(slot, secret)))
                    if bytes((max(rings[-1].epochs),)) >= newest:
                        break
            except FormatError as error:
                refused = True
                if error.reason != "wrong key":
                    self.problem("keys", error)
        if not rings:
            raise WrongSecret("wrong password or key" if refused else "no slot for what is given")
        self.keys = max(rings, key=lambda keys: max(keys.epochs))
        for other in rings:  # after a rotation: a slot's older masters, and the key's own
            self.keys.epochs = other.epochs | self.keys.epochs
            self.keys.ids = self.keys.ids or other.ids

    def open(self, cls, name):
        """The payload of an object of kinds 3 to 9; decoded where it is a snapshot or pending."""
        data = self.load(cls, name)
        payload = open_sealed(self.keys, data, CLASSES[cls], name)
        pending = CLASSES[cls] in (SNAP, PEND)
        return decode_snapshot(payload, data[5], data[40:56]) if pending else payload

    def configuration(self):
        found = []
        for name in self.names("conf"):
            try:
                payload, epoch = self.open("conf", name), self.load("conf", name)[7]
                conf = configuration(payload, self.keys.epochs[epoch].admin)
                found.append((epoch, conf.seq, name, conf))
            except (OSError, FormatError) as error:
                self.problem("conf/", error, name)
        if not found:
            return print("warning: no readable configuration", file=sys.stderr)
        conf = max(found, key=lambda item: item[:3])[3]
        need(not conf.read_features, "unsupported", "features of a newer program")
        if self.id not in (None, conf.repository_id):
            self.problem("SNAP-REPOSITORY", "mismatch: id differs from the configuration's")
        return conf

    # Snapshots, blob table, blobs (steps 4 to 6)

    def snapshots(self):
        """{name: message} of all snapshots, from their copies where need be."""
        result = {}
        for name in self.names(*COPIES[SNAP]):
            for cls in COPIES[SNAP]:
                try:
                    result[name] = self.open(cls, name)
                    break
                except (OSError, FormatError) as error:
                    self.problem(cls + "/", error, name)
        return result

    def listed(self):
        """[(name, snapshot)] by time, without held, trashed and superseded ones (9.8)."""
        same = lambda s: (s.root, s.start, s.writer, s.sequence, s.run)
        every = self.snapshots().items()
        retagged = {same(s) for _, s in every if s.original}
        return sorted(((name, s) for name, s in every if not s.held and not s.trashed
                       and (s.original or same(s) not in retagged)),
                      key=lambda item: (item[1].start, item[1].start_ns, item[0]))

    def find(self, prefix):
        if prefix == "latest":
            found = self.listed()[-1:]
        else:
            found = [item for item in self.snapshots().items() if item[0].hex().startswith(prefix)]
        need(len(found) == 1, MISMATCH, f"{len(found)} snapshots have the name {prefix}")
        return found[0][1]

    def add(self, group):
        for record in group.records:
            places = self.blobs[group.hdr8[5]].setdefault(record[0], [])
            if (group.pack, group.hdr8, record) not in places:
                places.append((group.pack, group.hdr8, record))

    def load_index(self):
        for name in self.names("index"):
            try:
                for group in index_groups(self.open("index", name)):
                    self.add(group)
                    if self.groups.setdefault(group.pack, group) != group:
                        self.problem("index/", f"mismatch: pack {group.pack.hex()}", name)
            except (OSError, FormatError) as error:
                self.problem("index/", error, name)

    def directory(self, cls, name, crc=False):
        return pack_group(self.keys, self.load(cls, name), CLASSES[cls], name, crc)

    def scan(self, kind):
        """Reads the directories of all packs of a kind into the table."""
        self.scanned.add(kind)
        for name in self.names(*COPIES[kind]):
            for cls in COPIES[kind]:
                try:
                    self.add(self.directory(cls, name))
                    break
                except (OSError, FormatError) as error:
                    self.problem(cls + "/", error, name)

    @functools.lru_cache(1024)
    def pack_key(self, hdr8, pack):
        return self.keys.file_key(hdr8, pack)[0]

    def read(self, cls, place):
        pack, hdr8, record = place
        sealed = self.load(cls, pack)[record[1]:record[1] + record[2]]
        return open_blob(self.keys, hdr8, self.pack_key(hdr8, pack), record, sealed)

    def blob(self, kind, id):
        """A verified blob, from any place that holds a good copy."""
        for _ in range(2):
            for place in self.blobs[kind].get(id, ()):
                for cls in COPIES[kind]:
                    try:
                        return self.read(cls, place)
                    except (OSError, FormatError) as error:
                        self.problem(f"{cls}/{place[0].hex()} blob ", error, id)
            if kind in self.scanned:
                break
            self.scan(kind)
        raise FormatError(MISMATCH, f"no good copy of blob {id.hex()}")

    # Trees and contents (steps 7 and 8)

    def walk(self, id, level, first=None, totals=None):
        """Yields the entries below a node. `totals` is [count, sum of sizes, last sort key]."""
        totals = totals or [0, 0, b""]
        node = decode_node(self.blob(TREE, id))
        need(node.level == level, MISMATCH, "level of a node")
        paths = [item.path for item in node.children or node.entries]
        need(first is None or paths[:1] == [first], MISMATCH, "first path of a node")
        for entry in node.entries:
            need(totals[2] < sort_key(entry.path), MALFORMED, "order of paths across nodes")
            totals[:] = totals[0] + 1, totals[1] + entry.size, sort_key(entry.path)
            yield entry
        for child in node.children:
            count, size, _ = totals
            yield from self.walk(child.id, level - 1, child.path, totals)
            sums = count + child.count - totals[0], size + child.size - totals[1]
            need(not any(n % 2**64 for n in sums), MISMATCH, "counts of a node")

    def pieces(self, item, chunk=None):
        """Yields (length, bytes or None for a hole) of the content of an entry, xattr or List."""
        if getattr(item, "inline", b""):
            yield len(item.inline), item.inline
        for id, length in zip(item.ids, item.lens):
            if item.level:
                below = decode_list(self.blob(TREE, id))
                good = below.level == item.level - 1 and below.total == length
                need(good, MISMATCH, "level or length of a List")
                yield from self.pieces(below, chunk)
            else:
                yield length, None if id == ZERO else (chunk or self.chunk)(id, length)

    def chunk(self, id, length):
        data = self.blob(DATA, id)
        need(len(data) == length, MISMATCH, "length of a chunk")
        return data

    def has_chunk(self, id, length):
        good = any(record[4] == length for _, _, record in self.blobs[DATA].get(id, ()))
        need(good, MISMATCH, f"no good chunk {id.hex()} of {length} bytes")
        return b""

    def check(self, conf, read_data):
        """Section 20, step 10. Returns the line that sums it up."""
        self.load_index()
        self.blobs, self.scanned = {DATA: {}, TREE: {}}, {DATA, TREE}
        count, condemned = [0] * 4, set()
        for cls in ("conf", "index", "pend", "gone", "lock", "log", "snap", "mirror/snap"):
            for name in self.names(cls):
                try:
                    payload = self.open(cls, name)
                    if cls == "gone":
                        stone = decode_tombstone(payload)
                        condemned.update(stone.data, stone.tree)
                except (OSError, FormatError) as error:
                    self.problem(cls + "/", error, name)
        for cls in ("data", "tree", "mirror/tree"):
            for name in self.names(cls):
                self.check_pack(cls, name, cls != "data" or read_data, count)
        for name in self.groups.keys() - condemned - {*self.names("data", "tree")}:
            self.problem("index", "mismatch: names a pack that is missing: ", name)
        for main, copy in (COPIES[TREE], COPIES[SNAP]):
            both = {*self.names(main)}, {*self.names(copy)}
            for name in both[0] & both[1]:
                if self.load(main, name)[:] != self.load(copy, name)[:]:
                    self.problem(copy + "/", "mismatch: differs from the original", name)
            for name in both[1] - both[0]:
                self.problem(main + "/", "missing, only its copy is there", name)
            for name in both[0] - both[1] if conf and conf.copies != 1 else ():
                print("note: no second copy of", main + "/" + name.hex())
        snapshots = self.snapshots()
        for name, snapshot in snapshots.items():
            try:
                for entry in self.walk(snapshot.root, snapshot.level):
                    count[2] += 1
                    try:
                        for item in [entry, *entry.xattrs]:
                            for _ in self.pieces(item, self.has_chunk):
                                pass
                    except FormatError as error:
                        self.problem(f"{shown(entry.path)} in snap/", error, name)
            except FormatError as error:
                self.problem("tree of snap/", error, name)
        return (f"{count[0]} packs, {count[1]} blobs{'' if read_data else ' (contents not read)'}, "
                f"{len(snapshots)} snapshots, {count[2]} entries, {count[3]} packs not indexed, "
                f"{len(self.problems)} problems")

    def check_pack(self, cls, name, whole, count):
        try:
            check_frame(self.load(cls, name), whole)
            group = self.directory(cls, name)
        except (OSError, FormatError) as error:
            if getattr(error, "reason", "") == "no key" and name in self.groups:
                return self.add(self.groups[name])
            return self.problem(cls + "/", error, name)
        if name not in self.groups:
            count[3] += cls in ("data", "tree")
        elif vars(group) != vars(self.groups[name]):
            self.problem("index", "mismatch: differs from the directory of pack ", name)
        count[0] += 1
        for record in group.records[:] if whole else ():
            try:
                self.read(cls, (name, group.hdr8, record))
            except FormatError as error:
                group.records.remove(record)
                self.problem(f"{cls}/{name.hex()} blob ", error, record[0])
        count[1] += len(group.records)
        self.add(group)
