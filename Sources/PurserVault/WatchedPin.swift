import Glibc
import Synchronization

/// A pin that is looked at for every token: its file is read again only where it may be another than the one last read.
///
/// A pin is replaced by renaming, which gives the path another file; whoever writes into the file in place changes its times,
/// and nobody can set the time of the last change of a file's status (`ctime`) to one of their choice. So as long as all of
/// that is as it was, so is the pin.
package final class WatchedPin: Sendable {
    package let file: PinFile
    private let last = Mutex<(mark: FileMark, pin: Pin)?>(nil)

    /// Coarser than the clock of any file system worth a pin, in nanoseconds.
    private let tick: Int64

    package convenience init(_ file: PinFile) {
        self.init(file, tick: 2_000_000_000)
    }

    init(_ file: PinFile, tick: Int64) {
        self.file = file
        self.tick = tick
    }

    /// What the file holds now; `nil` when this machine has not met the vault.
    package func read() throws -> Pin? {
        // Looked at before the file is read: one that comes in between has another mark the next time.
        guard let mark = FileMark(path: file.path) else { return try file.read() }
        if let last = last.withLock({ $0 }), last.mark == mark { return last.pin }
        // Two changes within one tick of the file system's clock leave one mark; asked before the file is read, for reading may
        // take any time.
        let isSettled = mark.isSettled(after: tick)
        let pin = try file.read()
        if let pin, isSettled { last.withLock { $0 = (mark, pin) } }
        return pin
    }
}

/// What tells a file from another one at the same path, and from itself after a change.
private struct FileMark: Equatable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let modified: Int64
    private let changed: Int64

    /// `nil` where there is no file, or it cannot be looked at.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Whether it was last changed long enough ago that another change would have another time.
    func isSettled(after tick: Int64) -> Bool {
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
        return changed + tick < Self.nanoseconds(now)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
