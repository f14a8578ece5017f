import Glibc
import PurserEngine

/// A child that runs `/bin/sh`, leader of a process group of its own.
struct ShellProcess: Sendable {
    /// Of the child, and of its group.
    let id: pid_t

    /// Starts `sh -c line sh arguments…`.
    ///
    /// `input` and `output` become its standard streams, else they are `/dev/null`, as standard error always is: what a
    /// command says there may be a token as well. Throws `TokenCommandError.notStarted`.
    init(
        _ line: String,
        arguments: [String] = [],
        environment: [String] = [],
        input: Int32? = nil,
        output: Int32? = nil
    ) throws(TokenCommandError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, own, mode) in [
            (0, input, O_RDONLY), (1, output, O_WRONLY), (2, nil, O_WRONLY),
        ] {
            if let own {
                posix_spawn_file_actions_adddup2(&actions, own, Int32(stream))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(stream), "/dev/null", mode, 0)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        Self.setGroupAndSignals(of: &attributes)
        let words = (["sh", "-c", line, "sh"] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, "/bin/sh", &actions, &attributes, words, variables)
        guard result == 0 else { throw Self.refusal(result) }
        id = process
    }

    private static func setGroupAndSignals(of attributes: inout posix_spawnattr_t) {
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
    }

    /// Its exit status, as a shell shows it (128 and the signal's number where a signal ended it); `nil` while it runs.
    ///
    /// Throws `TokenCommandError.notStarted` where the system knows of no such child, as when somebody else took it in.
    func status() throws(TokenCommandError) -> Int32? {
        var status: Int32 = 0
        switch waitpid(id, &status, WNOHANG) {
        case id: return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        case -1 where errno != EINTR: throw Self.refusal(errno)
        default: return nil
        }
    }

    /// Ends the whole group: a shell's own children must not go on without it.
    func kill() {
        Glibc.kill(-id, SIGKILL)
        wait()
    }

    /// Waits for its end.
    func wait() {
        var status: Int32 = 0
        while waitpid(id, &status, 0) == -1, errno == EINTR {}
    }

    static func refusal(_ code: Int32) -> TokenCommandError {
        .notStarted(String(cString: strerror(code)))
    }
}

/// Two ends of a pipe that no child inherits by itself.
struct PipeEnds {
    let reading: Int32
    let writing: Int32

    init() throws(TokenCommandError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ShellProcess.refusal(errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }
}
