import Glibc
import PurserCore
import PurserEngine
import PurserVault
import Synchronization

/// Runs a token-command: `/bin/sh -c` in a process group of its own, which a time limit ends.
///
/// What it prints goes from the pipe into locked memory; what it says on standard error goes nowhere, for it may be the
/// token as well.
struct TokenCommandRunner: Sendable {
    /// `NAME=value`, all that the command gets.
    let environment: [String]
    let limit: Duration

    /// More than a token with its JSON around it needs; less than a pipe holds, so nobody must read while it runs.
    private static let longestOutput = 16 << 10

    @Sendable func run(_ command: String) async throws -> PrintedToken {
        let started = ContinuousClock.now
        let child = try Self.starting.withLock { _ in try start(command) }
        defer { close(child.output) }
        var pause = Duration.milliseconds(1)
        while true {
            var status: Int32 = 0
            if waitpid(child.process, &status, WNOHANG) == child.process {
                let code = Self.code(of: status)
                guard code == 0 else {
                    throw TokenCommandError.failed(status: code, after: started.duration(to: .now))
                }
                return try Self.token(from: child.output)
            }
            do {
                let span = started.duration(to: .now)
                if span > limit { throw TokenCommandError.timedOut(after: span) }
                if Self.waiting(in: child.output) > Self.longestOutput {
                    throw TokenCommandError.tooLong(limit: Self.longestOutput)
                }
                try await Task.sleep(for: pause)
            } catch {
                // The whole group: a shell's own children must not go on without it.
                kill(-child.process, SIGKILL)
                waitpid(child.process, &status, 0)
                throw error
            }
            pause = min(pause * 2, .milliseconds(20))
        }
    }

    /// One at a time: a command that another task starts must not inherit a pipe which is not closed on exec yet.
    private static let starting = Mutex(())

    private func start(_ command: String) throws -> (process: pid_t, output: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Self.refusal(errno) }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // Purser ignores it, and what is ignored stays so across an exec.
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        // A relative path would be another file in each folder that purser is called from.
        let line = ["sh", "-c", "cd / || exit\n" + command]
        let words = line.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let result = posix_spawn(
            &process,
            "/bin/sh",
            &actions,
            &attributes,
            words,
            variables
        )
        guard result == 0 else {
            close(ends[0])
            throw Self.refusal(result)
        }
        return (process, ends[0])
    }

    private static func refusal(_ code: Int32) -> TokenCommandError {
        .notStarted(String(cString: strerror(code)))
    }

    /// As a shell shows it: 128 and the signal's number where a signal ended it.
    private static func code(of status: Int32) -> Int32 {
        status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    private static func waiting(in pipe: Int32) -> Int {
        var count: Int32 = 0
        return ioctl(pipe, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// All that is there: a child that the command left behind may keep the other end open.
    private static func token(from pipe: Int32) throws -> PrintedToken {
        let output = try Secret(capacity: longestOutput + 1) { buffer in
            var count = 0
            while count < buffer.count {
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                let length = read(pipe, room.baseAddress, room.count)
                if length < 0, errno == EINTR { continue }
                if length <= 0 { break }
                count += length
            }
            return count
        }
        guard output.count <= longestOutput else {
            throw TokenCommandError.tooLong(limit: longestOutput)
        }
        return try TokenOutput.read(output)
    }
}
