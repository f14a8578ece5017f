import Glibc

/// What the disk takes to make a commit durable: an append as large as a claim's to a log, and its flush.
final class FlushCost {
    /// What a claim, and likewise a settlement, appends to the write-ahead log when it commits alone.
    private static let pages = 12
    private static let bytes = pages * 4120

    private let file: Int32

    init(in scratch: ScratchFolder) throws {
        let path = scratch.path + "/flushes"
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else {
            throw BenchmarkError("\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(file) }

    /// Microseconds each, the middle of `count`.
    func measure(_ count: Int = 50) throws -> Double {
        let page = [UInt8](repeating: 0x5A, count: Self.bytes)
        var took: [Double] = []
        for _ in 0..<count {
            let begun = ContinuousClock.now
            guard write(file, page, page.count) == page.count, fdatasync(file) == 0 else {
                throw BenchmarkError(
                    "the log cannot be flushed: \(String(cString: strerror(errno)))"
                )
            }
            took.append((ContinuousClock.now - begun).microseconds)
        }
        return took.median
    }
}
