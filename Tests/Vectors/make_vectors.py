#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the test vectors of FORMAT.md into this folder; see README.md.

It shares no code with the program. Needs cryptography, zstandard and argon2-cffi from PyPI.
What is committed counts: another zstd may compress otherwise, so frames are given as bytes.
`make_vectors.py DIR` writes elsewhere, for comparing.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys

import zstandard
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
OUT = OUT if OUT.is_dir() else OUT.parent
H = bytes.fromhex
COUNT = {"ok": 0, "fail": 0}
SEEN = set()


def check(actual, expected, what):
  """Compares with a value printed in FORMAT.md or its design."""
  if isinstance(actual, bytes):
    actual = actual.hex()
  if actual != expected:
    sys.exit(f"{what}: {actual} instead of {expected}")


def case(section, slug, what, expect="ok", payload=b"", **values):
  """Writes one file; `gives_…` values are what must come out."""
  name = f"{section}-{slug}"
  assert name not in SEEN, name
  SEEN.add(name)
  COUNT["ok" if expect == "ok" else "fail"] += 1
  lines = [f"section: {section}", f"case: {what}", f"expect: {expect}"]
  for key, value in values.items():
    if isinstance(value, bytes):
      value = value.hex()
    elif isinstance(value, (list, tuple)):
      value = " ".join(v.hex() if isinstance(v, bytes) else str(v) for v in value)
    lines.append(f"{key.replace('_', '-')}: {value}")
  lines.append("")
  text = payload.hex()
  lines += [text[i : i + 96] for i in range(0, len(text), 96)]
  (OUT / f"{name}.txt").write_text("\n".join(lines) + "\n")


# ---------------------------------------------------------------- primitives


def sha(data):
  return hashlib.sha256(data).digest()


def mac(key, data):
  return hmac.new(key, data, hashlib.sha256).digest()


def expand(key, info, count):
  out, block, i = b"", b"", 1
  while len(out) < count:
    block = mac(key, block + info + bytes([i]))
    out, i = out + block, i + 1
  return out[:count]


def hkdf(salt, ikm, info, count):
  return expand(mac(salt, ikm), info, count)


def sub(key, label):
  return expand(key, b"snap/1/" + label.encode(), 32)


CRC_TABLE = []
for _n in range(256):
  for _ in range(8):
    _n = _n >> 1 ^ (0x82F63B78 if _n & 1 else 0)
  CRC_TABLE.append(_n)


def crc32c(data):
  crc = 0xFFFFFFFF
  for byte in data:
    crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 255]
  return crc ^ 0xFFFFFFFF


def le32(n):
  return struct.pack("<I", n)


def le64(n):
  return struct.pack("<Q", n)


def x_public(secret):
  return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def x_agree(secret, public):
  return X25519PrivateKey.from_private_bytes(secret).exchange(
      X25519PublicKey.from_public_bytes(public))


def ed_public(seed):
  return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def padded(length):
  if length < 256:
    return 256
  e = length.bit_length() - 1
  s = e.bit_length()
  unit = min(1 << (e - s), 65536)
  return -(-length // unit) * unit


def flip(data, at, bit=1):
  out = bytearray(data)
  out[at] ^= bit
  return bytes(out)


def put(data, at, value):
  return data[:at] + value + data[at + len(value) :]


# ---------------------------------------------------------------- messages


def varint(n):
  out = b""
  while n > 127:
    out += bytes([n & 127 | 128])
    n >>= 7
  return out + bytes([n])


def num(field, n):
  return varint(field << 3) + varint(n) if n else b""


def zig(field, n):
  return num(field, (n << 1) ^ (n >> 63) if n >= 0 else (-n << 1) - 1)


def dat(field, value, force=False):
  if isinstance(value, str):
    value = value.encode()
  if not value and not force:
    return b""
  return varint(field << 3 | 2) + varint(len(value)) + value


# ---------------------------------------------------------------- keys

M0 = bytes(range(32))
M1 = b"\xfe" * 32
REPO = bytes(range(16))


class Keys:
  """All keys of one master."""

  def __init__(self, master):
    self.master = master
    self.write = sub(master, "write")
    self.meta = sub(master, "read-meta")
    self.data = sub(master, "read-data")
    self.meta_public = x_public(self.meta)
    self.data_public = x_public(self.data)
    self.admin = sub(master, "admin")
    self.admin_public = ed_public(self.admin)
    self.ring = sub(master, "ring")

  def public_for(self, kind):
    return {1: self.data_public, 2: self.meta_public, 4: self.meta_public,
            5: self.meta_public}.get(kind)


K0, K1 = Keys(M0), Keys(M1)
ID_DATA, ID_TREE, CHUNK = sub(M0, "id-data"), sub(M0, "id-tree"), sub(M0, "chunk")


def epoch_msg(number, keys, role):
  if role == "full":
    return num(1, number) + dat(2, keys.master)
  out = num(1, number) + dat(3, keys.write)
  if role == "metadata":
    out += dat(4, keys.meta)
  return out + dat(5, keys.meta_public) + dat(6, keys.data_public) + dat(7, keys.admin_public)


DEDUP = dat(1, ID_DATA) + dat(2, ID_TREE) + dat(3, CHUNK)


def ring_msg(role, epochs=(K0,)):
  out = b"".join(dat(1, epoch_msg(i, keys, role)) for i, keys in enumerate(epochs))
  return out if role == "full" else out + dat(2, DEDUP)


FULL, META, WRITE = ring_msg("full"), ring_msg("metadata"), ring_msg("write")
FULL2 = ring_msg("full", (K0, K1))

check(ID_DATA, "1efe040c711ac8757766b735be9a36e5764dfeb6834127fe1ef33e9041ea37eb", "id-data")
check(ID_TREE, "e9ace8befd275391495123fcc8b9541f50d1a8e786b5d18a408b4b92ca1274f0", "id-tree")
check(CHUNK, "052235e982359d5b004a5f1198f0354169d2ac9db30e50dc60b7a8ca5972fa4b", "chunk")
check(K0.write, "d7a1b3c68ff2a02214ee7a4b7990710006d7a3ce67f7451f61c3fec33ecd5522", "write")
check(K0.data, "874237f4c61055eb29ffb71d35b776974cb1ac60577e981003eafd873b93b9e7", "data")
check(K0.data_public, "006af77f13817417c7a4370af2ad44ebc125e4a8c6068fae332b817bee13b226", "data")
check(K0.meta, "34a01fd0f11e9e72a3cf12f3496beb0e9aad12dc3300fe52b3f3c04105f2035d", "meta")
check(K0.meta_public, "9302216e95ea68fd00fc60cfa252506025c05ec505e89a956f904c56299ed76d", "meta")
check(K0.admin, "516ec707e147293502ee3bc04a06ef5ff836e5f6ee6b888316f7e14f4fd37e9f", "admin")
check(K0.admin_public, "64c2a03c7bc3a7189f1595e81857dfc2d38875a3d0529489d42493945a78201f", "admin")
check(K0.ring, "4b923b124b6024a5d64aae8ce9ed55a94e21784ef46d9d4adbbc2f967d252c44", "ring")
check(FULL, "0a221220" + M0.hex(), "full ring")
check(len(WRITE), 243, "write ring")
check(sha(WRITE), "3d0102f8033497874b31790669fb3eb9fb46f5c3d966d03fa09e560219889cfa", "write ring")
HARDLINK = sub(ID_TREE, "hardlink")
MEDIA = sub(ID_DATA, "media")
check(HARDLINK, "6847ea610116c18d7c34e20b529726505bf3d59703a2492a078f4b24bf8bea83", "hardlink")
check(MEDIA, "fe8f51d65fdac0629dbda8cb1c4f6d689f1a4e6437d4b6cfe2a7c7854903f18f", "media")
LINK8 = mac(HARDLINK, b"photos/a.jpg")[:8]
check(LINK8, "acd53ee1c549e6d8", "field 18")
MEDIA5 = mac(MEDIA, b"hello")
check(MEDIA5, "f267675eced03485c101ce25c5816d65bef19837d80f7966c12c0913469b39d8", "media hash")
check(mac(ID_DATA, b""), "3aded796e6c91b3d05d39c42897c06c7fb672cfe0fe77e2cf2eb39645f4a787e", "id")
check(mac(ID_TREE, b""), "23ae49d6e441771715b967983ffa830c89b812ccb33f4a260f036c336724d320", "id")
check(f"{crc32c(b'123456789'):08x}", "e3069283", "crc32c")

case("keys", "epoch-0", "sub-keys of a master", master=M0, epoch=0,
     gives_id_data=ID_DATA, gives_id_tree=ID_TREE, gives_chunk=CHUNK, gives_write=K0.write,
     gives_read_data=K0.data, gives_read_data_public=K0.data_public, gives_read_meta=K0.meta,
     gives_read_meta_public=K0.meta_public, gives_admin=K0.admin,
     gives_admin_public=K0.admin_public, gives_ring=K0.ring, gives_hardlink=HARDLINK,
     gives_media=MEDIA, gives_id_data_of_nothing=mac(ID_DATA, b""),
     gives_id_tree_of_nothing=mac(ID_TREE, b""), hardlink_path=b"photos/a.jpg",
     gives_hardlink_field=LINK8, media_payload=b"hello", gives_media_field=MEDIA5)
case("crc32c", "check-value", "the usual check value", payload=b"123456789", gives_crc="e3069283")

LENGTHS = [0, 1, 200, 255, 256, 257, 272, 273, 1000, 5000, 65537, 1048577, 33566777]
for a, b in zip([200, 256, 257, 1000, 5000, 65537, 1048577, 33566777],
                [256, 256, 272, 1024, 5120, 67584, 1081344, 33619968]):
  check(padded(a), b, "padding")
case("padding", "lengths", "P(L) of section 3.4", lengths=LENGTHS,
     gives_lengths=[padded(n) for n in LENGTHS])

# ---------------------------------------------------------------- chunker

T = struct.unpack("<256Q", expand(CHUNK, b"gear", 2048))
AES_KEY = expand(CHUNK, b"aes", 16)
MASK = (1 << 64) - 1


def gear(window):
  f = 0
  for byte in window[-64:]:
    f = (f << 1) + T[byte] & MASK
  return f


def aes_x(values):
  out = Cipher(algorithms.AES(AES_KEY), modes.ECB()).encryptor()
  flat = [0] * (2 * len(values))
  flat[::2] = values
  data = out.update(struct.pack(f"<{len(flat)}Q", *flat))
  return struct.unpack(f"<{len(flat)}Q", data)[::2]


def stream(label, count):
  out, i = [], 0
  while 32 * i < count:
    out.append(sha(label + le64(i)))
    i += 1
  return b"".join(out)[:count]


def cut(data, kind, average):
  smallest, largest = average // 4, 4 * average
  strict, loose = 2**64 // (4 * average), 2**66 // average
  f, values = 0, []
  for byte in data:
    f = (f << 1) + T[byte] & MASK
    values.append(f)
  if kind == 2:
    values = [x for i in range(0, len(values), 1 << 18) for x in aes_x(values[i : i + (1 << 18)])]
  out, start = [], 0
  while start < len(data):
    end = min(start + largest, len(data))
    for i in range(start + smallest, end):
      if values[i] < (strict if i + 1 - start <= average else loose):
        end = i + 1
        break
    out.append(end - start)
    start = end
  return out


check(f"{T[0]:016x}", "f0810576220716c0", "T[0]")
check(f"{T[1]:016x}", "4727de52acf56918", "T[1]")
check(f"{T[255]:016x}", "2e982193a0620e4d", "T[255]")
check(AES_KEY, "d4a241257049715a9cdf5666e468c069", "A")
WINDOW = bytes(range(64))
check(f"{gear(WINDOW):016x}", "0a3968efbfc3cee9", "F")
check(f"{aes_x([gear(WINDOW)])[0]:016x}", "0d1a5ebd75eefec2", "X")
case("gear", "window", "F and X of the last 64 bytes (numbers, not bytes)", payload=WINDOW,
     chunk=CHUNK, gives_t0="f0810576220716c0", gives_t1="4727de52acf56918",
     gives_t255="2e982193a0620e4d", gives_a=AES_KEY, gives_f="0a3968efbfc3cee9",
     gives_x="0d1a5ebd75eefec2")
CUTS = [
    (2, 65536, 20, "87185 39488 86279 80973 70747 103363 69652 73457 71385 75173 77505 25222 73473"
     " 71837 42837", "d1a562330f44ecb4074fcf8061c895a56d9cb1ce2821c2c50c3b9d58c8b1ffca"),
    (1, 65536, 20, "91421 73731 70498 95777 72291 72905 72340 69885 74941 16630 83617 71573 73487"
     " 67367 42113", "e49861c329b9cc45884fae9fc84f6346981aafeb54d79fc9918bd38cad9a5da7"),
    (2, 1 << 20, 23, "1058797 1283024 1141050 1666056 1264007 1244796 730878",
     "477c1991e760a2c9c51c756d2df2e47cc9beb582531f93892f532c414ca5b971"),
]
for kind, average, log, lengths, first in CUTS:
  data = stream(b"snap cdc", 1 << log)
  found = cut(data, kind, average)
  check(" ".join(map(str, found)), lengths, "chunks")
  check(mac(ID_DATA, data[: found[0]]), first, "id of chunk 0")
  case("chunker", f"{kind}-average-{average}",
       "chunks of the first `length` bytes of SHA-256('snap cdc' + LE64(0)), SHA-256(... 1), ...",
       chunk=CHUNK, id_data=ID_DATA, chunker=kind, average=average, length=1 << log,
       gives_lengths=lengths, gives_first_id=first)

# ---------------------------------------------------------------- recovery key


def recovery_bytes(epoch, master, repo=REPO):
  body = bytes([epoch]) + master + repo[:4]
  return body + sha(body)[:3]


def recovery_text(raw):
  text = base64.b32encode(raw).decode()
  return "-".join(text[i : i + 8] for i in range(0, 64, 8))


R0 = recovery_text(recovery_bytes(0, M0))
R1 = recovery_text(recovery_bytes(1, M1))
check(R0, "AAAACAQD-AQCQMBYI-BEFAWDAN-BYHRAEIS-CMKBKFQX-DAMRUGY4-DUPB6AAB-AIB56OGK", "recovery")
check(R1, "AH7P57X6-737P57X6-737P57X6-737P57X6-737P57X6-737P57X6-737P4AAB-AIB25IQP", "recovery")
check(recovery_bytes(0, M0)[-7:], "00010203df38ca", "recovery bytes")


def recovery(slug, what, text, expect="ok", repo=REPO, **gives):
  case("recovery", slug, what, expect, text.encode(), repository_id=repo, **gives)


recovery("epoch-0", "as printed", R0, gives_epoch=0, gives_master=M0, gives_text=R0.encode())
recovery("epoch-1", "the key of epoch 1", R1, gives_epoch=1, gives_master=M1,
         gives_text=R1.encode())
recovery("typed", "lower case, spaces, line ends, 0 1 8 for O I B",
         R0.lower().replace("-", " \n").replace("o", "0").replace("i", "1").replace("b", "8"),
         gives_epoch=0, gives_master=M0)
recovery("empty", "no characters at all", "", "truncated")
recovery("short", "63 characters", R0[:-1], "truncated")
recovery("group-missing", "seven groups", R0[:-9], "truncated")
recovery("long", "65 characters", R0 + "A", "too large")
recovery("character", "a 9, which cannot occur", "9" + R0[1:], "malformed")
recovery("padding", "base32 padding", R0[:-1] + "=", "malformed")
recovery("not-ascii", "a letter that is not ASCII", "Ä" + R0[1:], "malformed")
recovery("typing-error", "one character changed", "B" + R0[1:], "checksum")
recovery("swapped", "two groups swapped", R0[9:17] + "-" + R0[:8] + R0[17:], "checksum")
recovery("other-repository", "the key of another repository", R0, "mismatch", b"\xaa" * 16)

# ---------------------------------------------------------------- marker


def marker(first="snap repository, format 1", ident=REPO.hex(), sum_=None):
  head = f"{first}\nid {ident}\nSee FORMAT.md of the snap project.\n".encode()
  return head + b"check " + (sum_ or sha(head).hex()[:16]).encode() + b"\n"


MARKER = marker()
check(MARKER.splitlines()[-1].decode(), "check 302d74a7e1877920", "marker")
case("marker", "good", "the marker", payload=MARKER, gives_repository_id=REPO)
case("marker", "empty", "no bytes", "malformed")
case("marker", "line-missing", "the check line is missing", "malformed",
     MARKER[: MARKER.index(b"check")])
case("marker", "no-line-end", "the last line feed is missing", "malformed", MARKER[:-1])
case("marker", "newer", "format 2", "unsupported", marker(first="snap repository, format 2"))
case("marker", "other-file", "another first line", "malformed", marker(first="snap backup 1"))
case("marker", "upper-case", "upper-case digits in the id", "malformed",
     marker(ident="000102030405060708090A0B0C0D0E0F"))
case("marker", "short-id", "31 digits", "malformed", marker(ident=REPO.hex()[1:]))
case("marker", "line-more", "a fifth line", "malformed", MARKER + b"more\n")
case("marker", "crlf", "lines end with CR LF", "malformed", MARKER.replace(b"\n", b"\r\n"))
case("marker", "flip", "one bit of the id changed", "checksum", flip(MARKER, 35, 1))
case("marker", "third-line-flip", "one bit of the third line changed", "checksum",
     flip(MARKER, MARKER.index(b"See"), 1))

# ---------------------------------------------------------------- ring


def ring(slug, what, payload, expect="ok", **gives):
  case("ring", slug, what, expect, payload, **gives)


ring("full", "one master", FULL, gives_role="full", gives_epochs="0", gives_id_data=ID_DATA)
ring("full-2", "two masters", FULL2, gives_role="full", gives_epochs="0 1", gives_id_data=ID_DATA)
ring("metadata", "role metadata", META, gives_role="metadata", gives_epochs="0",
     gives_id_data=ID_DATA)
ring("write", "role write", WRITE, gives_role="write", gives_epochs="0", gives_id_data=ID_DATA)
ring("no-epoch", "dedup keys only", dat(2, DEDUP), "malformed")
ring("twice", "epoch 0 twice", FULL + FULL, "malformed")
ring("master-short", "a master of 31 bytes", dat(1, dat(2, M0[:31])), "malformed")
ring("master-long", "a master of 33 bytes", dat(1, dat(2, M0 + b"\0")), "malformed")
ring("no-keys", "an epoch without keys", dat(1, num(1, 1)), "malformed")
ring("public-missing", "role write without the public key of read-data",
     dat(1, dat(3, K0.write) + dat(5, K0.meta_public) + dat(7, K0.admin_public)) + dat(2, DEDUP),
     "malformed")
ring("dedup-missing", "dedup keys without the chunker's",
     dat(1, epoch_msg(0, K0, "write")) + dat(2, dat(1, ID_DATA) + dat(2, ID_TREE)), "malformed")
ring("epoch-256", "an epoch that does not exist", FULL + dat(1, num(1, 256) + dat(2, M1)),
     "malformed")
ring("cut", "the last byte is missing", FULL[:-1], "truncated")

# ---------------------------------------------------------------- slots

SALT = b"\x33" * 32
PASSWORD = b"correct horse"
KEY_FILE = bytes(range(64))
LABEL = 'Büro "NAS" \\ 1'
ARGON = {"m_kib": 65536, "t": 3, "p": 4}
SCRYPT = {"log_n": 15, "r": 8, "p": 1}


def argon(password):
  return hash_secret_raw(password, SALT, 3, 65536, 4, 32, Type.ID, 0x13)


def slot_text(kdf, members, role, commit, wrapped, label="", version=1, salt=SALT.hex()):
  body = {"snap_key": version, "kdf": kdf, **members, "salt": salt, "role": role, "label": label,
          "commit": commit.hex(), "wrapped": wrapped.hex()}
  return close(json.dumps(body, separators=(",", ":"))[:-1])


def close(text):
  if isinstance(text, str):
    text = text.encode()
  return text + b',"check":"' + sha(text).hex()[:16].encode() + b'"}\n'


def wrap(pk, role, ring_):
  okm = hkdf(SALT, pk, b"snap/1/slot", 64)
  return okm[32:], AESGCM(okm[:32]).encrypt(bytes(12), ring_, b"snap/1/slot:" + role.encode())


def slot(slug, what, payload, expect="ok", **values):
  case("slot", slug, what, expect, payload, **values)


SCRYPT_PK = hashlib.scrypt(PASSWORD, salt=SALT, n=1 << 15, r=8, p=1, maxmem=1 << 27, dklen=32)
ARGON_PK = argon(PASSWORD)
FILE_PK = sha(KEY_FILE)
BOTH_PK = argon(PASSWORD + sha(KEY_FILE))
check(SCRYPT_PK, "f0ef769b5a24e67a4d8cce4089856d1057a960d6541a68d24e2c3e6806ad5051", "scrypt")
check(ARGON_PK, "1431f5d3d53744b9b4e57771497ef1843a4ebd8277ab6c64200f64d91a2c30fd", "argon2id")
check(FILE_PK, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108", "file")
check(BOTH_PK, "e15baca9c20bd305f5bc609247cc5160c6bd0fde110c8001271cbf930281c908", "both")
WRAPPED = {
    SCRYPT_PK: ("b4829b1df563e5e09bf1adb57add14ef4ede51a3f5ac2d71eca1f0773145cca1", "8c2c04e2acc65c"
                "d9ae80d0b03c81a17eb7936962d2c0490947dd4434e9a5fde248da914a52a4e71fb1e58f155db812"
                "d80e8e53ad"),
    ARGON_PK: ("0553f77325a92a071cec2b982e079c079dea9f6a4c5363c1980a9ca03d49c61f", "59b589730c6158"
               "12c516a7eba3303dbfe7068d255541c848e68e017486ee42f92c817ecf4d6767306811971976ef8415"
               "0ba6c980"),
    FILE_PK: ("8b2b843801dc2770c3a93b327d83884562ff20d4ad997fee95509ed72b764d86", "a2dead336b5b56"
              "6ce75eb598a4fba6c0b596e133abf82724aa2b4ca32d41bf6479bc1c369ac7859818db4b25ef203bdf4"
              "7b947f9"),
    BOTH_PK: ("430fc553a82743b42c0b0414732c1167ad15079006d64cf2baa148d55e20c165", "cb1151b7f19388"
              "329a03244fe16e66de5c64e2fe1a6b41082095f9343c451fa467a6c0c0c941dc4bb60660147e16737ce"
              "c03a125"),
    K0.ring: ("c4fa64ffcae211734a76d77ef59bc7ece04d1ff7e35e203a592c302e867cf236", "42ba9c90e7202f"
              "5d528acb882d62fd49f140bba29f4cbabd878408bd12f0ac50b5f0baab9ad055e15e5893403e33a4c7c"
              "57df90c"),
}
for pk, (commit, wrapped) in WRAPPED.items():
  check(wrap(pk, "full", FULL)[0], commit, "slot commit")
  check(wrap(pk, "full", FULL)[1], wrapped, "slot wrapped")
check(wrap(SCRYPT_PK, "write", WRITE)[1],
      "8c8617d88c10ff696c0a2417169c450ff0e7f71cc2d78cb99dafa566eedd240797f94200f7aedd1353348bc74b40"
      "e4a786083f3a1d3d1f5a86e6ae3d5feb9f17c0e466dafd0b95ae8cdb040f7bda7d9f16c09a43da58badc2197d129"
      "506add96f8fe605924b32ae6b12b7785f7e0687977891b3c2269800520a180f7bcce3de744600ba7c16d9a05c9b8"
      "9f3cb3508a6ca96ffbb20fdc160a8b5c8ee7a0a0e2aed38dff4869b7a221efe6efeded548069c5a4ccb2ffdbc69e"
      "6a3d4bd91db703968a422140bd42728e8cc7fe4415da4d1fc5cd59234b5f394a4318a66892c7b325200ec9b059c6"
      "41dfa44fd4daff9aa58f24e21d740c96a617cc2f79958774df7f785920", "write slot")
ARGON_SLOT = slot_text("argon2id", ARGON, "full", *wrap(ARGON_PK, "full", FULL))
check(ARGON_SLOT[-29:], b',"check":"e6b77e6b1ef25911"}\n'.hex(), "slot file")
check(sha(ARGON_SLOT), "3ce6c9aa5725dde18a8dc409555f5115b51d739776154d10f31e51f014ca4164", "slot")
FILE_SLOT = slot_text("file", {}, "full", *wrap(FILE_PK, "full", FULL))

slot("argon2id", "password, Argon2id 64 MiB", ARGON_SLOT, password=PASSWORD, gives_role="full",
     gives_ring=FULL)
slot("scrypt-write", "password, scrypt 2^15; role write; a label that needs escapes",
     slot_text("scrypt", SCRYPT, "write", *wrap(SCRYPT_PK, "write", WRITE), label=LABEL),
     password=PASSWORD, gives_role="write", gives_ring=WRITE,
     gives_label=LABEL.encode())
slot("file", "key file alone", FILE_SLOT, key_file=KEY_FILE, gives_role="full", gives_ring=FULL)
slot("file-and-password", "key file and password",
     slot_text("file", ARGON, "full", *wrap(BOTH_PK, "full", FULL)), key_file=KEY_FILE,
     password=PASSWORD, gives_role="full", gives_ring=FULL)
slot("master", "the master of epoch 0",
     slot_text("master", {"epoch": 0}, "full", *wrap(K0.ring, "full", FULL)), master=M0, epoch=0,
     gives_role="full", gives_ring=FULL)

slot("empty", "no bytes", b"", "truncated", key_file=KEY_FILE)
slot("stub", "29 bytes", FILE_SLOT[:29], "truncated", key_file=KEY_FILE)
slot("cut", "the second half is missing", FILE_SLOT[: len(FILE_SLOT) // 2], "malformed",
     key_file=KEY_FILE)
slot("no-line-end", "the line feed is missing", FILE_SLOT[:-1], "malformed", key_file=KEY_FILE)
slot("check-flip", "one digit of the check changed",
     put(FILE_SLOT, len(FILE_SLOT) - 5, b"0" if FILE_SLOT[-5:-4] != b"0" else b"1"), "checksum",
     key_file=KEY_FILE)
slot("salt-flip", "one digit of the salt changed", FILE_SLOT.replace(b'"salt":"3', b'"salt":"4'),
     "checksum", key_file=KEY_FILE)
slot("not-json", "no JSON inside", close('{"snap_key":1,"kdf":"file"x'), "malformed",
     key_file=KEY_FILE)


def file_slot(**changes):
  args = {"kdf": "file", "members": {}, "role": "full", "commit": wrap(FILE_PK, "full", FULL)[0],
          "wrapped": wrap(FILE_PK, "full", FULL)[1]}
  args.update(changes)
  return slot_text(**args)


def bad_slot(slug, what, expect, **changes):
  slot(slug, what, file_slot(**changes), expect, key_file=KEY_FILE, password=PASSWORD)


bad_slot("newer", "snap_key 2", "unsupported", version=2)
bad_slot("kdf-unknown", "an unknown kdf", "unsupported", kdf="balloon")
bad_slot("role-unknown", "an unknown role", "unsupported", role="admin")
bad_slot("upper-case", "upper-case hex", "malformed", salt="AB" + SALT.hex()[2:])
bad_slot("salt-short", "a salt of 31 bytes", "malformed", salt=SALT.hex()[2:])
bad_slot("salt-odd", "an odd number of digits", "malformed", salt=SALT.hex()[1:])
bad_slot("commit-short", "a commit of 31 bytes", "malformed", commit=bytes(31))
bad_slot("member-missing", "scrypt without r", "malformed", kdf="scrypt",
         members={"log_n": 15, "p": 1})
bad_slot("member-type", "t is a string", "malformed", kdf="argon2id",
         members={"m_kib": 65536, "t": "3", "p": 4})
bad_slot("member-negative", "a negative number", "malformed", kdf="argon2id",
         members={"m_kib": 65536, "t": -3, "p": 4})
bad_slot("epoch-256", "master slot of an epoch that does not exist", "malformed", kdf="master",
         members={"epoch": 256})
BIG = {
    "memory": ("argon2id", {"m_kib": 4194305, "t": 1, "p": 1}, "more than 4 GiB"),
    "memory-64": ("argon2id", {"m_kib": 2**64 - 1, "t": 1, "p": 1}, "2^64 - 1 KiB"),
    "passes": ("argon2id", {"m_kib": 65536, "t": 65, "p": 1}, "65 passes"),
    "lanes": ("argon2id", {"m_kib": 65536, "t": 1, "p": 65}, "65 lanes"),
    "no-passes": ("argon2id", {"m_kib": 65536, "t": 0, "p": 1}, "no pass"),
    "scrypt": ("scrypt", {"log_n": 22, "r": 8, "p": 2}, "scrypt with 8 GiB"),
    "scrypt-log": ("scrypt", {"log_n": 64, "r": 8, "p": 1}, "scrypt with N = 2^64"),
    "scrypt-r": ("scrypt", {"log_n": 15, "r": 2**61, "p": 1}, "scrypt whose product overflows"),
}
for slug, (kdf, members, what) in BIG.items():
  slot(f"bounds-{slug}", what, file_slot(kdf=kdf, members=members), "too large", password=PASSWORD)
slot("other-key-file", "another key file", FILE_SLOT, "wrong key", key_file=KEY_FILE[1:])
slot("other-password", "another password", slot_text(
    "scrypt", {"log_n": 4, "r": 8, "p": 1}, "full", *wrap(SCRYPT_PK, "full", FULL)),
     "wrong key", password=b"wrong horse")
bad_slot("wrapped-flip", "the wrapped ring changed", "not authentic",
         wrapped=flip(wrap(FILE_PK, "full", FULL)[1], 5))
bad_slot("role-changed", "role metadata instead of full", "not authentic", role="metadata")
bad_slot("ring-of-other-role", "role write around a full ring", "mismatch", role="write",
         wrapped=wrap(FILE_PK, "write", FULL)[1])
bad_slot("ring-malformed", "a ring that is none", "malformed",
         wrapped=wrap(FILE_PK, "full", dat(1, dat(2, b"short")))[1])

# ---------------------------------------------------------------- sealed objects


def aead(suite, key):
  return AESGCM(key) if suite == 1 else ChaCha20Poly1305(key)


class Sealer:
  """One object in the making."""

  def __init__(self, kind, secret, suite=1, epoch=0, keys=K0, run=bytes(16)):
    reader = keys.public_for(kind)
    self.dh = x_agree(secret, reader) if reader else b""
    self.name = x_public(secret) if reader else secret
    self.hdr8 = b"SNAP" + bytes([1, kind, suite, epoch])
    info = b"snap/1/seal" + self.hdr8 + (reader or bytes(32))
    okm = hkdf(self.name, keys.write + self.dh, info, 64)
    self.key, self.commit = okm[:32], okm[32:]
    self.suite = suite
    self.header = self.hdr8 + self.name + run + self.commit

  def seal(self, offset, aad, plain):
    return aead(self.suite, self.key).encrypt(le64(offset) + bytes(4), plain, aad)

  def raw_payload(self, plain):
    """An object around exactly these bytes."""
    return tailed(self.header + self.seal(88, b"", plain))

  def payload(self, stored, comp=0, raw=None, stored_len=None):
    raw = len(stored) if raw is None else raw
    length = len(stored) if stored_len is None else stored_len
    plain = bytes([comp]) + le32(raw) + le32(length) + stored
    total = padded(129 + len(stored))
    return self.raw_payload(plain + bytes(total - 129 - len(stored)))


def tailed(head):
  out = head + le64(len(head) + 16)
  return out + le32(crc32c(out)) + b"PANS"


def resum(data):
  """Makes the CRC right again."""
  return data[:-8] + le32(crc32c(data[:-8])) + b"PANS"


S8 = Sealer(8, b"\x11" * 32)
O8 = S8.payload(b"hello")
check(S8.key, "d1069275881cc785a92f600c804f95714dd02599d15d5e23e4bde4fa43202791", "K_file")
check(S8.commit, "d4910ee5a5079460b91398c11661cc85b75afc6f2ad684e3c83cff7fb20d946a", "commit")
check(O8[88:120], "9280cee13214dd46fb0f21c1e58561022cf5fe23a25468cd2fb62691e2efb666", "body")
check(O8[-16:], "0001000000000000d587aa6350414e53", "tail")
check(sha(O8), "3c184cca58e3bf9827feb0bf7b095cf239ae7d9c1aa786b3ec9d54c8f1257575", "object")
S8C = Sealer(8, b"\x11" * 32, suite=2)
check(S8C.payload(b"hello")[88:120],
      "9b300a1ee20e8f74dc2be7331a9eccc2602d2b5b47acef95d275834b9aaef228", "suite 2")
check(sha(S8C.payload(b"hello")),
      "d4bd703117c6e0a30f51df1e39006ee2b77fe660281416d17fc5943a0d5fb1c9", "suite 2")


def sealed(slug, what, payload, expect="ok", name=S8.name, kind=8, ring_=FULL, **gives):
  case("sealed", slug, what, expect, payload, kind=kind, name=name, ring=ring_, **gives)


sealed("kind-8", "suite 1, uncompressed", O8, gives_payload=b"hello", gives_run=bytes(16),
       gives_key=S8.key, gives_commit=S8.commit)
sealed("kind-8-chacha", "suite 2, uncompressed", S8C.payload(b"hello"), gives_payload=b"hello",
       gives_run=bytes(16), gives_key=S8C.key, gives_commit=S8C.commit)
RUN = b"\x66" * 16
TEXT = b"All that is sealed can be opened by its key alone. " * 40
FRAME = zstandard.ZstdCompressor(level=3).compress(TEXT)
for kind, suite in ((3, 2), (5, 2), (6, 1), (7, 2), (9, 1)):
  run = RUN if kind in (3, 5) else bytes(16)
  s = Sealer(kind, bytes([0xA0 + kind]) * 32, suite=suite, run=run)
  sealed(f"kind-{kind}", f"suite {suite}, one zstd frame", s.payload(FRAME, 1, len(TEXT)),
         name=s.name, kind=kind, gives_payload=TEXT, gives_run=run, gives_key=s.key,
         gives_commit=s.commit)
E1 = Sealer(3, b"\x12" * 32, epoch=1, keys=K1, run=RUN)
sealed("epoch-1", "sealed in epoch 1, suite 1", E1.payload(b"hello"), name=E1.name, kind=3,
       ring_=FULL2, gives_payload=b"hello", gives_run=RUN, gives_key=E1.key,
       gives_commit=E1.commit)

for n in (0, 4, 88, 103):
  sealed(f"cut-{n}", f"only {n} bytes", O8[:n], "truncated")
for n in (104, 200, 255):
  sealed(f"cut-{n}", f"only {n} bytes: no tail at the end", O8[:n], "malformed")
sealed("magic", "another magic", resum(put(O8, 0, b"SNAK")), "malformed")
sealed("tail-magic", "another magic in the tail", O8[:-4] + b"PANZ", "malformed")
sealed("length-more", "the tail says one byte more", resum(put(O8, 240, le64(257))), "mismatch")
sealed("length-less", "the tail says one byte less", resum(put(O8, 240, le64(255))), "mismatch")
sealed("length-64", "the tail says 2^64 - 1", resum(put(O8, 240, b"\xff" * 8)), "mismatch")
sealed("crc-flip", "a bit of the checksum changed", flip(O8, 250), "checksum")
sealed("body-flip", "a bit of the body changed", flip(O8, 100), "checksum")
sealed("run-flip", "a bit of the run id changed", flip(O8, 41), "checksum")
sealed("version-flip", "a bit of the version changed: damage, not a newer version", flip(O8, 4, 2),
       "checksum")
sealed("kind-flip", "a bit of the kind changed to an unknown one", flip(O8, 5, 64), "checksum")
sealed("suite-flip", "a bit of the suite changed to an unknown one", flip(O8, 6, 128), "checksum")
sealed("version-2", "a newer version", resum(put(O8, 4, b"\2")), "unsupported")
sealed("version-0", "version 0", resum(put(O8, 4, b"\0")), "unsupported")
sealed("kind-0", "kind 0", resum(put(O8, 5, b"\0")), "unsupported")
sealed("kind-10", "an unknown kind", resum(put(O8, 5, b"\x0a")), "unsupported")
sealed("suite-3", "the reserved suite", resum(put(O8, 6, b"\3")), "unsupported")
sealed("kind-other", "a lease where an audit record was asked for", O8, "mismatch", kind=9)
sealed("name-other", "stored under another name", O8, "mismatch", name=b"\x10" * 32)
sealed("salt-flip", "salt and name changed", resum(flip(O8, 8)), "wrong key",
       name=flip(S8.name, 0))
sealed("kind-changed", "kind 8 changed to 9", resum(put(O8, 5, b"\x09")), "wrong key", kind=9)
sealed("suite-changed", "suite 1 changed to 2", resum(put(O8, 6, b"\2")), "wrong key")
sealed("epoch-changed", "epoch 0 changed to 1", resum(put(O8, 7, b"\1")), "wrong key",
       ring_=FULL2)
sealed("commit-flip", "the commitment changed", resum(flip(O8, 60)), "wrong key")
sealed("other-master", "another repository's ring", O8, "wrong key", ring_=dat(1, dat(2, M1)))
sealed("epoch-missing", "an epoch that the ring lacks", E1.payload(b"hello"), "no key",
       name=E1.name, kind=3)
S5 = Sealer(5, b"\x13" * 32, run=RUN)
sealed("role-write", "a pending object and a write-only ring", S5.payload(b"hello"), "no key",
       name=S5.name, kind=5, ring_=WRITE)
sealed("salt-zero", "a salt whose X25519 result is zero", resum(put(S5.payload(b"hello"), 8,
                                                                   bytes(32))),
       "malformed", name=bytes(32), kind=5)
sealed("salt-small-order", "a salt of order 2: the result is zero",
       resum(put(S5.payload(b"hello"), 8, b"\1" + bytes(31))), "malformed",
       name=b"\1" + bytes(31), kind=5)
sealed("body-forged", "a bit of the body changed, checksum made right", resum(flip(O8, 100)),
       "not authentic")
sealed("tag-forged", "the tag changed, checksum made right", resum(flip(O8, 239)), "not authentic")
sealed("padding-forged", "a bit of the padding changed, checksum made right",
       resum(flip(O8, 200)), "not authentic")
sealed("extended", "16 bytes more, length and checksum made right",
       tailed(O8[:-16] + bytes(16)), "not authentic")
sealed("payload-short", "eight bytes inside", S8.raw_payload(bytes(8)), "truncated")
sealed("comp-2", "an unknown compression", S8.payload(b"hello", 2), "unsupported")
sealed("raw-large", "16 MiB and one byte", S8.payload(b"hello", 1, (16 << 20) + 1), "too large")
sealed("stored-long", "stored length beyond the object",
       S8.payload(b"hello", 0, 4000, stored_len=4000), "truncated")
sealed("raw-stored", "uncompressed, but two lengths", S8.payload(b"hello", 0, 4), "mismatch")
sealed("zstd-trailing", "a byte after the frame", S8.payload(FRAME + b"\0", 1, len(TEXT)),
       "malformed")
sealed("zstd-two-frames", "two frames", S8.payload(FRAME + FRAME, 1, 2 * len(TEXT)), "malformed")
sealed("zstd-cut", "a frame that ends too early", S8.payload(FRAME[:-3], 1, len(TEXT)),
       "malformed")
sealed("zstd-none", "no frame", S8.payload(b"hello hello", 1, 11), "malformed")
sealed("zstd-less", "a frame that gives less than promised", S8.payload(FRAME, 1, len(TEXT) + 1),
       "mismatch")
sealed("zstd-more", "a frame that gives more than promised", S8.payload(FRAME, 1, len(TEXT) - 1),
       "malformed")

# ---------------------------------------------------------------- blobs (ranged reads)

HELLO = mac(ID_DATA, b"hello")
S1 = Sealer(1, b"\x22" * 32)
check(S1.name, "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20", "salt")
check(S1.dh, "8bf926aaa9b7d15bcc990bde97e6720b52196a28123851e2b80bda2bc27f811d", "dh")
check(x_agree(K0.data, S1.name), S1.dh.hex(), "dh of the reader")
check(S1.key, "d5447366466d0f09f7fe099f2bdbe395f7b42945f3f7fd8197eab8d9b0c27b56", "K_file")
check(S1.commit, "97a4349cde592d2eb1083c5058e74d92c402f43a2ea4e2ead093198ba7208aa0", "commit")
check(HELLO, "bd7ca933f5f5df226f69fa920f0a75a35b1bcd2ceea12150694798e2561b0e66", "id")
BLOB = S1.seal(88, HELLO, b"hello")
check(BLOB, "89f998514421f3c4da50dfa9ca3e81b6a9d2669cd9", "sealed blob")


def blob(slug, what, payload, expect="ok", **changes):
  values = {"kind": 1, "suite": 1, "epoch": 0, "name": S1.name, "ring": FULL, "offset": 88,
            "id": HELLO, "comp": 0, "raw_length": 5}
  values.update(changes)
  case("blob", slug, what, expect, payload, **values)


blob("hello", "one blob of a data pack, read by itself", BLOB, gives_plain=b"hello",
     gives_key=S1.key)
blob("flip", "a bit changed", flip(BLOB, 2), "not authentic")
blob("offset", "at another offset", BLOB, "not authentic", offset=109)
blob("other-id", "under another id", BLOB, "not authentic", id=mac(ID_DATA, b"hullo"))
blob("short", "fewer bytes than a tag", BLOB[:15], "truncated")
blob("poisoned", "sealed by a holder of the keys, but its id is another's",
     S1.seal(88, HELLO, b"jello"), "mismatch")
blob("length", "length differs from the record's", BLOB, "mismatch", raw_length=6)
blob("role", "a ring that may not read content", BLOB, "no key", ring=META)

# ---------------------------------------------------------------- packs

SNAP64 = b"snap" * 64
SNAP_ID = mac(ID_DATA, SNAP64)
SNAP_FRAME = H("28b52ffd6000005d000020736e61700100f9294704")
check(zstandard.ZstdDecompressor().decompress(SNAP_FRAME), SNAP64.hex(), "frame")


def pack(s, blobs, records=None, count=None, directory_len=None, pad=b"\x77", created=1700000000,
         directory=None):
  """blobs: (id, stored, comp, raw length); the rest overrides what follows from them."""
  body, recs = b"", b""
  for ident, stored, comp, raw in blobs:
    part = s.seal(88 + len(body), ident, stored)
    body += part
    recs += ident + le32(len(part)) + le32(comp << 28 | raw)
  recs = recs if records is None else records
  dir_len = len(recs) + 16
  total = padded(88 + len(body) + dir_len + 48)
  at = total - 48 - dir_len
  out = s.header + body + pad * (at - 88 - len(body))
  out += s.seal(at, b"dir", recs) if directory is None else directory
  foot = le32(dir_len if directory_len is None else directory_len)
  foot += le32(len(recs) // 40 if count is None else count) + le64(created)
  return tailed(out + s.seal(total - 48, b"foot", foot))


SP = Sealer(1, b"\x55" * 32, run=RUN)
BLOBS = [(SNAP_ID, SNAP_FRAME, 1, 256), (HELLO, b"hello", 0, 5)]
PACK = pack(SP, BLOBS)
check(PACK, "".join("""
534e41500101010038ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884c676666666666666666
666666666666666691c24260a9e5aa92d66bf8686195bd028baa707175c00ad16a551b2b18fc1f8359f61bc8b7788ccd
56c666fb6b6493070a79ff1c14f1df469143d999bd10d684d539585d70190b71b9b3cfc18ec8dd3d61935c019e7710b6
7e4677777777777777777777777777779a91a3b6427642060aea1036296f852af66a3ab47d6403ebcdc839798f7ace0e
c760e32bc28b33797793c3bef756b626542477c7d4741b7bed1582a60768a800a1df284f634c4896fcb715e37037aa94
c9036195eac068c26898e93d7f46d3f6359610a1bd0739d67fc465ff2909528b49caaa98aab7a2173d505eed84b4afd3
3001000000000000a4105ed150414e53""".split()), "data pack")
RECORDS = SNAP_ID + le32(37) + le32(1 << 28 | 256) + HELLO + le32(21) + le32(5)
check(RECORDS, "601cb2547272a5ff1671238b3868b548626aa81720a8b95babd995c2322c510e2500000000010010"
      "bd7ca933f5f5df226f69fa920f0a75a35b1bcd2ceea12150694798e2561b0e661500000005000000",
      "directory")


def packs(slug, what, payload, expect="ok", name=SP.name, kind=1, ring_=FULL, **gives):
  case("pack", slug, what, expect, payload, kind=kind, name=name, ring=ring_, **gives)


packs("data", "two blobs, one compressed", PACK, gives_run=RUN, gives_created=1700000000,
      gives_ids=[SNAP_ID, HELLO], gives_offsets=[88, 125], gives_plain_0=SNAP64,
      gives_plain_1=b"hello")
LEAF1 = H("122c120c70686f746f732f612e6a706718a483022080c49fd50c28959aef3a40e80748e8075005720568656c"
          "6c6f")
LEAF1_ID = mac(ID_TREE, LEAF1)
ST = Sealer(2, b"\x56" * 32, suite=2, run=RUN)
packs("tree", "one node, suite 2", pack(ST, [(LEAF1_ID, LEAF1, 0, len(LEAF1))]), name=ST.name,
      kind=2, ring_=META, gives_run=RUN, gives_created=1700000000, gives_ids=[LEAF1_ID],
      gives_offsets=[88], gives_plain_0=LEAF1)
FOOT, DIR = len(PACK) - 48, len(PACK) - 48 - 96
packs("short", "too short for a footer", tailed(SP.header + bytes(8)), "truncated")
packs("footer-forged", "a bit of the footer changed", resum(flip(PACK, FOOT)), "not authentic")
packs("directory-forged", "a bit of the directory changed", resum(flip(PACK, DIR)),
      "not authentic")
packs("blob-forged", "a bit of a blob changed", resum(flip(PACK, 90)), "not authentic")
packs("blobs-swapped", "two sealed blobs and their records swapped",
      tailed(PACK[:88] + PACK[125:146] + PACK[88:125] + PACK[146:DIR]
             + SP.seal(DIR, b"dir", RECORDS[40:] + RECORDS[:40]) + PACK[FOOT:-16]),
      "not authentic")
packs("crc-flip", "a bit of the padding changed", flip(PACK, 150), "checksum")
packs("role", "a ring that may not read content", PACK, "no key", ring_=META)
packs("kind", "a data pack among the tree packs", PACK, "mismatch", kind=2)
packs("none", "no blob", pack(SP, []), "malformed")
packs("count-large", "2^18 + 1 blobs, says the footer",
      pack(SP, BLOBS, count=(1 << 18) + 1, directory_len=40 * ((1 << 18) + 1) + 16), "too large")
packs("count-differs", "one blob, says the footer", pack(SP, BLOBS, count=1), "mismatch")
packs("directory-short", "directory length too small", pack(SP, BLOBS, directory_len=56),
      "mismatch")
packs("directory-long", "directory begins before the body",
      pack(SP, BLOBS, count=100, directory_len=4016), "mismatch")
packs("records-long", "blobs reach into the directory",
      pack(SP, BLOBS, put(RECORDS, 72, le32(200)).replace(le32(5), le32(184))), "mismatch")
packs("records-overflow", "a length of 2^32 - 1", pack(SP, BLOBS, put(RECORDS, 32, b"\xff" * 4)),
      "mismatch")
packs("sealed-empty", "a sealed length of 16", pack(SP, BLOBS, put(RECORDS, 32, le32(16))),
      "malformed")
packs("raw-empty", "a plain length of 0", pack(SP, BLOBS, put(RECORDS, 36, le32(1 << 28))),
      "malformed")
packs("id-zero", "the id of a hole", pack(SP, BLOBS, put(RECORDS, 0, bytes(32))), "malformed")
packs("comp-2", "an unknown compression", pack(SP, BLOBS, put(RECORDS, 36, le32(2 << 28 | 256))),
      "unsupported")
packs("raw-differs", "uncompressed, but two lengths", pack(SP, BLOBS, put(RECORDS, 76, le32(6))),
      "malformed")
packs("frame-less", "a frame that gives less than its record says",
      pack(SP, BLOBS, put(RECORDS, 36, le32(1 << 28 | 257))), "mismatch")
packs("frame-none", "compressed, but no frame",
      pack(SP, [(HELLO, b"hello", 1, 9)]), "malformed")
packs("poisoned", "a blob under another blob's id", pack(SP, [(HELLO, b"jello", 0, 5)]),
      "mismatch")

# ---------------------------------------------------------------- index


def group(records=RECORDS, kind=1, suite=1, epoch=0, zero=0, count=None, length=304,
          name=SP.name, created=1700000000):
  count = len(records) // 40 if count is None else count
  return (name + bytes([kind, suite, epoch, zero]) + le32(count) + le64(length) + le64(created)
          + RUN + records)


INDEX = group()
check(INDEX, "38ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884c67010100000200000030010"
      "0000000000000f1536500000000" + "66" * 16 + RECORDS.hex(), "index segment")
TREE_RECORD = LEAF1_ID + le32(len(LEAF1) + 16) + le32(len(LEAF1))
TREE_GROUP = group(TREE_RECORD, kind=2, suite=2, name=ST.name, length=272)


def index(slug, what, payload, expect="ok", **gives):
  case("index", slug, what, expect, payload, **gives)


index("one-pack", "one data pack", INDEX, gives_packs=[SP.name], gives_kinds="1", gives_suites="1",
      gives_lengths="304", gives_counts="2", gives_ids=[SNAP_ID, HELLO], gives_offsets="88 125")
index("two-packs", "a data pack and a tree pack", INDEX + TREE_GROUP,
      gives_packs=[SP.name, ST.name], gives_kinds="1 2", gives_suites="1 2",
      gives_lengths="304 272", gives_counts="2 1", gives_ids=[SNAP_ID, HELLO, LEAF1_ID],
      gives_offsets="88 125 88")
index("cut-header", "a group cut in its header", INDEX[:71], "truncated")
index("cut-records", "a group cut between two records", INDEX[:112], "truncated")
index("cut-record", "a group cut inside a record", INDEX[:-1], "truncated")
index("cut-second", "the second group is cut", INDEX + TREE_GROUP[:40], "truncated")
index("kind-3", "a pack of kind 3", group(kind=3), "malformed")
index("kind-0", "a pack of kind 0", group(kind=0), "malformed")
index("reserved", "the reserved byte is set", group(zero=1), "malformed")
index("none", "a group without records", group(b""), "malformed")
index("count-large", "2^18 + 1 records", group(count=(1 << 18) + 1), "too large")
index("length-large", "a pack of 4 GiB", group(length=1 << 32), "mismatch")
index("length-short", "a pack too short for its blobs", group(length=289), "mismatch")
index("sealed-empty", "a sealed length of 16", group(put(RECORDS, 32, le32(16))), "malformed")
index("raw-empty", "a plain length of 0", group(put(RECORDS, 36, le32(1 << 28))), "malformed")
index("id-zero", "the id of a hole", group(put(RECORDS, 40, bytes(32))), "malformed")
index("comp-15", "an unknown compression", group(put(RECORDS, 36, le32(15 << 28 | 256))),
      "unsupported")
index("raw-differs", "uncompressed, but two lengths", group(put(RECORDS, 76, le32(6))),
      "malformed")

# ---------------------------------------------------------------- configuration


def conf_msg(body, admin=K0.admin):
  return body + dat(31, Ed25519PrivateKey.from_private_bytes(admin).sign(b"snap/1/conf" + body))


CONF0 = H("08011210000000000000000000000000000000002001288080403002")
check(conf_msg(CONF0)[-64:],
      "35bf4a0ea8922fc59e6ef310fbb35e66644e3849f34b10536a21413e57333867cd5840f6c69d9c82578277f46e87"
      "416611f1c425c3b56d3b6f442360342d5103", "signature")
HEAD = num(1, 1) + dat(2, REPO) + num(3, 1700000000) + num(4, 7)
CONF1 = conf_msg(
    HEAD + num(5, 65536) + num(6, 1) + num(7, 1) + num(8, 4 << 20) + num(9, 1 << 20) + num(10, 19)
    + dat(11, "r1") + dat(11, "r2") + dat(12, "w1") + dat(13, "c1") + num(14, 60) + num(15, 5)
    + num(16, 172800) + num(17, 100) + num(18, 1))


def conf(slug, what, payload, expect="ok", admin=K0.admin_public, **gives):
  case("conf", slug, what, expect, payload, admin_public=admin, **gives)


conf("defaults", "most fields absent", conf_msg(CONF0), gives_repository_id=bytes(16), gives_seq=1,
     gives_average=1 << 20, gives_chunker=2, gives_data_pack=32 << 20, gives_tree_pack=8 << 20,
     gives_level=3, gives_grace=86400, gives_lag=0, gives_run_expiry=1209600, gives_inline=512,
     gives_copies=2)
conf("all-fields", "every field set", CONF1, gives_repository_id=REPO, gives_seq=7,
     gives_created=1700000000, gives_average=65536, gives_chunker=1, gives_data_pack=4 << 20,
     gives_tree_pack=1 << 20, gives_level=19, gives_read_features="r1 r2",
     gives_write_features="w1", gives_collect_features="c1", gives_grace=60, gives_lag=5,
     gives_run_expiry=172800, gives_inline=100, gives_copies=1)
conf("unknown-field", "a field of a newer version is skipped and signed", conf_msg(
    HEAD + dat(30, "new")), gives_repository_id=REPO, gives_seq=7)
conf("signature-flip", "a bit of the signature changed", flip(CONF1, len(CONF1) - 1),
     "not authentic")
conf("field-changed", "another grace under the old signature",
     CONF1.replace(num(14, 60), num(14, 61)), "not authentic")
conf("other-admin", "signed by another key", conf_msg(CONF0, K1.admin), "not authentic")
conf("unsigned", "no signature", CONF1[:-67], "malformed")
conf("signature-short", "a signature of 63 bytes", CONF1[:-67] + dat(31, bytes(63)), "malformed")
conf("not-last", "a field after the signature", conf_msg(HEAD) + num(32, 1), "malformed")
conf("newer", "format 2", conf_msg(num(1, 2) + dat(2, REPO) + num(4, 1)), "unsupported")
conf("id-short", "a repository id of 15 bytes", conf_msg(num(1, 1) + dat(2, REPO[1:])),
     "malformed")
conf("id-missing", "no repository id", conf_msg(num(1, 1) + num(4, 1)), "malformed")
conf("average-small", "an average chunk of 32 KiB", conf_msg(HEAD + num(5, 1 << 15)), "malformed")
conf("average-large", "an average chunk of 32 MiB", conf_msg(HEAD + num(5, 1 << 25)), "too large")
conf("pack-large", "a data pack target above 1 GiB", conf_msg(HEAD + num(8, (1 << 30) + 1)),
     "too large")
conf("cut", "the last byte is missing", CONF1[:-1], "malformed")
conf("empty", "no bytes", b"", "malformed")
conf("field-cut", "signed, but a field inside is cut", conf_msg(HEAD + H("72")), "truncated")
conf("wire-type", "the id is a number", conf_msg(num(1, 1) + num(2, 5)), "malformed")

# ---------------------------------------------------------------- messages


def message(slug, what, payload, expect="ok", **gives):
  case("message", slug, what, expect, payload, **gives)


message("order", "descending order, long varints, one field twice: readers accept all three",
        H("1a016208838000" "08ffffffffffffffffff01"), gives_numbers="3 1 1",
        gives_values="62 3 18446744073709551615")
message("varint-cut", "a number that does not end", H("0880"), "truncated")
message("tag-cut", "a tag that does not end", H("80"), "truncated")
message("value-missing", "a tag without value", H("08"), "truncated")
message("length-cut", "a length that does not end", H("0a80"), "truncated")
message("bytes-cut", "fewer bytes than promised", H("0a05616263"), "truncated")
message("length-64", "a length of 2^64 - 1", H("0affffffffffffffffff01"), "truncated")
message("varint-long", "a number of eleven bytes", H("088080808080808080808000"), "malformed")
message("varint-65", "a number of 2^64", H("0880808080808080808002"), "malformed")
for wire in (1, 3, 4, 5, 6, 7):
  message(f"wire-{wire}", f"wire type {wire}", bytes([8 | wire]) + bytes(8), "malformed")
message("field-0", "field number 0", H("0001"), "malformed")

# ---------------------------------------------------------------- entries, nodes, lists


def entry(keep=0, suffix=b"a", mode=0o100644, **fields):
  """Fields in ascending order; `fields` are f3 … with encoded bytes."""
  out = num(1, keep) + dat(2, suffix) + num(3, mode)
  return out + b"".join(fields[k] for k in sorted(fields, key=lambda k: int(k[1:])))


def leaf(*entries, tail=b""):
  return b"".join(dat(2, e) for e in entries) + tail


def ids(*values):
  return dat(11, b"".join(values))


def lens(*values):
  return dat(12, b"".join(varint(v) for v in values))


HOLE = bytes(32)
E_JPG = entry(0, b"photos/a.jpg", 0o100644, f4=zig(4, 1700000000), f5=num(5, 123456789),
              f8=num(8, 1000), f9=num(9, 1000), f10=num(10, 5), f14=dat(14, "hello"))
check(E_JPG, "120c70686f746f732f612e6a706718a483022080c49fd50c28959aef3a40e80748e8075005720568656c6"
      "c6f", "entry")
check(leaf(E_JPG), LEAF1.hex(), "leaf of one")
check(LEAF1_ID, "93d1b4ebdeedd8bc2e391fbd54574bf0c6e84678d55603ee47587ecd4ca5fedb", "leaf of one")
OWNER = {"f8": num(8, 1000), "f9": num(9, 1000)}
XATTR = dat(19, dat(1, "user.note") + dat(14, "hi"))
LEAF3 = leaf(
    entry(0, b"photos", 0o040755, f4=zig(4, -1), f5=num(5, 500000000), **OWNER),
    entry(6, b"/a.jpg", 0o100644, f4=zig(4, 1700000000), f10=num(10, 65797),
          f11=ids(SNAP_ID, HOLE, HELLO), f12=lens(256, 65536, 5), f18=dat(18, LINK8), f19=XATTR,
          **OWNER),
    entry(7, b"link", 0o120777, f4=zig(4, 1700000000), f15=dat(15, "a.jpg"), **OWNER))
check(LEAF3, "".join("""
121a120670686f746f7318ed830120012880cab5ee0140e80748e80712a501080612062f612e6a706718a483022080c4
9fd50c40e80748e807508582045a60601cb2547272a5ff1671238b3868b548626aa81720a8b95babd995c2322c510e00
00000000000000000000000000000000000000000000000000000000000000bd7ca933f5f5df226f69fa920f0a75a35b
1bcd2ceea12150694798e2561b0e666206800280800405920108acd53ee1c549e6d89a010f0a09757365722e6e6f7465
72026869121f080712046c696e6b18ffc3022080c49fd50c40e80748e8077a05612e6a7067""".split()), "leaf")
LEAF3_ID = mac(ID_TREE, LEAF3)
check(LEAF3_ID, "3e898af9a7d23484a1d53ccac10c2cfca1a0925d3cad86d444c4be946dc4113f", "leaf")
LIST = dat(2, SNAP_ID + HOLE + HELLO) + dat(3, varint(256) + varint(65536) + varint(5))
check(LIST, "".join("""
1260601cb2547272a5ff1671238b3868b548626aa81720a8b95babd995c2322c510e0000000000000000000000000000
000000000000000000000000000000000000bd7ca933f5f5df226f69fa920f0a75a35b1bcd2ceea12150694798e2561b
0e661a06800280800405""".split()), "List")
LIST_ID = mac(ID_TREE, LIST)
check(LIST_ID, "98dd9e6ae3449062fc39ed8ee2d23ddc67faf03e0174a41542fc9f635a745dff", "List")
LEAFZ = leaf(entry(0, b"photos/z.jpg", 0o100644, f4=zig(4, 1700000000), f10=num(10, 5),
                   f14=dat(14, "hello")))
check(LEAFZ, "1221120c70686f746f732f7a2e6a706718a483022080c49fd50c5005720568656c6c6f", "leaf z")


def child(ident, path, entries=1, size=5):
  return dat(3, dat(1, ident) + dat(2, path) + num(3, entries) + num(4, size))


LEAFZ_ID = mac(ID_TREE, LEAFZ)
INNER = num(1, 1) + child(LEAF3_ID, "photos", 3, 65797) + child(LEAFZ_ID, "photos/z.jpg")
check(INNER, "".join("""
08011a300a203e898af9a7d23484a1d53ccac10c2cfca1a0925d3cad86d444c4be946dc4113f120670686f746f731803
208582041a340a20a5a89a4cbcbb3f4d6d7b505e7411c7cb4239e99cf2390d0e5b60e7c945698303120c70686f746f73
2f7a2e6a706718012005""".split()), "interior node")
check(mac(ID_TREE, INNER), "2ac515022c30dd51f212f501cb679f420ca268f2ea1f63fdbb9ca91346e65623",
      "interior node")
RECORD = (num(1, 1) + zig(2, 1690000000) + num(4, 241) + num(5, 1) + num(6, 6000) + num(7, 4000)
          + num(9, 1) + dat(10, "FUJIFILM") + dat(11, "X-T5") + zig(13, 454641943)
          + zig(14, -91896346))
check(RECORD, "08011080eadacb0c20f101280130f02e38a01f4801520846554a4946494c4d5a04582d543568aea4cab1"
      "0370b3e8d157", "media record")
case("media", "picture", "a media record: 120 minutes east, 45.4641943 N, 9.1896346 W",
     payload=RECORD, gives_kind=1, gives_taken=1690000000, gives_offset=120, gives_source=1,
     gives_width=6000, gives_height=4000, gives_orientation=1, gives_make=b"FUJIFILM",
     gives_model=b"X-T5", gives_latitude=454641943, gives_longitude=-91896346)


def node(slug, what, payload, expect="ok", **gives):
  case("node", slug, what, expect, payload, **gives)


node("leaf-one", "a leaf of one small file", LEAF1, gives_level=0, gives_paths=[b"photos/a.jpg"],
     gives_sizes="5", gives_id=LEAF1_ID)
node("leaf-three", "directory, file with a hole and an xattr, link", LEAF3, gives_level=0,
     gives_paths=[b"photos", b"photos/a.jpg", b"photos/link"], gives_sizes="0 65797 0",
     gives_id=LEAF3_ID)
FULL_ENTRY = entry(
    0, b"all", 0o100600, f4=zig(4, -2), f5=num(5, 1), f6=zig(6, 3), f7=num(7, 4), f8=num(8, 5),
    f9=num(9, 6), f10=num(10, 300 * 1000), f11=ids(LIST_ID), f12=lens(300 * 1000), f13=num(13, 1),
    f18=dat(18, LINK8), f19=XATTR + dat(19, dat(1, "user.z") + ids(HELLO) + lens(5)),
    f20=num(20, 0x20000040), f21=dat(21, sha(b"x")), f22=zig(22, -5), f23=num(23, 7),
    f24=num(24, 99), f25=num(25, 3), f26=dat(26, RECORD), f27=dat(27, "new"))
DEVICE = entry(0, b"dev", 0o060660, f16=num(16, 8), f17=num(17, 1))
node("leaf-all-fields", "every field, one unknown; a block device; a raw name",
     leaf(FULL_ENTRY, DEVICE, entry(3, b"\xff\n", 0o010644)), gives_level=0,
     gives_paths=[b"all", b"dev", b"dev\xff\n"], gives_sizes="300000 0 0")
node("interior", "two leaves", INNER, gives_level=1, gives_children=[LEAF3_ID, LEAFZ_ID],
     gives_paths=[b"photos", b"photos/z.jpg"], gives_sizes="65797 5", gives_counts="3 1",
     gives_id=mac(ID_TREE, INNER))


def bad(slug, what, expect, *entries):
  node(slug, what, leaf(*entries), expect)


def one(**fields):
  return entry(0, b"a", 0o100644, **fields)


for slug, path in (("dot", b"."), ("dot-dot", b".."), ("dot-dot-first", b"../a"),
                   ("dot-dot-inside", b"a/../b"), ("dot-last", b"a/."), ("empty-inside", b"a//b"),
                   ("absolute", b"/a"), ("slash-last", b"a/"), ("nul", b"a\0b"), ("empty", b"")):
  bad(f"path-{slug}", f"the path {path!r}", "unsafe path", entry(0, path, 0o040755))
bad("path-component", "a component of 256 bytes", "unsafe path", entry(0, b"x" * 256, 0o040755))
bad("path-long", "a path of 65,536 bytes", "unsafe path",
    entry(0, (b"y" * 255 + b"/") * 255 + b"y" * 254 + b"/y", 0o040755))
bad("keep-first", "the first entry keeps a byte", "malformed", entry(1, b"a", 0o040755))
bad("keep-long", "more kept than the path before has", "malformed", entry(0, b"ab", 0o040755),
    entry(3, b"c", 0o040755))
bad("keep-64", "2^64 - 1 bytes kept", "malformed", entry(0, b"ab", 0o040755),
    entry(2**64 - 1, b"c", 0o040755))
bad("twice", "the same path twice", "malformed", entry(0, b"a", 0o040755), entry(1, b"", 0o040755))
bad("descending", "paths descend", "malformed", entry(0, b"b", 0o040755), entry(0, b"a", 0o040755))
bad("slash-order", "a! before a/b: '/' sorts as 0", "malformed", entry(0, b"a!", 0o040755),
    entry(1, b"/b", 0o040755))
bad("ids-33", "ids of 33 bytes", "malformed", one(f10=num(10, 5), f11=dat(11, HELLO + b"\0"),
                                                   f12=lens(5)))
bad("lens-less", "two ids, one length", "malformed",
    one(f10=num(10, 5), f11=ids(HELLO, SNAP_ID), f12=lens(5)))
bad("lens-more", "one id, two lengths", "malformed",
    one(f10=num(10, 6), f11=ids(HELLO), f12=lens(5, 1)))
bad("lens-cut", "lengths that do not end", "truncated",
    one(f10=num(10, 5), f11=ids(HELLO), f12=dat(12, b"\x80")))
bad("size-more", "size above the lengths", "mismatch",
    one(f10=num(10, 6), f11=ids(HELLO), f12=lens(5)))
bad("size-inline", "size differs from the inline content", "mismatch",
    one(f10=num(10, 4), f14=dat(14, "hello")))
bad("size-nothing", "size without content", "mismatch", one(f10=num(10, 4)))
bad("size-63", "2^63 bytes", "too large", one(f10=num(10, 1 << 63), f11=ids(HOLE),
                                               f12=lens(1 << 63)))
bad("sum-overflow", "lengths whose sum wraps to the size", "too large",
    one(f10=num(10, 5), f11=ids(HOLE, HOLE, HOLE), f12=lens(1 << 63, 1 << 63, 5)))
bad("inline-and-ids", "inline content and ids", "malformed",
    one(f10=num(10, 10), f11=ids(HELLO), f12=lens(5), f14=dat(14, "hello")))
bad("len-0", "a chunk of no bytes", "malformed",
    one(f10=num(10, 5), f11=ids(HELLO, SNAP_ID), f12=lens(5, 0)))
bad("len-large", "a chunk of 2^28 bytes", "too large",
    one(f10=num(10, 1 << 28), f11=ids(HELLO), f12=lens(1 << 28)))
bad("hole-in-lists", "a hole among Lists", "malformed",
    one(f10=num(10, 5), f11=ids(HOLE), f12=lens(5), f13=num(13, 1)))
bad("level-9", "nine levels of Lists", "too large",
    one(f10=num(10, 5), f11=ids(LIST_ID), f12=lens(5), f13=num(13, 9)))
bad("xattr-lens", "an xattr with an id and no length", "malformed",
    one(f19=dat(19, dat(1, "user.x") + ids(HELLO))))
bad("nanoseconds", "a whole second of nanoseconds", "malformed", one(f5=num(5, 1000000000)))
bad("mode-large", "a mode of 33 bits", "too large", entry(0, b"a", 1 << 32))
bad("uid-large", "a uid of 33 bits", "too large", one(f8=num(8, 1 << 32)))
bad("hardlink-short", "a hard-link field of 7 bytes", "malformed", one(f18=dat(18, LINK8[1:])))
bad("sha256-short", "a SHA-256 of 31 bytes", "malformed", one(f21=dat(21, bytes(31))))
bad("size-bytes", "the size is a byte string", "malformed", one(f10=dat(10, "5")))
bad("entry-cut", "an entry that is cut inside", "truncated", E_JPG[:-1])
node("leaf-cut", "a leaf whose last entry is cut", LEAF3[:-1], "truncated")
node("leaf-children", "a leaf with a child", leaf(E_JPG, tail=child(LEAFZ_ID, "z")), "malformed")
node("interior-entries", "an interior node with an entry", num(1, 1) + leaf(E_JPG)
     + child(LEAFZ_ID, "z"), "malformed")
node("interior-empty", "an interior node without children", num(1, 1), "malformed")
node("interior-level-9", "a node of level 9", num(1, 9) + child(LEAFZ_ID, "a"), "too large")
node("child-id", "a child's id of 31 bytes", num(1, 1) + child(LEAFZ_ID[1:], "a"), "malformed")
node("child-no-id", "a child without id", num(1, 1) + dat(3, dat(2, "a") + num(3, 1)),
     "malformed")
node("child-order", "children descend", num(1, 1) + child(LEAF3_ID, "b") + child(LEAFZ_ID, "a"),
     "malformed")
node("child-path", "a child's path that is not safe", num(1, 1) + child(LEAFZ_ID, "a/../b"),
     "unsafe path")


def list_(slug, what, payload, expect="ok", **gives):
  case("list", slug, what, expect, payload, **gives)


list_("level-0", "two chunks and a hole", LIST, gives_level=0, gives_ids=[SNAP_ID, HOLE, HELLO],
      gives_lengths="256 65536 5", gives_id=LIST_ID)
list_("level-1", "one List", num(1, 1) + dat(2, LIST_ID) + dat(3, varint(65797)), gives_level=1,
      gives_ids=[LIST_ID], gives_lengths="65797")
list_("empty", "no elements", num(1, 1), "malformed")
list_("cut", "the last byte is missing", LIST[:-1], "truncated")
list_("ids-31", "ids of 31 bytes", dat(2, HELLO[1:]) + dat(3, varint(5)), "malformed")
list_("lens-less", "one length for two ids", dat(2, HELLO + SNAP_ID) + dat(3, varint(5)),
      "malformed")
list_("len-0", "a chunk of no bytes", dat(2, HELLO) + dat(3, b"\0"), "malformed")
list_("len-large", "a chunk of 2^28 bytes", dat(2, HELLO) + dat(3, varint(1 << 28)), "too large")
list_("hole", "a hole above level 0", num(1, 1) + dat(2, HOLE) + dat(3, varint(5)), "malformed")
list_("level-9", "level 9", num(1, 9) + dat(2, LIST_ID) + dat(3, varint(5)), "too large")
list_("sum-overflow", "lengths whose sum wraps", dat(2, HOLE * 3)
      + dat(3, varint(1 << 63) * 2 + varint(5)), "too large")

PATHS = [b"a", b"a/b", b"a/b/c", b"a/b!", b"a!", b"a-b", b"ab"]
check(sorted(reversed(PATHS), key=lambda p: p.replace(b"/", b"\0")), PATHS, "order")
case("order", "ascending", "paths in ascending order, '/' as 0", paths=PATHS)

# ---------------------------------------------------------------- snapshots

SNAP = H(
    "080112203e898af9a7d23484a1d53ccac10c2cfca1a0925d3cad86d444c4be946dc4113f2080e2cfaa0630bce2cfaa"
    "063a04686f73744203616e6e4a102f686f6d652f616e6e2f70686f746f736a10888888888888888888888888888888"
    "8870018a0110666666666666666666666666666666669a010a080110e8071a03616e6eb20103312e30ba0106080210"
    "808040c00178f00101")
check(len(SNAP), 150, "snapshot")
S4 = Sealer(4, b"\x44" * 32, run=RUN)
O4 = S4.payload(SNAP)
check(S4.name, "ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b", "name")
check(O4, "".join("""
534e415001040100ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b6666666666666666
666666666666666655bf3c3dbd8fddef90728073e0c69f88625bb4fed30a5961f5115e25db0f0e460efd10ecb25159f7
1185f5bca903fe964d768375c051f8381ce8ecfb046edf24710b9f96d9f83fde7f7242df4731ab1a5c7bc72641873514
12c2d7f29055764f3f191fffa734c75f509fe900fd4146a5a7856c7df7f3bd8678c51fb4e44f571e4fed7bbdf55f9ee6
2d7b5d587fb389879a6da7dfbde05f48cffedf01ae42c6daf0a4ecd27a34b13993e22bbb2d7220fb17f745927a84a711
a8165c3dc0eed891c581081641091f14832a587dde779d59a1735816a0b188a42001000000000000a962661850414e53
""".split()), "snapshot object")
sealed("kind-4", "a snapshot, suite 1, read with the role metadata", O4, name=S4.name, kind=4,
       ring_=META, gives_payload=SNAP, gives_run=RUN, gives_key=S4.key, gives_commit=S4.commit)
WRITER = b"\x88" * 16


def snapshot(slug, what, payload, expect="ok", kind=4, run=RUN, **gives):
  case("snapshot", slug, what, expect, payload, kind=kind, run=run, **gives)


def snap_fields(**changes):
  fields = {"f1": num(1, 1), "f2": dat(2, LEAF3_ID), "f4": num(4, 1700000000),
            "f6": num(6, 1700000060), "f7": dat(7, "host"), "f8": dat(8, "ann"),
            "f9": dat(9, "/home/ann/photos"), "f13": dat(13, WRITER), "f14": num(14, 1),
            "f17": dat(17, RUN), "f19": dat(19, num(1, 1) + num(2, 1000) + dat(3, "ann")),
            "f22": dat(22, "1.0"), "f23": dat(23, num(1, 2) + num(2, 1 << 20)),
            "f24": zig(24, 120)}
  fields.update(changes)
  return b"".join(fields[k] for k in sorted(fields, key=lambda k: int(k[1:])))


EVERY = snap_fields(
    f3=num(3, 1), f5=num(5, 999999999), f9=dat(9, "/home/ann") + dat(9, b"/raw\xff"),
    f10=dat(10, "t1") + dat(10, "t2"), f11=dat(11, "note"),
    f12=dat(12, b"".join(num(i, i * 10) for i in range(1, 10))), f15=dat(15, S4.name),
    f16=dat(16, sha(O4)), f18=num(18, 2), f20=dat(20, S4.name), f21=dat(21, S4.name),
    f24=zig(24, -570), f25=dat(25, "*.o") + dat(25, "*.tmp"), f26=num(26, 1800000000),
    f27=dat(27, dat(1, WRITER) + num(2, 9)), f28=dat(28, dat(1, "shrink") + dat(2, "half gone")),
    f29=dat(29, dat(1, "acl") + num(2, 3) + dat(3, b"/home/ann/x")), f30=num(30, 1),
    f31=num(31, 1700000100), f32=dat(32, "daily"), f33=num(33, 1900000000))


def read_varint(data, at):
  value = shift = 0
  while True:
    value |= (data[at] & 127) << shift
    shift, at = shift + 7, at + 1
    if data[at - 1] < 128:
      return value, at


def fields_of(data):
  out, at = {}, 0
  while at < len(data):
    tag, at = read_varint(data, at)
    value, at = read_varint(data, at)
    if tag & 7 == 2:
      value, at = data[at : at + value], at + value
    out[tag >> 3] = value
  return out


F = fields_of(SNAP)
snapshot("photos", "host, user, one path, owners", SNAP, gives_root=F[2], gives_level=0,
         gives_start=F[4], gives_end=F[6], gives_host=F[7], gives_user=F[8], gives_paths=[F[9]],
         gives_writer=F[13], gives_sequence=F[14], gives_program=F[22], gives_zone=60)
snapshot("every-field", "every field", EVERY, gives_root=LEAF3_ID, gives_level=1,
         gives_start=1700000000, gives_end=1700000060, gives_host=b"host", gives_user=b"ann",
         gives_paths=[b"/home/ann", b"/raw\xff"], gives_tags=[b"t1", b"t2"], gives_writer=WRITER,
         gives_sequence=1, gives_zone=-570, gives_partial=2)
snapshot("announcement", "a pending object without root", num(1, 1) + dat(17, RUN), kind=5)
snapshot("checkpoint", "a partial root", snap_fields(f18=num(18, 1)), kind=5, gives_root=LEAF3_ID,
         gives_partial=1)
snapshot("newer", "version 2", snap_fields(f1=num(1, 2)), "unsupported")
snapshot("no-root", "a snapshot without root", snap_fields(f2=b""), "malformed")
snapshot("root-short", "a root of 31 bytes", snap_fields(f2=dat(2, LEAF3_ID[1:])), "malformed")
snapshot("level-9", "a root of level 9", snap_fields(f3=num(3, 9)), "too large")
snapshot("nanoseconds", "a whole second of nanoseconds", snap_fields(f5=num(5, 1000000000)),
         "malformed")
snapshot("writer-short", "a writer id of 15 bytes", snap_fields(f13=dat(13, WRITER[1:])),
         "malformed")
snapshot("previous-short", "a previous name of 31 bytes", snap_fields(f15=dat(15, HELLO[1:])),
         "malformed")
snapshot("run-short", "a run id of 15 bytes", snap_fields(f17=dat(17, RUN[1:])), "malformed")
snapshot("run-other", "another run than in the header", SNAP, "mismatch", run=b"\x67" * 16)
snapshot("run-missing", "no run id", snap_fields(f17=b""), "mismatch")
snapshot("statistics-cut", "statistics that are cut inside", snap_fields(f12=dat(12, b"\x08")),
         "truncated")
snapshot("host-number", "the host is a number", snap_fields(f7=num(7, 5)), "malformed")
snapshot("cut", "the last byte is missing", SNAP[:-1], "truncated")
snapshot("pending-newer", "a pending object of version 2", num(1, 2) + dat(17, RUN),
         "unsupported", kind=5)

# ---------------------------------------------------------------- tombstone, lease, audit

PASS = b"\x99" * 16
TOMB = num(1, 1) + dat(2, PASS) + dat(3, SP.name) + num(5, F[4])
check(TOMB, "08011210999999999999999999999999999999991a2038ab664bd86f77d7e66bdd9ae0792913a94fd8b33a"
      "1260027e4b46c1f4884c672880e2cfaa06", "tombstone")


def tombstone(slug, what, payload, expect="ok", **gives):
  case("tombstone", slug, what, expect, payload, **gives)


tombstone("one-pack", "one data pack", TOMB, gives_run=PASS, gives_data=[SP.name])
tombstone("newer", "format 2", num(1, 2) + TOMB[2:], "unsupported")
tombstone("run-short", "a run id of 15 bytes", num(1, 1) + dat(2, PASS[1:]) + dat(3, SP.name),
          "malformed")
tombstone("packs-33", "names of 33 bytes", num(1, 1) + dat(2, PASS) + dat(3, SP.name + b"\0"),
          "malformed")
tombstone("trees-31", "tree names of 31 bytes", num(1, 1) + dat(2, PASS) + dat(4, SP.name[1:]),
          "malformed")
tombstone("cut", "the last byte is missing", TOMB[:-1], "truncated")

# ---------------------------------------------------------------- parity: checked, no file yet

EXP, LOG = [0] * 510, [0] * 256
_x = 1
for _i in range(255):
  EXP[_i] = EXP[_i + 255] = _x
  LOG[_x] = _i
  _x = _x << 1 ^ (0x11D if _x & 128 else 0)


def coefficient(k, j, i):
  return EXP[255 - LOG[(k + j) ^ i]]


def sidecar(data, k, m):
  s = -(-len(data) // (k * 4096)) * 4096
  shards = [data[i * s : (i + 1) * s].ljust(s, b"\0") for i in range(k)]
  parity = []
  for j in range(m):
    row = bytearray(s)
    for i, shard in enumerate(shards):
      log = LOG[coefficient(k, j, i)]
      table = bytes([0] + [EXP[log + LOG[v]] for v in range(1, 256)])
      row = bytearray(a ^ b for a, b in zip(row, shard.translate(table)))
    parity.append(bytes(row))
  head = b"SNPE" + bytes([1, k, m, 12]) + le64(len(data))
  for shard in shards + parity:
    head += b"".join(le32(crc32c(shard[i : i + 4096])) for i in range(0, s, 4096))
  return tailed(head + b"".join(parity)), parity


ECC, PARITY = sidecar(stream(b"snap ecc", 10000), 4, 2)
check(len(ECC), 8248, "sidecar")
check(PARITY[0][:8] + PARITY[1][:8], "daec62476534dc16c0e18d54516f83cd", "parity")
check(sha(ECC), "7a0c1f102e420805b57621199e790299c2a1436121a5113ebac7fce92a85f7c9", "sidecar")
check(bytes(coefficient(4, j, i) for j in (0, 1) for i in range(4)), "47a77abaa747ba7a", "k=4")
check(bytes(coefficient(32, 0, i) for i in range(4)), "6ced3951", "k=32")

for old in OUT.glob("*.txt"):
  if old.stem not in SEEN:
    print("left over:", old.name)
print(f"{COUNT['ok']} must pass, {COUNT['fail']} must fail")
