import Foundation
import GRDB
import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

struct OpeningTests {
    @Test func `folders and files are the owner's alone`() async throws {
        let home = TestHome()
        let store = try await home.open()
        func mode(_ path: String) throws -> Int? {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode(home.path) == 0o700)
        #expect(try mode(home.path + "/instances") == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try mode(home.database + suffix) == 0o600)
        }
        try await store.close()
    }

    @Test func `writer and readers run with the settings of the file's rules`() async throws {
        let home = TestHome()
        let store = try await home.open()
        let expected = [
            "synchronous": "2", "wal_autocheckpoint": "0", "foreign_keys": "1",
            "secure_delete": "1", "cell_size_check": "1", "mmap_size": "0", "temp_store": "2",
            "trusted_schema": "0", "journal_mode": "wal", "recursive_triggers": "1",
            "busy_timeout": "5000",
        ]
        @Sendable func settings(_ database: Database) throws -> [String: String] {
            try expected.keys.reduce(into: [:]) {
                $0[$1] = try String.fetchOne(database, sql: "PRAGMA \($1)")
            }
        }
        #expect(try await store.pool.writeWithoutTransaction(settings) == expected)
        var reader = expected
        let found = try await store.pool.read(settings)
        reader["busy_timeout"] = found["busy_timeout"]
        #expect(found == reader)
        // DEFENSIVE: the schema table cannot be written.
        #expect(throws: DatabaseError.self) {
            try store.pool.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema")
            }
        }
        try await store.close()
    }

    @Test func `a home of the first version keeps its rests and takes new ones`() async throws {
        let home = TestHome()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let old = try DatabaseQueue(path: home.database)
        let ledgerAccount = LedgerAccountID.credits(AccountID(high: 0, low: 0))
        try await old.write { database in
            try database.execute(sql: Schema1.tables + Schema1.ledger + Schema1.vault)
            try database.execute(
                sql: """
                    INSERT INTO account (id, created_at_ms, name, tier, state, state_reason,
                        max_in_flight, reserve, tags, credential_version, revision)
                    VALUES (zeroblob(16), 0, 'a', 'ultra', 'enabled', '', 4, 0, '', 1, 1);
                    INSERT INTO rest VALUES (zeroblob(16), '', 'throttled', 60000, 2);
                    INSERT INTO rest VALUES (zeroblob(16), '', 'out_of_credits', 90000, 1);
                    INSERT INTO ledger_account (name, kind, owner)
                        VALUES ('\(ledgerAccount.name)', 'credits', zeroblob(16));
                    INSERT INTO ledger_entry (ledger_account, seq, op_id, kind, d_posted, d_held,
                        posted, held, at_ms, detail, prev_hash, hash)
                        VALUES (1, 1, zeroblob(16), 'open', 5, 0, 5, 0, 7000, '', zeroblob(32),
                        randomblob(32));
                    PRAGMA application_id = \(ConnectionSettings.applicationID);
                    PRAGMA user_version = 1;
                    """
            )
        }
        try old.close()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: home.database
        )

        let store = try await home.open()
        let candidate = try #require(try await store.accounts().first?.candidate)
        let minute = Timestamp(milliseconds: 60_000)
        #expect(candidate.rests.map(\.until) == [minute, minute + .seconds(30)])
        // What the refused work cost is not known, which is not nothing.
        #expect(candidate.rests.map(\.price.amount) == [0, 1])
        #expect(candidate.comeback(at: minute)?.width == 1)
        // Nor when its books were quiet: the day without a quiet point begins with the last entry.
        let quietAt = try await store.read {
            try $0.first("SELECT quiet_at_ms FROM account") { $0.optionalInt(0) }
        }
        #expect(quietAt == 7000)
        let id = candidate.account.id
        let version = candidate.account.credentialVersion
        for second in [0, 120] {
            let isOut = try await store.suspect(
                id,
                .paused(reason: "x"),
                version: version,
                by: Actor("test"),
                at: minute + .seconds(second)
            )
            #expect(isOut == (second == 120))
        }
        try await store.close()
    }

    @Test func `what was written is there after reopening`() async throws {
        let home = TestHome()
        let first = try await home.open()
        let fixture = LedgerFixture(first)
        try await fixture.createVault()
        _ = try await fixture.addAccount("a")
        try await first.close()
        let second = try await home.open()
        #expect(try await second.accounts().map(\.account.name) == ["a"])
        try await second.close()
        await #expect(throws: StoreError.self) {
            _ = try await second.sweep(at: LedgerFixture.start)
        }
    }

    @Test func `a database of another program is refused and left alone`() async throws {
        let home = TestHome()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: true
        )
        let foreign = try DatabaseQueue(path: home.database)
        try await foreign.write { try $0.execute(sql: "CREATE TABLE notes (text TEXT)") }
        try foreign.close()
        let before = FileManager.default.contents(atPath: home.database)
        let error = await #expect(throws: StoreError.self) { _ = try await home.open() }
        #expect(error?.kind == .notAVault)
        #expect(FileManager.default.contents(atPath: home.database) == before)
    }

    @Test func `a file that is no database is damaged`() async throws {
        let home = TestHome()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: true
        )
        try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: home.database))
        let error = await #expect(throws: StoreError.self) { _ = try await home.open() }
        #expect(error?.kind == .damaged)
    }

    @Test func `a damaged file is refused with its log left as it is`() async throws {
        // The log holds no first page.
        let home = try await home(
            amid: """
                PRAGMA journal_mode = WAL; CREATE TABLE note (text); INSERT INTO note VALUES ('a');
                PRAGMA wal_checkpoint (TRUNCATE); UPDATE note SET text = 'b'
                """,
            with: "-wal"
        )
        var bytes = try #require(FileManager.default.contents(atPath: home.database))
        bytes.replaceSubrange(0..<4096, with: Data(repeating: 7, count: 4096))
        try bytes.write(to: URL(fileURLWithPath: home.database))
        let log = FileManager.default.contents(atPath: home.database + "-wal")
        #expect(log?.isEmpty == false)
        let error = await #expect(throws: StoreError.self) { _ = try await home.open() }
        #expect(error?.kind == .damaged)
        #expect(FileManager.default.contents(atPath: home.database) == bytes)
        #expect(FileManager.default.contents(atPath: home.database + "-wal") == log)
    }

    @Test func `a home whose making was cut short by a power cut can be opened`() async throws {
        // So little room that half of it is written to the file before the commit.
        let home = try await home(
            amid: """
                PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (done);
                INSERT INTO half VALUES (zeroblob(200000))
                """,
            with: "-journal"
        )
        let store = try await home.open()
        #expect(try await store.accounts().isEmpty)
        try await store.close()
    }

    /// A home of the database and the file beside it as they are after `statements`, while their connection is open.
    private func home(amid statements: String, with suffix: String) async throws -> TestHome {
        let (making, home) = (TestHome(), TestHome())
        for folder in [making.path, home.path] {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        }
        let queue = try DatabaseQueue(path: making.database)
        try await queue.writeWithoutTransaction { database in
            try database.execute(sql: statements)
            for suffix in ["", suffix] {
                try FileManager.default.copyItem(
                    atPath: making.database + suffix,
                    toPath: home.database + suffix
                )
            }
            if database.isInsideTransaction { try database.execute(sql: "ROLLBACK") }
        }
        try queue.close()
        return home
    }

    @Test func `a later schema is refused and left alone`() async throws {
        let home = TestHome()
        try await home.open().close()
        try home.tamper("PRAGMA user_version = 99", withoutTriggers: false)
        let before = FileManager.default.contents(atPath: home.database)
        let error = await #expect(throws: StoreError.self) { _ = try await home.open() }
        #expect(error?.kind == .newerVersion)
        #expect(FileManager.default.contents(atPath: home.database) == before)
    }

    @Test func `a lock that is not given up ends in an error, not in waiting`() async throws {
        let books = try await SmallBooks { $0.lockTimeout = .milliseconds(50) }
        let other = try FileLock(path: books.home.database + ".lock")
        let error = await failureUnder(other, books)
        #expect(error?.kind == .locked)
        // Nothing is broken: the next write goes through.
        #expect(try await books.store.sweep(at: LedgerFixture.start) == 0)
        try await books.store.close()
    }

    /// What a write fails with while `lock` is held by a thread of its own.
    private func failureUnder(_ lock: FileLock, _ books: SmallBooks) async -> StoreError? {
        let release = DispatchSemaphore(value: 0)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                try? lock.withLock(within: .seconds(1)) {
                    continuation.resume()
                    release.wait()
                }
            }
        }
        defer { release.signal() }
        do {
            _ = try await books.store.sweep(at: LedgerFixture.start)
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test func `the write-ahead log is emptied when it has grown`() async throws {
        let books = try await SmallBooks { $0.checkpointAbove = 100_000 }
        for _ in 0..<40 {
            let claim = try await books.fixture.claim(books.fixture.order(books.member))
            try await books.fixture.void(claim)
        }
        #expect(Checkpoint.logSize(of: books.home.database) < 250_000)
        #expect(try await books.fixture.findings() == [])
        try await books.store.close()
    }
}
