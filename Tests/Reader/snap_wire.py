# SPDX-License-Identifier: Apache-2.0
"""Conventions (section 1), the seal (3.2) and messages (9.1) of FORMAT.md."""
import hmac, struct
from types import SimpleNamespace as Fields

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

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

def unseal(suite, key, at, aad, data):
    try:
        cipher = aead.AESGCM(key) if suite == 1 else aead.ChaCha20Poly1305(key)
        return cipher.decrypt(struct.pack("<Q4x", at), data, aad)
    except (InvalidTag, ValueError):
        raise FormatError("not authentic", f"what is sealed at {at}") from None

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
