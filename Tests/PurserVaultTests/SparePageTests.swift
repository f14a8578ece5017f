import PurserCore
import Testing

@testable import PurserVault

/// Pages of secrets are used again, and nothing of the secret before is left in them.
@Suite(.serialized)
struct SparePageTests {
    @Test func `a page is wiped before it is kept`() throws {
        var address: UInt = 0
        do {
            let marked = try secret("a marked secret")
            address = marked.withBytes { UInt(bitPattern: $0.baseAddress) }
        }
        // Other tests take and keep pages meanwhile: one that holds a secret of theirs is none of ours.
        let marked = Array("a marked secret".utf8)
        for page in try Self.takenPages(10) where page == address {
            let bytes = UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: page),
                count: marked.count
            )
            #expect(!bytes.elementsEqual(marked))
        }
    }

    /// Each of so many secrets lies on the page before it is given back again.
    private static func takenPages(_ count: Int) throws -> [UInt] {
        try (0..<count).map { _ in
            try Secret(capacity: 8) { buffer in
                #expect(buffer.allSatisfy { $0 == 0 }, "what was there before shows")
                return 8
            }.withBytes { UInt(bitPattern: $0.baseAddress) }
        }
    }

    @Test func `secrets that live together never share a page`() throws {
        func nested(_ depth: Int, _ pages: Set<UInt>) throws {
            guard depth > 0 else { return }
            let secret = try Secret(copying: [UInt8](repeating: UInt8(depth), count: 64))
            let page = secret.withBytes { UInt(bitPattern: $0.baseAddress) }
            #expect(!pages.contains(page))
            try nested(depth - 1, pages.union([page]))
            let isUntouched = secret.withBytes { $0.allSatisfy { $0 == UInt8(depth) } }
            #expect(isUntouched)
        }
        for _ in 0..<3 { try nested(3 * SparePages.limit, []) }
    }

    @Test func `no more pages are kept than the limit, and none of a large secret`() async throws {
        try await withThrowingTaskGroup { group in
            for count in 1...64 {
                group.addTask {
                    for _ in 0..<50 {
                        let large = try Secret(capacity: SparePages.size + count) { $0.count }
                        let small = try Secret(copying: [UInt8](repeating: 7, count: count))
                        let isRight = small.withBytes { $0.allSatisfy { $0 == 7 } }
                        let size = large.count
                        #expect(isRight && size == SparePages.size + count)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(SparePages.count <= SparePages.limit)
    }

    @Test func `pages are given back where locked memory is short`() throws {
        _ = try Secret(copying: [1])
        _ = SparePages.giveBack()
        let isRight = try Secret(copying: [2]).withBytes { $0.elementsEqual([2]) }
        #expect(isRight)
    }

    @Test func `a page that is given back twice ends the process`() async {
        await #expect(processExitsWith: .failure) {
            guard let page = SparePages.take() ?? Self.onePage() else { return }
            _ = SparePages.keep(page)
            _ = SparePages.keep(page)
        }
    }

    @Test func `a page that is written to after it was given back ends the process`() async {
        await #expect(processExitsWith: .failure) {
            guard let page = SparePages.take() ?? Self.onePage() else { return }
            _ = SparePages.keep(page)
            UnsafeMutableRawPointer(bitPattern: page)?.storeBytes(of: 1, as: UInt8.self)
            _ = SparePages.take()
        }
    }

    private static func onePage() -> UInt? {
        _ = try? Secret(copying: [1])
        return SparePages.take()
    }
}
