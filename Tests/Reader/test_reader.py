# SPDX-License-Identifier: Apache-2.0
"""Tests of the reader: the vectors, and a small repository built with the tools of make_vectors.py.
Run: python3 -m unittest (in this folder)."""
import os, pathlib, runpy, secrets, stat, subprocess, sys, tempfile, unittest
from unittest import mock

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "Vectors"
TOOLS = tempfile.TemporaryDirectory()
with mock.patch.object(sys, "argv", ["make_vectors.py", TOOLS.name]):
    V = runpy.run_path(str(VECTORS / "make_vectors.py"), run_name="vectors")
CLASSES = {1: "data", 2: "tree", 3: "index", 4: "snap", 7: "conf"}
num, zig, dat, ids, lens, entry = (V[n] for n in ("num", "zig", "dat", "ids", "lens", "entry"))

def build(root):
    """One snapshot of /home/ann with a file of a chunk, a hole and a List, links and a FIFO."""
    def write(name, data):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    def put(kind, make):
        sealer = V["Sealer"](kind, secrets.token_bytes(32), run=V["RUN"] if kind < 6 else bytes(16))
        name, data, cls = sealer.name.hex(), make(sealer), CLASSES[kind]
        name = f"{name[:2]}/{name}" if kind in (1, 2) else name
        write(f"{cls}/{name}", data)
        if cls in ("tree", "snap"):
            write(f"mirror/{cls}/{name}", data)
        return sealer.name, len(data)
    chunk = b"x" * 100000
    chunk_id = V["mac"](V["ID_DATA"], chunk)
    file_ids, file_lens = chunk_id + bytes(32), V["varint"](100000) + V["varint"](1 << 20)
    listing = dat(2, file_ids) + dat(3, file_lens)
    list_id = V["mac"](V["ID_TREE"], listing)
    total = 100000 + (1 << 20)
    link = dict(f10=num(10, 5), f14=dat(14, "hello"), f18=dat(18, b"12345678"))
    time = dict(f4=zig(4, 1700000000), f5=num(5, 5))
    entries = [entry(0, "home", 0o040755), entry(4, "/ann", 0o040750, **time),
               entry(8, "/a", f10=num(10, total), f11=ids(list_id), f12=lens(total), f13=num(13, 1),
                     f19=dat(19, dat(1, "user.note") + dat(14, "hi")), **time),
               entry(10, "1", 0o100600, **time, **link), entry(10, "2", 0o100600, **time, **link),
               entry(10, "3", 0o120777, f15=dat(15, "/nowhere"), **time),
               entry(10, "4", 0o010644, **time), entry(10, "5", 0o120777, f15=dat(15, str(root))),
               entry(11, "/evil", f10=num(10, 1), f14=dat(14, "e"))]
    node = V["leaf"](*entries)
    node_id = V["mac"](V["ID_TREE"], node)
    groups = b""
    for kind, blobs in ((1, [(chunk_id, chunk)]), (2, [(list_id, listing), (node_id, node)])):
        name, length = put(kind, lambda s: V["pack"](s, [(i, b, 0, len(b)) for i, b in blobs]))
        records = b"".join(i + V["le32"](len(b) + 16) + V["le32"](len(b)) for i, b in blobs)
        groups += V["group"](records, kind, name=name, length=length)
    message = V["snap_fields"](f2=dat(2, node_id), f9=dat(9, "/home/ann"))
    for kind, payload in ((3, groups), (4, message), (7, V["conf_msg"](V["HEAD"]))):
        put(kind, lambda sealer: sealer.payload(payload))
    write("SNAP-REPOSITORY", V["marker"]())
    commit, wrapped = V["wrap"](V["SCRYPT_PK"], "full", V["FULL"])
    write("keys/0123456789abcdef", V["slot_text"]("scrypt", V["SCRYPT"], "full", commit, wrapped))
    (root / "password").write_bytes(V["PASSWORD"] + b"\n")
    (root / "recovery").write_text(V["recovery_text"](V["recovery_bytes"](0, V["M0"])))

class ReaderTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name) / "repository"
        build(self.root)

    def run_reader(self, *arguments, key=("--password-file", "password")):
        command = [sys.executable, "-B", HERE / "snap_reader.py", self.root, key[0],
                   self.root / key[1], *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_check_and_list(self):
        for key in (("--password-file", "password"), ("--recovery-key-file", "recovery")):
            code, out, errors = self.run_reader("check", "--read-data", key=key)
            self.assertEqual((code, errors), (0, ""))
            self.assertIn("1 snapshots, 9 entries, 0 packs not indexed, 0 problems", out)
        self.assertIn("/home/ann/a3 -> /nowhere", self.run_reader("ls", "latest")[1])

    def test_restore(self):
        for option in ((), ("--no-index",)):
            out = pathlib.Path(self.folder.name) / f"out{len(option)}"
            code, _, errors = self.run_reader("restore", "latest", out, *option)
            self.assertEqual(code, 1)  # a5/evil stands below a symbolic link
            self.assertEqual(errors.count("\n"), 1)
            self.assertFalse((self.root / "evil").exists())
            self.assertEqual((out / "ann/a").read_bytes(), b"x" * 100000 + bytes(1 << 20))
            self.assertLess((out / "ann/a").stat().st_blocks, 1000)
            self.assertEqual(os.getxattr(out / "ann/a", "user.note"), b"hi")
            self.assertEqual((out / "ann/a1").stat().st_ino, (out / "ann/a2").stat().st_ino)
            self.assertEqual(os.readlink(out / "ann/a3"), "/nowhere")
            self.assertTrue(stat.S_ISFIFO((out / "ann/a4").lstat().st_mode))
            for name in ("ann", "ann/a3", "ann/a4"):
                self.assertEqual((out / name).lstat().st_mtime_ns, 1700000000 * 10**9 + 5)
            self.assertEqual((out / "ann").stat().st_mode, 0o040750)

    def test_damage(self):
        pack = next((self.root / "tree").glob("*/*"))
        data = bytearray(pack.read_bytes())
        data[88:-16] = bytes(len(data) - 104)
        pack.write_bytes(data)
        code, _, errors = self.run_reader("check")
        self.assertEqual(code, 1)
        self.assertIn("checksum", errors)
        self.assertEqual(self.run_reader("ls", "latest")[0], 0)  # from mirror/
        (self.root / "mirror").rename(self.root / "gone-mirror")
        code, _, errors = self.run_reader("ls", "latest")
        self.assertEqual(code, 1)
        self.assertIn("error: mismatch: no good copy", errors)

    def test_wrong_password(self):
        (self.root / "password").write_bytes(b"wrong")
        self.assertEqual(self.run_reader("info")[0], 12)

    def test_vectors(self):
        done = subprocess.run([sys.executable, "-B", HERE / "snap_reader.py", "vectors", VECTORS],
                              capture_output=True, text=True)
        self.assertRegex(done.stdout, r"\d+ passed, 0 failed\n$", done.stdout)

if __name__ == "__main__":
    unittest.main()
