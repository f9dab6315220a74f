// SPDX-License-Identifier: Apache-2.0

import SnapStorage
import Testing

struct AddressTests {
  @Test(arguments: [
    ("/mnt/disk/repo", "/mnt/disk/repo"), ("/mnt//disk/./repo/", "/mnt/disk/repo"), ("/", "/"),
    ("repo", "/home/me/repo"), ("./a/b", "/home/me/a/b"), ("../x", "/home/me/../x"),
    (".", "/home/me"), ("file:///a/b", "/a/b"), ("FILE:///a", "/a"),
    ("file://localhost/a", "/a"), ("file:///a%20b/%C3%A9", "/a b/é"), ("a:b", "/home/me/a:b"),
    ("s3:/bucket", "/home/me/s3:/bucket"), ("/a%20b", "/a%20b"), ("1x://a", "/home/me/1x:/a"),
    ("with space", "/home/me/with space"),
  ])
  func pathIsRead(_ text: String, _ path: String) throws {
    let address = try Address(text, relativeTo: "/home/me")
    #expect(address == .local(path: path))
    #expect(try Address(address.text, relativeTo: "/") == address)
  }

  @Test(arguments: [
    ("", AddressError.Code.empty), ("a\0b", .malformed), ("file://host/path", .malformed),
    ("file://path", .malformed), ("file:///a%2", .malformed), ("file:///a%zz", .malformed),
    ("file:///a%00", .malformed), ("file:///%ff", .malformed), ("s3://bucket/prefix", .notYet),
    ("s3+http://localhost/b", .notYet), ("webdav://nas/path", .notYet),
    ("webdav+http://localhost/p", .notYet), ("S3://bucket", .notYet), ("ftp://x/y", .unknownScheme),
    ("https://example.org/", .unknownScheme), ("s3://key:secret@host/b", .holdsSecret),
    ("webdav://me@nas/p", .holdsSecret), ("file://me@localhost/p", .holdsSecret),
  ])
  func badAddressIsRefused(_ text: String, _ code: AddressError.Code) {
    let error = #expect(throws: AddressError.self) {
      try Address(text, relativeTo: "/home/me")
    }
    #expect(error?.code == code)
    #expect(error?.description.contains("secret") != true)
  }
}
