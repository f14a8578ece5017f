import Glibc
import PurserCore

/// An exclusive lock on a file, held against other processes and other stores of this one.
///
/// It surrounds every transaction that writes and every checkpoint: libsqlite3 before 3.51.3 can
/// damage a write-ahead log when another connection checkpoints while one resets it.
///
/// Whoever wants it takes the turn first, a lock of its own on the file's first byte, and gives that back once it has
/// the file. Without it a process that writes without end takes the file again before any other has woken.
final class FileLock: Sendable {
    let path: String
    private let descriptor: Int32
    /// How long the turn is waited for: a process that was stopped while it had the turn must not stop all others.
    private static let patience = Duration.seconds(1)
    /// `F_OFD_SETLK`, which the C library's module leaves out.
    private static let setOpenFileLock: Int32 = 37

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError.io("\(path): \(systemErrorText())") }
    }

    deinit { close(descriptor) }

    /// Runs `body` under the lock; `StoreError.lockTimeout` when it is not free in time.
    func withLock<Value>(within timeout: Duration, _ body: () throws -> Value) throws -> Value {
        try acquire(within: timeout)
        defer { _ = flock(descriptor, LOCK_UN) }
        return try body()
    }

    private func acquire(within timeout: Duration) throws {
        let begun = ContinuousClock.now
        var hasTurn = setTurn(F_WRLCK)
        defer { if hasTurn { _ = setTurn(F_UNLCK) } }
        // Who has waited for long looks more often than who has just come.
        var pause: UInt32 = 2000
        while true {
            let waited = ContinuousClock.now - begun
            if hasTurn || waited >= min(Self.patience, timeout), try takeFile() { return }
            guard waited < timeout else { throw StoreError.lockTimeout(path: path) }
            usleep(hasTurn ? 100 : pause)
            pause = max(pause * 9 / 10, 500)
            hasTurn = hasTurn || setTurn(F_WRLCK)
        }
    }

    private func takeFile() throws -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK || errno == EINTR else {
            throw StoreError.io("\(path): \(systemErrorText())")
        }
        return false
    }

    /// Takes the turn or gives it back; whether it could be had.
    private func setTurn(_ kind: Int32) -> Bool {
        var range = Glibc.flock()
        range.l_type = Int16(kind)
        range.l_whence = Int16(SEEK_SET)
        range.l_len = 1
        return withUnsafeMutablePointer(to: &range) {
            fcntl(descriptor, Self.setOpenFileLock, $0)
        } == 0
    }
}

/// The message of `errno`.
func systemErrorText() -> String {
    String(cString: strerror(errno))
}
