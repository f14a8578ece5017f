import Glibc
import PurserCore
import PurserEngine

/// Keeps two processes from running one account's token-command at once.
///
/// One byte of a file stands for an account. The kernel gives the lock up when its holder ends, however it ends.
struct TokenCommandLock: Sendable {
    let path: String
    /// How long to wait for somebody else: longer than a command may take.
    let patience: Duration

    func alone(_ account: AccountID, _ body: () async throws -> Void) async throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw ConsoleError.unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(file) }
        let deadline = ContinuousClock.now + patience
        while !Self.lock(file, at: off_t(account.high >> 2)) {
            guard ContinuousClock.now < deadline else { throw TokenCommandError.busy }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body()
    }

    /// `F_OFD_SETLK`, which the C library's module leaves out.
    private static let setOpenFileLock: Int32 = 37

    /// By open file, not by process: two tasks of one process exclude each other too.
    private static func lock(_ file: Int32, at byte: off_t) -> Bool {
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = byte
        range.l_len = 1
        return withUnsafeMutablePointer(to: &range) { fcntl(file, setOpenFileLock, $0) } == 0
    }
}
