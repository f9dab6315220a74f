# SPDX-License-Identifier: Apache-2.0
"""Keys and slots (section 5), the marker (2.2) and the configuration (4) of FORMAT.md."""
import base64, hashlib, json, re, unicodedata

from argon2 import exceptions, low_level
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from snap_wire import *

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
STRING = rb'"(?:[ !#-\[\]-~]|\\["\\/]|\\u[0-9A-Fa-f]{4})*"'
MEMBER = STRING + rb":(?:" + STRING + rb"|0|[1-9][0-9]*)"
TEXTS = ("kdf", "salt", "role", "label", "commit", "wrapped")

def slot_members(data):
    """The members of a slot file, after all checks that need no secret (5.5)."""
    need(len(data) <= 65536, LARGE, "slot above 64 KiB")
    need(len(data) > 29, TRUNCATED, "slot of less than 30 bytes")
    tail = re.fullmatch(rb',"check":"([0-9a-f]{16})"\}\n', data[-29:])
    need(tail, MALFORMED, "end of the slot")
    check = hashlib.sha256(data[:-29]).hexdigest()[:16].encode()
    need(tail[1] == check, "checksum", "check of the slot")
    good = re.fullmatch(rb"\{%b(?:,%b)*\}\n" % (MEMBER, MEMBER), data)
    need(good, MALFORMED, "JSON of the slot")
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
        good = type(value) in kinds and (type(value) is str or value < 1 << 64)
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
    argon2 = slot["kdf"] == "argon2id" or slot["kdf"] == "file" and "m_kib" in slot
    members = MEMBERS["argon2id" if argon2 else slot["kdf"]]
    need(all(name in slot for name in members), MALFORMED, "a member of the kdf is missing")
    if argon2:
        good = 1 <= slot["t"] <= 64 and 1 <= slot["p"] <= 64
        good = good and 8 * slot["p"] <= slot["m_kib"] <= 4 << 20
    else:
        log_n, r, p = (slot[name] if "r" in members else 1 for name in ("log_n", "r", "p"))
        good = 1 <= log_n < min(40, 16 * r) and r >= 1 and p >= 1
        good = good and (128 << log_n) * r * p <= 4 << 30
    need(good, LARGE, "parameters of the slot's kdf")
    return slot

def slot_secret(slot, password=None, key_file=None, masters={}):
    """pk of a slot, or None when the slot asks for something else than what is given."""
    if slot["kdf"] == "master":
        return sub(masters[slot["epoch"]], "ring") if slot["epoch"] in masters else None
    if slot["kdf"] == "file":
        digest = key_file and hashlib.sha256(key_file).digest()
        if not digest or "m_kib" not in slot:
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
    need(len(data) > 67 and data[-67:-64] == b"\xfa\x01\x40", MALFORMED, "signature is not the end")
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
    for value, low, high in ((conf.average, 1 << 16, 1 << 24),
                             (conf.data_pack, 1 << 22, 1 << 30), (conf.tree_pack, 1 << 20, 1 << 30),
                             (conf.level, 1, 19), (conf.inline, 1, 65536), (conf.copies, 1, 2)):
        need(value >= low, MALFORMED, "a field of the configuration is below its range")
        need(value <= high, LARGE, "a field of the configuration is above its range")
    need(conf.chunker <= 2, "unsupported", "chunker")
    return conf
