# SPDX-License-Identifier: Apache-2.0
"""Sealed objects (section 3), packs (7) and index segments (8) of FORMAT.md. The `data` of an
object may be bytes or a memory map."""
import hmac, struct

import zstandard

from snap_wire import *

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
    need(len(data) <= 16842752, LARGE, "object of this kind")
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
