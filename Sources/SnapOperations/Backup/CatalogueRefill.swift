// SPDX-License-Identifier: Apache-2.0

import SnapCatalogue
import SnapFormat
import SnapRepository

/// Fills the catalogue from a snapshot's tree: after a lost cache, or on a computer that took over.
struct CatalogueRefill {
  let repository: Repository
  let catalogue: Catalogue

  func run(_ root: TreeRoot) async throws {
    let reader = BlobReader(repository)
    var tree = TreeReader(root, reader: reader)
    var rows = catalogue.writer()
    while var entry = try await tree.next() {
      // One without ctime was racy: it is read again.
      guard entry.ctime != nil else { continue }
      entry.content = try await reader.flattened(entry.content)
      let links: UInt32 = entry.hardlink.isEmpty ? 1 : 2
      rows.put(CataloguedEntry(entry: entry, identity: nil, links: links))
    }
    rows.finish()
  }
}
