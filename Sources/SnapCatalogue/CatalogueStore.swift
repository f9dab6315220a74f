// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import GRDB

/// The only file that talks to SQLite. Rows are opaque here: a key and a value.
final class CatalogueStore: Sendable {
  private static let applicationID = 0x736E_6170
  private static let schemaVersion = 1
  /// A catalogue in memory holds at most 64 MiB; what does not fit is not remembered.
  private static let memoryPageMax = 16_384

  private let database: any DatabaseWriter
  private let file: StoreFile?

  /// A change of one row; without a value the row goes away.
  struct Change: Sendable {
    let key: [UInt8]
    let value: [UInt8]?
  }

  private struct NotOurs: Error {}

  private init(_ database: any DatabaseWriter, _ file: StoreFile?) {
    self.database = database
    self.file = file
  }

  deinit {
    // Before the lock file's descriptor goes.
    try? database.close()
  }

  var isOnDisk: Bool { file != nil }

  // MARK: Opening

  /// Opens the file at `path`, new if it is damaged or not ours; in memory if that does not work.
  ///
  /// Nil only when not even memory can be had.
  static func open(_ path: String?, seconds: Double) -> CatalogueStore? {
    if let path, let store = onDisk(path, seconds) { return store }
    return try? inMemory()
  }

  private static func onDisk(_ path: String, _ seconds: Double) -> CatalogueStore? {
    guard let file = StoreFile.open(path, seconds: seconds) else { return nil }
    guard file.isAlone else { return try? CatalogueStore(pool(path, seconds), file) }
    defer { file.share(seconds: seconds) }
    if file.isCondemned { file.removeDatabase() }
    do {
      file.createPrivate()
      return CatalogueStore(try pool(path, seconds), file)
    } catch let error as DatabaseError where error.isBusy {
      return nil
    } catch {
      file.removeDatabase()
      file.createPrivate()
      return try? CatalogueStore(pool(path, seconds), file)
    }
  }

  private static func pool(_ path: String, _ seconds: Double) throws -> DatabasePool {
    var settings = Configuration()
    settings.label = "catalogue"
    settings.busyMode = .timeout(seconds)
    settings.maximumReaderCount = 1
    settings.foreignKeysEnabled = false
    settings.prepareDatabase { database in
      // No mmap_size: a file that another process cuts would kill this one.
      try database.execute(
        sql: """
          PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = OFF;
          PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432;
          """)
    }
    let pool = try DatabasePool(path: path, configuration: settings)
    do {
      try pool.write(prepare)
    } catch {
      try? pool.close()
      throw error
    }
    return pool
  }

  private static func inMemory() throws -> CatalogueStore {
    let queue = try DatabaseQueue()
    try queue.write { database in
      try prepare(database)
      try database.execute(sql: "PRAGMA max_page_count = \(memoryPageMax)")
    }
    return CatalogueStore(queue, nil)
  }

  /// Makes the tables in an empty database; checks that they are ours in another.
  private static func prepare(_ database: Database) throws {
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version")
    let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
    if try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0, version == 0 {
      try database.execute(
        sql: """
          CREATE TABLE entry (key BLOB PRIMARY KEY, value BLOB NOT NULL)
            STRICT, WITHOUT ROWID;
          CREATE TABLE origin (roots BLOB PRIMARY KEY, snapshot TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
          PRAGMA application_id = \(applicationID);
          PRAGMA user_version = \(schemaVersion);
          """)
    } else {
      guard version == schemaVersion, application == applicationID else { throw NotOurs() }
    }
    _ = try database.makeStatement(sql: "SELECT roots, snapshot FROM origin")
    _ = try Row.fetchOne(database, sql: "SELECT key, value FROM entry LIMIT 1")
  }

  // MARK: Reading

  /// Rows as they are now, whatever is written later.
  func snapshot() -> Snapshot? {
    do {
      if let pool = database as? DatabasePool {
        return Snapshot(reader: try pool.makeSnapshot(), store: self)
      }
      // Memory has no write-ahead log: a copy takes its place.
      let copy = try DatabaseQueue()
      try database.backup(to: copy)
      return Snapshot(reader: copy, store: self)
    } catch {
      note(error)
      return nil
    }
  }

  /// An unchanging view; releases its hold on the write-ahead log when it goes.
  final class Snapshot: Sendable {
    private let reader: any DatabaseReader
    private let store: CatalogueStore

    fileprivate init(reader: any DatabaseReader, store: CatalogueStore) {
      self.reader = reader
      self.store = store
    }

    /// The first rows of `range`: at most ``RowBatch/countMax``, and not much more than
    /// ``RowBatch/byteCountMax`` bytes.
    func rows(_ range: KeyRange) -> RowBatch {
      var batch = RowBatch()
      do {
        try reader.read { try CatalogueStore.fill(&batch, range, $0) }
      } catch {
        store.note(error)
        batch.isLast = true
      }
      return batch
    }
  }

  private static func fill(
    _ batch: inout RowBatch, _ range: KeyRange, _ database: Database
  ) throws {
    let statement = try database.cachedStatement(
      sql: "SELECT key, value FROM entry WHERE key >= ? AND key < ? ORDER BY key LIMIT ?")
    let rows = try Row.fetchCursor(
      statement, arguments: [Data(range.lower), Data(range.upper), RowBatch.countMax])
    while let row = try rows.next() {
      try row.withUnsafeData(atIndex: 0) { batch.appendKey($0 ?? Data()) }
      try row.withUnsafeData(atIndex: 1) { batch.appendValue($0 ?? Data()) }
      if batch.isFull { return }
    }
    batch.isLast = true
  }

  func isEmpty(_ ranges: [KeyRange]) -> Bool {
    do {
      return try database.read { database in
        for range in ranges {
          let row = try Row.fetchOne(
            database, sql: "SELECT 1 FROM entry WHERE key >= ? AND key < ? LIMIT 1",
            arguments: [Data(range.lower), Data(range.upper)])
          if row != nil { return false }
        }
        return true
      }
    } catch {
      note(error)
      return true
    }
  }

  // MARK: Writing

  /// Applies `changes` in their order, all or none; says whether that worked.
  func apply(_ changes: [Change]) -> Bool {
    guard !changes.isEmpty else { return true }
    return write { database in
      let put = try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO entry (key, value) VALUES (?, ?)")
      let remove = try database.cachedStatement(sql: "DELETE FROM entry WHERE key = ?")
      for change in changes {
        if let value = change.value {
          try put.execute(arguments: [Data(change.key), Data(value)])
        } else {
          try remove.execute(arguments: [Data(change.key)])
        }
      }
    }
  }

  /// Removes all rows of `ranges`; says whether that worked.
  func remove(_ ranges: [KeyRange]) -> Bool {
    write { database in
      for range in ranges {
        try database.execute(
          sql: "DELETE FROM entry WHERE key >= ? AND key < ?",
          arguments: [Data(range.lower), Data(range.upper)])
      }
    }
  }

  func origin(of roots: [UInt8]) -> String? {
    do {
      return try database.read { database in
        try String.fetchOne(
          database, sql: "SELECT snapshot FROM origin WHERE roots = ?", arguments: [Data(roots)])
      }
    } catch {
      note(error)
      return nil
    }
  }

  func setOrigin(_ snapshot: String?, of roots: [UInt8]) {
    _ = write { database in
      try database.execute(sql: "DELETE FROM origin WHERE roots = ?", arguments: [Data(roots)])
      guard let snapshot else { return }
      try database.execute(
        sql: "INSERT INTO origin (roots, snapshot) VALUES (?, ?)",
        arguments: [Data(roots), snapshot])
    }
  }

  private func write(_ body: (Database) throws -> Void) -> Bool {
    do {
      try database.write(body)
      return true
    } catch {
      note(error)
      return false
    }
  }

  /// Lets the next run begin anew if `error` says that the file is damaged.
  private func note(_ error: any Error) {
    guard let error = error as? DatabaseError, error.isDamage else { return }
    file?.condemn()
  }

  /// The same for damage that SQLite did not see.
  func noteDamage() { file?.condemn() }
}

extension DatabaseError {
  fileprivate var isBusy: Bool {
    [.SQLITE_BUSY, .SQLITE_LOCKED].contains(resultCode.primaryResultCode)
  }

  fileprivate var isDamage: Bool {
    [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(resultCode.primaryResultCode)
  }
}
