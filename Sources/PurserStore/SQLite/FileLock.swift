import Glibc
import PurserCore

/// An exclusive lock on a file, held against other processes and other stores of this one.
///
/// It surrounds every transaction that writes and every checkpoint: libsqlite3 before 3.51.3 can
/// damage a write-ahead log when another connection checkpoints while one resets it.
final class FileLock: Sendable {
    let path: String
    private let descriptor: Int32

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
        let deadline = ContinuousClock.now + timeout
        var pause: UInt32 = 50
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw StoreError.io("\(path): \(systemErrorText())")
            }
            guard ContinuousClock.now < deadline else { throw StoreError.lockTimeout(path: path) }
            usleep(pause)
            pause = min(pause * 2, 2000)
        }
    }
}

/// The message of `errno`.
func systemErrorText() -> String {
    String(cString: strerror(errno))
}
