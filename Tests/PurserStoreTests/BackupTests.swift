import Foundation
import GRDB
import PurserCore
import PurserTestSupport
import Testing

@testable import PurserStore

/// A copy of the home, taken while others write.
struct BackupTests {
    /// An empty file, as the command makes one.
    private func emptyFile(_ books: SmallBooks) throws -> String {
        let path = books.home.path + "/copy-\(UUID())"
        try Data().write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `a copy holds everything as one state`() async throws {
        let books = try await SmallBooks()
        let claim = try await books.fixture.claim(books.fixture.order(books.member))
        try await books.fixture.settle(claim)
        let path = try emptyFile(books)
        let contents = try await books.store.backUp(to: path)
        #expect(contents.entries == 6)
        #expect(try await contents.heads == books.store.heads())
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        let other = TestHome()
        try FileManager.default.createDirectory(
            atPath: other.path,
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(atPath: path, toPath: other.database)
        let restored = try await other.open()
        #expect(try await restored.entries(EntryFilter()) == books.store.entries(EntryFilter()))
        #expect(try await restored.audit() == books.store.audit())
        #expect(try await restored.vaultImage() == books.store.vaultImage())
        #expect(
            try await restored.verify(at: LedgerFixture.start, checkpointMAC: nil).findings == []
        )
        try await restored.close()
        try await books.store.close()
    }

    @Test func `copies taken while work goes on are whole`() async throws {
        let books = try await SmallBooks()
        let fixture = books.fixture
        let worker = Task {
            var count = 0
            while !Task.isCancelled, count < 400 {
                let claim = try await fixture.claim(fixture.order(books.member))
                try await fixture.void(claim)
                count += 1
            }
        }
        for _ in 0..<8 { _ = try await books.store.backUp(to: try emptyFile(books)) }
        worker.cancel()
        try await worker.value
        #expect(try await fixture.findings() == [])
        try await books.store.close()
    }

    @Test func `a file that has something in it is not written over`() async throws {
        let books = try await SmallBooks()
        let path = try emptyFile(books)
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        await #expect(throws: StoreError.self) { _ = try await books.store.backUp(to: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
        try await books.store.close()
    }

    @Test func `a copy with a flipped byte is refused`() async throws {
        let books = try await SmallBooks()
        let path = try emptyFile(books)
        _ = try await books.store.backUp(to: path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // The first page's cell count.
        bytes[103] ^= 0xFF
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: (any Error).self) { _ = try SQLiteStore.inspectCopy(path) }
        try await books.store.close()
    }

    /// A database of the same vault as of earlier, lying by itself.
    private func earlierCopy(_ books: SmallBooks) async throws -> String {
        let path = try emptyFile(books)
        _ = try await books.store.backUp(to: path)
        let claim = try await books.fixture.claim(books.fixture.order(books.member))
        try await books.fixture.settle(claim)
        return path
    }

    @Test func `a database is put in place of another, which is kept whole`() async throws {
        let books = try await SmallBooks()
        let copy = try await earlierCopy(books)
        let later = try await books.store.entries(EntryFilter())
        try await books.store.close()
        let aside = books.home.path + "/aside"
        try SQLiteStore.replaceDatabase(of: books.home.path, with: copy, keeping: aside, seen: nil)
        #expect(!FileManager.default.fileExists(atPath: copy))
        #expect(try SQLiteStore.inspectCopy(aside).entries == later.count)
        let store = try await books.home.open()
        #expect(try await store.entries(EntryFilter()).count == 2)
        #expect(try await store.verify(at: LedgerFixture.start, checkpointMAC: nil).findings == [])
        try await store.close()
    }

    @Test func `nothing is replaced while another has the home open`() async throws {
        let books = try await SmallBooks()
        let copy = try await earlierCopy(books)
        let later = try await books.store.entries(EntryFilter())
        let aside = books.home.path + "/aside"
        #expect(throws: StoreError.self) {
            try SQLiteStore.replaceDatabase(
                of: books.home.path,
                with: copy,
                keeping: aside,
                seen: nil
            )
        }
        try await books.store.close()
        // A reader holds no instance's lock.
        let reader = try await books.home.open()
        #expect(try await reader.entries(EntryFilter()) == later)
        #expect {
            try SQLiteStore.replaceDatabase(
                of: books.home.path,
                with: copy,
                keeping: aside,
                seen: nil
            )
        } throws: { ($0 as? StoreError)?.kind == .locked }
        #expect(try await reader.entries(EntryFilter()) == later)
        #expect(!FileManager.default.fileExists(atPath: aside))
        try await reader.close()
    }

    @Test func `a damaged database is replaced, and kept as it is`() async throws {
        let books = try await SmallBooks()
        let copy = try await earlierCopy(books)
        try await books.store.close()
        // Its log would heal it.
        try FileManager.default.removeItem(atPath: books.home.database + "-wal")
        let garbage = Data(repeating: 7, count: 8192)
        try garbage.write(to: URL(fileURLWithPath: books.home.database))
        let aside = books.home.path + "/aside"
        try SQLiteStore.replaceDatabase(of: books.home.path, with: copy, keeping: aside, seen: nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == garbage)
        let store = try await books.home.open()
        #expect(try await store.entries(EntryFilter()).count == 2)
        try await store.close()
    }

    private func mark(_ store: SQLiteStore) async throws -> HomeMark {
        HomeMark(
            vault: try await store.vaultImage()?.state,
            heads: try await store.heads(),
            lastLine: try await store.audit(AuditFilter(limit: 1)).first
        )
    }

    @Test func `nothing is replaced that moved after it was looked at`() async throws {
        let books = try await SmallBooks()
        let copy = try await earlierCopy(books)
        let seen = try await mark(books.store)
        let record = AuditRecord(actor: Actor("other"), verb: "t", subject: "s", detail: "")
        try await books.store.recordAudit(record, at: LedgerFixture.start)
        let later = try await books.store.audit()
        let now = try await mark(books.store)
        try await books.store.close()
        let aside = books.home.path + "/aside"
        #expect {
            try SQLiteStore.replaceDatabase(
                of: books.home.path,
                with: copy,
                keeping: aside,
                seen: seen
            )
        } throws: { ($0 as? StoreError)?.kind == .conflict }
        #expect(!FileManager.default.fileExists(atPath: aside))
        let store = try await books.home.open()
        #expect(try await store.audit() == later)
        try await store.close()
        try SQLiteStore.replaceDatabase(of: books.home.path, with: copy, keeping: aside, seen: now)
    }
}
