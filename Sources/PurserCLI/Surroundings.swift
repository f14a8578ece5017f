import FoundationEssentials
import Glibc
import PurserCore

/// What a command meets of the world outside: the environment, the streams, the clock.
///
/// The live ones are this process's own; tests bind others for the time of a call, so that no test touches the
/// process environment.
struct Surroundings: Sendable {
    let environment: Environment
    let console: @Sendable (_ isQuiet: Bool) -> Console
    /// The descriptor that `--token-stdin` reads.
    let standardInput: Int32
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async throws -> Void
    /// Who acts, for the audit trail.
    let actor: Actor

    @TaskLocal static var current = live(.process)

    static func live(_ environment: Environment) -> Surroundings {
        Surroundings(
            environment: environment,
            console: { Console.live(environment: environment, isQuiet: $0) },
            standardInput: STDIN_FILENO,
            now: { .now },
            sleep: { try await Task.sleep(for: $0) },
            actor: Actor("cli:\(userName(environment))")
        )
    }

    /// The user the process runs as; a number where no name is known.
    ///
    /// The environment is no proof of it.
    private static func userName(_ environment: Environment) -> String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else {
            return String(geteuid())
        }
        return String(cString: name)
    }
}

extension Timestamp {
    /// The wall clock's time; the edge's only reading of it.
    static var now: Timestamp {
        // A double carries milliseconds exactly for longer than this program will run.
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
