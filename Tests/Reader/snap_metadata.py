# SPDX-License-Identifier: Apache-2.0
"""Trees, snapshots and tombstones: section 9 of FORMAT.md."""
from snap_wire import *

XATTR = spec("1 name b, 11 ids ids, 12 lens packed, 13 level lv, 14 inline b")
ENTRY = spec(
    "1 keep u, 2 suffix b, 3 mode u32, 4 mtime z, 5 mtime_ns ns, 6 ctime z, 7 ctime_ns ns,"
    "8 uid u32, 9 gid u32, 10 size u, 11 ids ids, 12 lens packed, 13 level lv, 14 inline b,"
    "15 target b, 16 major u32, 17 minor u32, 18 hardlink 8, 19 xattrs xattr*, 20 flags u32,"
    "21 sha256 32, 22 birth z, 23 birth_ns ns, 24 inode u, 25 note u, 26 media b", xattr=XATTR)
NODE = spec("1 level lv, 2 entries b*, 3 children child*, 4 snapshot b",
            child=spec("1 id 32, 2 path b, 3 count u, 4 size u"))
LIST = spec("1 level lv, 2 ids ids, 3 lens packed")
SNAPSHOT = spec(
    "1 version u, 2 root 32, 3 level lv, 4 start u, 5 start_ns ns, 6 end u, 7 host b, 8 user b,"
    "9 paths b*, 10 tags b*, 11 description b, 12 statistics stat, 13 writer 16, 14 sequence u,"
    "15 previous 32, 16 previous_hash 32, 17 run 16, 18 partial u, 19 owners owner*,"
    "20 parents 32*, 21 original 32, 22 program b, 23 chunker cut, 24 zone z, 25 excludes b*,"
    "26 keep_until u, 27 seen seen*, 28 held held, 29 fidelity lost*, 30 pinned u, 31 trashed u,"
    "32 profile b, 33 expires u", stat=spec(",".join(f"{n} n{n} u" for n in range(1, 10))),
    owner=spec("1 kind u, 2 number u32, 3 name b"), cut=spec("1 chunker u, 2 average u"),
    seen=spec("1 writer 16, 2 sequence u"), held=spec("1 guard b, 2 reason b"),
    lost=spec("1 what b, 2 count u, 3 example b"))
TOMBSTONE = spec("1 format u, 2 run 16, 3 data ids, 4 tree ids, 5 time u")

def sort_key(path):
    return path.replace(b"/", b"\0")

def check_path(path):
    good = path and len(path) <= 65535 and b"\0" not in path and all(
        part not in (b"", b".", b"..") and len(part) <= 255 for part in path.split(b"/"))
    need(good, "unsafe path", ascii(path[:100]))

def check_content(item, inline=b""):
    """The checks of 9.3 on ids and lens; gives the length of the content."""
    need(len(item.ids) == len(item.lens), MALFORMED, "not as many lens as ids")
    good = not (inline and item.ids) and all(item.lens) and not (item.level and ZERO in item.ids)
    need(good, MALFORMED, "content of an entry or List")
    good = item.level or all(n < 1 << 28 or id == ZERO for id, n in zip(item.ids, item.lens))
    need(good and sum(item.lens) < 1 << 63, LARGE, "length of a chunk or sum of lens")
    return sum(item.lens) + len(inline)

def decode_entry(data, previous):
    need(len(data) <= 512 << 10, LARGE, "entry above 512 KiB")
    entry = ENTRY(data)
    need(entry.keep <= len(previous), MALFORMED, "an entry keeps more than there is")
    entry.path = previous[:entry.keep] + entry.suffix
    check_path(entry.path)
    need(sort_key(previous) < sort_key(entry.path), MALFORMED, "order of paths")
    need(entry.size < 1 << 63, LARGE, "size of a file")
    entry.length = check_content(entry, entry.inline)
    good = entry.mode >> 12 != 0o10 or entry.note & 2 or entry.length == entry.size
    need(good, MISMATCH, "size and content of a file")
    for item in entry.xattrs:
        need(item.name and b"\0" not in item.name, MALFORMED, "name of an xattr")
        check_content(item, item.inline)
    return entry

def decode_node(data):
    need(len(data) <= 1 << 20, LARGE, "node above 1 MiB")
    node, previous = NODE(data), b""
    good = node.children and not node.entries if node.level else not node.children
    need(good, MALFORMED, "children or entries of a node")
    for child in node.children:
        need(child.id, MALFORMED, "child without id")
        check_path(child.path)
        need(sort_key(previous) < sort_key(child.path), MALFORMED, "order of children")
        previous = child.path
    for at, item in enumerate(node.entries):
        node.entries[at] = decode_entry(item, previous)
        previous = node.entries[at].path
    return node

def decode_list(data):
    need(len(data) <= 1 << 20, LARGE, "List above 1 MiB")
    node = LIST(data)
    need(node.ids or node.lens, MALFORMED, "List without ids")
    node.total = check_content(node)
    return node

def decode_snapshot(data, kind, run):
    need(len(data) <= 512 << 10, LARGE, "snapshot message above 512 KiB")
    snapshot = SNAPSHOT(data)
    need(snapshot.version == 1, "unsupported", "snapshot of a newer version")
    need(kind == PEND or snapshot.root, MALFORMED, "snapshot without root")
    need(snapshot.run == run, MISMATCH, "run id of the snapshot")
    return snapshot

def decode_tombstone(data):
    stone = TOMBSTONE(data)
    need(stone.format == 1, "unsupported", "tombstone of a newer format")
    return stone
