// SPDX-License-Identifier: Apache-2.0

import SnapFiles
import SnapFormat

/// The names of all owners and groups of a snapshot.
struct OwnerTable {
  private var users = Set<UInt32>()
  private var groups = Set<UInt32>()
  private var lastUser: UInt32?
  private var lastGroup: UInt32?

  mutating func see(_ entry: Entry) {
    if entry.uid != lastUser {
      lastUser = entry.uid
      users.insert(entry.uid)
    }
    if entry.gid != lastGroup {
      lastGroup = entry.gid
      groups.insert(entry.gid)
    }
  }

  func names() -> [Snapshot.Owner] {
    let names = OwnerNames.self
    let people = users.sorted().compactMap { number in
      names.user(number).map { Snapshot.Owner(isGroup: false, number: number, name: $0) }
    }
    let sets = groups.sorted().compactMap { number in
      names.group(number).map { Snapshot.Owner(isGroup: true, number: number, name: $0) }
    }
    return people + sets
  }
}
