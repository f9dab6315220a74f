# SPDX-License-Identifier: Apache-2.0
"""Decoders of FORMAT.md for the independent reader; section numbers are those of FORMAT.md."""
import base64, hashlib, hmac, json, re, struct, unicodedata
from types import SimpleNamespace as Fields

import zstandard
from argon2 import exceptions, low_level
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

ZERO = bytes(32)
DATA, TREE, INDEX, SNAP, PEND, GONE, CONF, LOCK, LOG = range(1, 10)
MALFORMED, TRUNCATED, LARGE, MISMATCH = "malformed", "truncated", "too large", "mismatch"

class FormatError(Exception):
    """Bytes that were refused; `reason` is one of the words of section 1."""
    def __init__(self, reason, text):
        super().__init__(f"{reason}: {text}")
        self.reason = reason

def need(condition, reason, text):
    if not condition:
        raise FormatError(reason, text)

# --- 1 Conventions

CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [v >> 1 ^ (0x82F63B78 if v & 1 else 0) for v in CRC_TABLE]

def crc32c(data, crc=0):
    """CRC-32C. Long input is first folded with x^5685 = x^1362 + x^426 + 1 (modulo the polynomial)
    raised to powers of two: shifts of big integers are much faster than a loop over bytes."""
    state = crc ^ 0xFFFFFFFF
    if len(data) > 20000:
        bits, value, state = 8 * len(data), int.from_bytes(data, "little") ^ state, 0
        for scale in range(bits.bit_length() - 14, 2, -1):
            while bits >= 10008 << scale:
                low = value & (1 << (4323 << scale)) - 1
                value = value >> (4323 << scale) ^ low
                value ^= low << (936 << scale) ^ low << (1362 << scale)
                bits -= 4323 << scale
        data = value.to_bytes(bits // 8, "little")
    for byte in data:
        state = CRC_TABLE[(state ^ byte) & 255] ^ state >> 8
    return state ^ 0xFFFFFFFF

def hmac256(key, data):
    return hmac.digest(key, data, "sha256")

def hkdf(salt, key, info):
    return HKDF(hashes.SHA256(), 64, salt, info).derive(key)

def sub(key, label):
    return HKDFExpand(hashes.SHA256(), 32, b"snap/1/" + label.encode()).derive(key)

# --- 9.1 Messages

def varint(data, at):
    value = 0
    for shift in range(0, 70, 7):
        need(at < len(data), TRUNCATED, "varint is cut off")
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            need(value < 1 << 64, MALFORMED, "varint above 64 bits")
            return value, at
    raise FormatError(MALFORMED, "varint longer than 10 bytes")

def message(data):
    """Yields (number, value); a value is an int (wire type 0) or bytes (wire type 2)."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        need(tag >> 3 and tag & 7 in (0, 2), MALFORMED, "field number or wire type not in use")
        value, at = varint(data, at)
        if tag & 7 == 2:
            need(value <= len(data) - at, TRUNCATED, "field is cut off")
            at, value = at + value, data[at:at + value]
        yield tag >> 3, value

def checked(test, reason, text, convert=lambda value: value):
    def check(value):
        need(test(value), reason, text)
        return convert(value)
    return check

def packed(data):
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values

NUMBERS = {"u": int, "z": lambda value: value >> 1 ^ -(value & 1),
           "u32": checked(lambda value: value < 1 << 32, LARGE, "number above 32 bits"),
           "ns": checked(lambda value: value < 10**9, MALFORMED, "nanoseconds"),
           "lv": checked(lambda value: value <= 8, LARGE, "level above 8")}
BYTES = {"b": (bytes, b""), "packed": (packed, []), "ids": (checked(
    lambda data: len(data) % 32 == 0, MALFORMED, "ids are not a multiple of 32 bytes",
    lambda data: [data[at:at + 32] for at in range(0, len(data), 32)]), [])}
for length in (8, 16, 32):
    BYTES[str(length)] = checked(lambda data, length=length: len(data) == length, MALFORMED,
                                 f"length of a field of {length} bytes"), b""

def spec(text, **nested):
    """A decoder from "number name type, …". A type is a key of the tables above or a nested
    decoder; a star after it means repeated."""
    table = {}
    for number, name, kind in (item.split() for item in text.split(",")):
        many, kind = kind.endswith("*"), kind.rstrip("*")
        if kind in NUMBERS:
            entry = (name, int, NUMBERS[kind], many, 0)
        elif kind in nested:
            entry = (name, bytes, nested[kind], many, None)
        else:
            entry = (name, bytes, BYTES[kind][0], many, BYTES[kind][1])
        table[int(number)] = entry
    def decode(data):
        result = {name: [] if many else empty for name, _, _, many, empty in table.values()}
        for number, value in message(data):
            if number in table:
                name, wire, convert, many, _ = table[number]
                need(isinstance(value, wire), MALFORMED, f"wire type of field {number}")
                result[name] = result[name] + [convert(value)] if many else convert(value)
        return Fields(**result)
    return decode

# --- 5 Keys

RING = spec("1 epochs epoch*, 2 dedup dedup", dedup=spec("1 data 32, 2 tree 32, 3 chunk 32"),
            epoch=spec("1 number u, 2 master 32, 3 write 32, 4 meta 32, 5 meta_public 32,"
                       "6 data_public 32, 7 admin 32"))

class Keys:
    """What a key ring opens (5.1, 5.3)."""
    def __init__(self, ring):
        ring = RING(ring)
        every, dedup = ring.epochs, ring.dedup
        self.epochs = {e.number: e for e in every}
        need(every and len(self.epochs) == len(every), MALFORMED, "epochs of the ring")
        self.role = ("full" if all(e.master for e in every) else
                     "metadata" if all(e.meta for e in every) else "write")
        for e in every:
            whole = e.write and e.meta_public and e.data_public and e.admin
            need(e.number < 256 and (e.master or whole), MALFORMED, "an epoch of the ring")
            e.data = None
            if e.master:
                e.write, e.meta, e.data, admin = (
                    sub(e.master, label) for label in ("write", "read-meta", "read-data", "admin"))
                admin = ed25519.Ed25519PrivateKey.from_private_bytes(admin)
                e.admin = admin.public_key().public_bytes_raw()
        need(not dedup or dedup.data and dedup.tree and dedup.chunk, MALFORMED, "dedup of the ring")
        self.ids = dedup and {DATA: dedup.data, TREE: dedup.tree}
        if 0 in self.epochs and self.epochs[0].master:
            self.ids = {kind: sub(self.epochs[0].master, label)
                        for kind, label in ((DATA, "id-data"), (TREE, "id-tree"))}

    def file_key(self, hdr8, salt):
        """K_file and the commitment of an object (3.1)."""
        kind, epoch = hdr8[5], self.epochs.get(hdr8[7])
        need(epoch, "no key", f"the key ring has no epoch {hdr8[7]}")
        public, ikm = ZERO, epoch.write
        if kind in (DATA, TREE, SNAP, PEND):
            secret = epoch.data if kind == DATA else epoch.meta
            need(secret, "no key", f"role {self.role} cannot open objects of kind {kind}")
            secret = x25519.X25519PrivateKey.from_private_bytes(secret)
            public = secret.public_key().public_bytes_raw()
            try:
                ikm += secret.exchange(x25519.X25519PublicKey.from_public_bytes(salt))
            except ValueError:
                raise FormatError(MALFORMED, "the salt is a point of small order") from None
        okm = hkdf(salt, ikm, b"snap/1/seal" + hdr8 + public)
        return okm[:32], okm[32:]

    def check_id(self, kind, id, plain):
        if self.ids:  # absent only with nothing but the recovery key of a later epoch (5.3)
            need(hmac256(self.ids[kind], plain) == id, MISMATCH, "content differs from its id")

MEMBERS = {"argon2id": ("m_kib", "t", "p"), "scrypt": ("log_n", "r", "p"), "file": (),
           "master": ("epoch",)}
TEXTS = ("kdf", "salt", "role", "label", "commit", "wrapped")

def slot_members(data):
    """The members of a slot file, after all checks that need no secret (5.5)."""
    need(len(data) <= 65536, LARGE, "slot above 64 KiB")
    need(len(data) > 29, TRUNCATED, "slot of less than 30 bytes")
    tail = re.fullmatch(rb',"check":"([0-9a-f]{16})"\}\n', data[-29:])
    need(tail, MALFORMED, "end of the slot")
    check = hashlib.sha256(data[:-29]).hexdigest()[:16].encode()
    need(tail[1] == check, "checksum", "check of the slot")
    def unique(pairs):
        need(len(dict(pairs)) == len(pairs), MALFORMED, "a member of the slot comes twice")
        return dict(pairs)
    try:
        slot = json.loads(data.decode("ascii"), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise FormatError(MALFORMED, "the slot is not JSON in ASCII") from None
    numbers = ("snap_key", "m_kib", "t", "p", "log_n", "r", "epoch")
    for name, value in slot.items():
        kinds = (str,) if name in TEXTS else (int,) if name in numbers else (str, int, float)
        good = type(value) in kinds and not (name in numbers and value < 0)
        need(good, MALFORMED, f"member {name} of the slot")
    need(slot.get("snap_key") == 1, "unsupported", "slot of a newer version")
    need(all(name in slot for name in TEXTS), MALFORMED, "a member of the slot is missing")
    for name, digits in (("salt", "{64}"), ("commit", "{64}"), ("wrapped", "*")):
        good = re.fullmatch("[0-9a-f]" + digits, slot[name]) and len(slot[name]) % 2 == 0
        need(good, MALFORMED, f"member {name} of the slot")
        slot[name] = bytes.fromhex(slot[name])
    need(slot.get("epoch", 0) < 256, MALFORMED, "epoch of the slot")
    need(slot["kdf"] in MEMBERS and slot["role"] in ("write", "metadata", "full"),
         "unsupported", "kdf or role of the slot")
    argon2 = slot["kdf"] == "argon2id" or slot["kdf"] == "file" and {"m_kib", "t", "p"} & {*slot}
    members = MEMBERS["argon2id" if argon2 else slot["kdf"]]
    need(all(name in slot for name in members), MALFORMED, "a member of the kdf is missing")
    if argon2:
        good = 8 <= slot["m_kib"] <= 4 << 20 and 1 <= slot["t"] <= 64 and 1 <= slot["p"] <= 64
    else:
        log_n, r, p = (slot[name] if "r" in members else 1 for name in ("log_n", "r", "p"))
        good = 1 <= log_n < 40 and r >= 1 and p >= 1 and (128 << log_n) * r * p <= 4 << 30
    need(good, LARGE, "parameters of the slot's kdf")
    return slot

def slot_secret(slot, password=None, key_file=None, masters={}):
    """pk of a slot, or None when the slot asks for something else than what is given."""
    if slot["kdf"] == "master":
        return sub(masters[slot["epoch"]], "ring") if slot["epoch"] in masters else None
    if slot["kdf"] == "file":
        digest = key_file and hashlib.sha256(key_file).digest()
        if not digest or "t" not in slot:
            return digest
        password = password and password + digest
    if not password:
        return None
    try:
        if slot["kdf"] == "scrypt":
            kdf = Scrypt(slot["salt"], 32, 1 << slot["log_n"], slot["r"], slot["p"])
            return kdf.derive(password)
        return low_level.hash_secret_raw(password, slot["salt"], slot["t"], slot["m_kib"],
                                         slot["p"], 32, low_level.Type.ID, 0x13)
    except (ValueError, exceptions.HashingError) as error:
        raise FormatError(MALFORMED, f"parameters of the slot's kdf: {error}") from None

def open_slot(slot, secret):
    """The ring of a slot."""
    okm = hkdf(slot["salt"], secret, b"snap/1/slot")
    need(hmac.compare_digest(okm[32:], slot["commit"]), "wrong key", "wrong password or key")
    ring = unseal(1, okm[:32], 0, b"snap/1/slot:" + slot["role"].encode(), slot["wrapped"])
    need(Keys(ring).role == slot["role"], MISMATCH, "the ring is not one of the slot's role")
    return ring

def clean_password(data):
    """5.4: without one line ending, in NFC if it is UTF-8."""
    data = data[:-1].removesuffix(b"\r") if data.endswith(b"\n") else data
    try:
        return unicodedata.normalize("NFC", data.decode()).encode()
    except UnicodeDecodeError:
        return data

def recovery_key(text, repository_id):
    """(epoch, master) of 5.6; `repository_id` may be None."""
    text = re.sub(rb"[ \r\n-]", b"", text.upper()).translate(bytes.maketrans(b"018", b"OIB"))
    need(re.fullmatch(b"[A-Z2-7]*", text), MALFORMED, "a character that no recovery key has")
    need(len(text) >= 64, TRUNCATED, "the recovery key is too short")
    need(len(text) == 64, LARGE, "the recovery key is too long")
    raw = base64.b32decode(text)
    good = hashlib.sha256(raw[:37]).digest()[:3] == raw[37:]
    need(good, "checksum", "the recovery key is mistyped")
    good = repository_id is None or repository_id[:4] == raw[33:37]
    need(good, MISMATCH, "key of another repository")
    return raw[0], raw[1:33]

# --- 2.2 Marker, 4 Configuration

def marker(data):
    first = re.match(rb"snap repository, format ([0-9]+)\n", data)
    need(not first or first[1] == b"1", "unsupported", "repository of a newer format")
    lines = re.fullmatch(rb"[^\n]*\nid ([0-9a-f]{32})\n[^\n]*\ncheck ([0-9a-f]{16})\n", data)
    need(first and lines, MALFORMED, "the marker is not four lines as they must be")
    check = hashlib.sha256(data[:-23]).hexdigest()[:16].encode()
    need(check == lines[2], "checksum", "check of the marker")
    return bytes.fromhex(lines[1].decode())

CONFIGURATION = spec(
    "1 format u, 2 repository_id 16, 3 created u, 4 seq u, 5 average u, 6 chunker u, 7 id_hash u,"
    "8 data_pack u, 9 tree_pack u, 10 level u, 11 read_features b*, 12 write_features b*,"
    "13 collect_features b*, 14 grace u, 15 lag u, 16 run_expiry u, 17 inline u, 18 copies u")
DEFAULTS = {"average": 1 << 20, "chunker": 2, "id_hash": 1, "data_pack": 32 << 20, "level": 3,
            "tree_pack": 8 << 20, "grace": 86400, "run_expiry": 1209600, "inline": 512, "copies": 2}

def configuration(data, admin_public):
    need(data[-67:-64] == b"\xfa\x01\x40", MALFORMED, "signature is not the end")
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(admin_public)
        key.verify(data[-64:], b"snap/1/conf" + data[:-67])
    except (InvalidSignature, ValueError):
        raise FormatError("not authentic", "signature of the configuration") from None
    conf = CONFIGURATION(data[:-67])
    for name, value in DEFAULTS.items():
        setattr(conf, name, getattr(conf, name) or value)
    need(conf.format == 1 and conf.id_hash == 1, "unsupported", "format or id hash")
    need(conf.repository_id, MALFORMED, "the configuration has no repository id")
    for value, low, high in ((conf.average, 16, 24), (conf.data_pack, 22, 30)):
        need(value >= 1 << low, MALFORMED, "average or pack target below its range")
        need(value <= 1 << high, LARGE, "average or pack target above its range")
    return conf

# --- 3 Sealed objects, 7 Packs, 8 Index segments. `data` may be bytes or a memory map.

def unseal(suite, key, at, aad, data):
    try:
        cipher = aead.AESGCM(key) if suite == 1 else aead.ChaCha20Poly1305(key)
        return cipher.decrypt(struct.pack("<Q4x", at), data, aad)
    except (InvalidTag, ValueError):
        raise FormatError("not authentic", f"what is sealed at {at}") from None

def unzstd(data, length):
    """The content of one zstd frame (3.3). The frame's end is found by its block headers."""
    try:
        need(data[:4] == b"\x28\xb5\x2f\xfd", MALFORMED, "no zstd frame")
        at, info, last = zstandard.frame_header_size(data), zstandard.get_frame_parameters(data), 0
        need(info.window_size <= 1 << 27 and not info.dict_id, MALFORMED, "zstd window")
        while not last:
            need(len(data) >= at + 3, MALFORMED, "the zstd frame is cut off")
            block = int.from_bytes(data[at:at + 3], "little")
            last, at = block & 1, at + 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
        need(len(data) == at + 4 * info.has_checksum, MALFORMED, "not one whole zstd frame")
        reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data)
        plain = reader.read(length + 1)
    except (zstandard.ZstdError, MemoryError):
        raise FormatError(MALFORMED, "zstd frame") from None
    need(len(plain) <= length, MALFORMED, "the zstd frame holds more than it should")
    need(len(plain) == length, MISMATCH, "the zstd frame holds less than it should")
    return plain

def check_frame(data, crc=True):
    """The checks of 3.5 that every version has and that need no key."""
    need(len(data) >= 104, TRUNCATED, "object of less than 104 bytes")
    length, stored, magic = struct.unpack("<QI4s", data[-16:])
    need(data[:4] == b"SNAP" and magic == b"PANS", MALFORMED, "magic or tail of the object")
    need(length == len(data), MISMATCH, "length of the object")
    value = 0
    for at in range(0, length - 8 if crc else 0, 1 << 20):
        value = crc32c(data[at:min(at + (1 << 20), length - 8)], value)
    need(not crc or value == stored, "checksum", "CRC-32C of the object")

def open_header(keys, data, kind, name, crc=True):
    """K_file of an object, after the checks of 3.5 up to the commitment."""
    check_frame(data, crc)
    known = data[4] == 1 and 1 <= data[5] <= 9 and data[6] in (1, 2)
    need(known, "unsupported", "version, kind or suite: written by a newer program")
    need(data[5] == kind and data[8:40] == name, MISMATCH, "kind or name of the object")
    key, commit = keys.file_key(data[:8], name)
    need(hmac.compare_digest(commit, data[56:88]), "wrong key", "commitment of the object")
    return key

def open_sealed(keys, data, kind, name):
    """The payload of an object of kinds 3 to 9."""
    need(len(data) < 32 << 20, LARGE, "object of this kind")
    key = open_header(keys, data, kind, name)
    plain = unseal(data[6], key, 88, b"", data[88:-16])
    need(len(plain) >= 9, TRUNCATED, "sealed payload")
    comp, raw_len, stored_len = struct.unpack("<BII", plain[:9])
    need(comp < 2, "unsupported", "compression of the payload")
    need(raw_len <= 16 << 20, LARGE, "payload above 16 MiB")
    need(stored_len <= len(plain) - 9, TRUNCATED, "stored payload")
    need(comp or raw_len == stored_len, MISMATCH, "lengths of the payload")
    stored = plain[9:9 + stored_len]
    return unzstd(stored, raw_len) if comp else stored

def records_of(data):
    """([(id, offset, sealed_len, comp, raw_len)], end) of a directory or an index group."""
    result, at = [], 88
    for id, sealed, word in struct.iter_unpack("<32sII", data):
        comp, raw = word >> 28, word & 0xFFFFFFF
        need(comp < 2, "unsupported", "compression of a blob")
        good = sealed >= 17 and raw and id != ZERO and (comp or sealed == raw + 16)
        need(good, MALFORMED, "record of a blob")
        result.append((id, at, sealed, comp, raw))
        at += sealed
    return result, at

def pack_group(keys, data, kind, name, crc=True):
    """What a pack says of itself, in the form that index_groups gives."""
    need(len(data) < 1 << 32, LARGE, "pack of 4 GiB or more")
    key, foot, suite = open_header(keys, data, kind, name, crc), len(data) - 48, data[6]
    need(foot >= 88, TRUNCATED, "pack of less than 136 bytes")
    size, count, created = struct.unpack("<IIQ", unseal(suite, key, foot, b"foot", data[foot:-16]))
    need(count, MALFORMED, "pack without blobs")
    need(count <= 1 << 18, LARGE, "number of blobs")
    need(size == 40 * count + 16 and foot - size >= 88, MISMATCH, "size of the pack's directory")
    records, end = records_of(unseal(suite, key, foot - size, b"dir", data[foot - size:foot]))
    need(end <= foot - size, MISMATCH, "blobs overlap the pack's directory")
    return Fields(pack=name, hdr8=data[:8], length=len(data), created=created, run=data[40:56],
                  records=records)

def index_groups(data):
    at, groups = 0, []
    while at < len(data):
        need(len(data) - at >= 72, TRUNCATED, "header of a group")
        pack, kind, suite, epoch, zero, count, length, created, run = struct.unpack_from(
            "<32s4BIQQ16s", data, at)
        need(kind in (DATA, TREE) and not zero and count, MALFORMED, "header of a group")
        need(count <= 1 << 18, LARGE, "number of blobs")
        at += 72 + 40 * count
        need(at <= len(data), TRUNCATED, "records of a group")
        records, end = records_of(data[at - 40 * count:at])
        need(end + 40 * count + 64 <= length < 1 << 32, MISMATCH, "length of a pack")
        hdr8 = b"SNAP" + bytes((1, kind, suite, epoch))
        groups.append(Fields(pack=pack, hdr8=hdr8, length=length, created=created, run=run,
                             records=records))
    return groups

def open_blob(keys, hdr8, key, record, sealed):
    """The content of one blob (section 20, step 6)."""
    id, at, length, comp, raw = record
    need(len(sealed) == length >= 17, TRUNCATED, "sealed blob")
    plain = unseal(hdr8[6], key, at, id, sealed)
    plain = unzstd(plain, raw) if comp else plain
    need(len(plain) == raw, MISMATCH, "length of a blob")
    keys.check_id(hdr8[5], id, plain)
    return plain

# --- 9 Metadata

XATTR = spec("1 name b, 11 ids ids, 12 lens packed, 13 level lv, 14 inline b")
ENTRY = spec(
    "1 keep u, 2 suffix b, 3 mode u32, 4 mtime z, 5 mtime_ns ns, 6 ctime z, 7 ctime_ns ns,"
    "8 uid u32, 9 gid u32, 10 size u, 11 ids ids, 12 lens packed, 13 level lv, 14 inline b, 15 target b,"
    "16 major u32, 17 minor u32, 18 hardlink 8, 19 xattrs xattr*, 20 flags u32, 21 sha256 32,"
    "22 birth z, 23 birth_ns ns, 24 inode u, 25 note u, 26 media b", xattr=XATTR)
NODE = spec("1 level lv, 2 entries b*, 3 children child*, 4 snapshot b",
            child=spec("1 id 32, 2 path b, 3 count u, 4 size u"))
LIST = spec("1 level lv, 2 ids ids, 3 lens packed")
SNAPSHOT = spec(
    "1 version u, 2 root 32, 3 level lv, 4 start u, 5 start_ns ns, 6 end u, 7 host b, 8 user b,"
    "9 paths b*, 10 tags b*, 11 description b, 12 statistics stat, 13 writer 16, 14 sequence u,"
    "15 previous 32, 16 previous_hash 32, 17 run 16, 18 partial u, 19 owners owner*, 20 parents 32*,"
    "21 original 32, 22 program b, 23 chunker cut, 24 zone z, 25 excludes b*, 26 keep_until u,"
    "27 seen seen*, 28 held held, 29 fidelity lost*, 30 pinned u, 31 trashed u, 32 profile b,"
    "33 expires u", stat=spec(",".join(f"{n} n{n} u" for n in range(1, 10))),
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
        need(child.size < 1 << 63, LARGE, "sum of a child")
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
