import Glibc
import PurserCore
import PurserEngine
import PurserVault
import Synchronization

/// Runs a token-command: `/bin/sh -c` in a process group of its own, which a time limit ends, and the end of purser
/// does too, however it comes.
///
/// What it prints goes from the pipe into locked memory.
struct TokenCommandRunner: Sendable {
    /// `NAME=value`, all that the command gets.
    let environment: [String]
    let limit: Duration

    /// More than a token with its JSON around it needs; less than a pipe holds, so nobody must read while it runs.
    private static let longestOutput = 16 << 10

    @Sendable func run(_ command: String) async throws -> PrintedToken {
        let started = ContinuousClock.now
        let child = try Self.starting.withLock { _ in try start(command) }
        defer {
            close(child.output)
            child.guardian.dismiss()
        }
        var pause = Duration.milliseconds(1)
        while true {
            if let status = try child.process.status() {
                guard status == 0 else {
                    throw TokenCommandError.failed(
                        status: status,
                        after: started.duration(to: .now)
                    )
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
                child.process.kill()
                throw error
            }
            pause = min(pause * 2, .milliseconds(20))
        }
    }

    /// One at a time: a command that another task starts must not inherit a pipe which is not closed on exec yet.
    private static let starting = Mutex(())

    private struct Child {
        let process: ShellProcess
        let output: Int32
        let guardian: Guardian
    }

    private func start(_ command: String) throws -> Child {
        let pipe = try PipeEnds()
        defer { close(pipe.writing) }
        do {
            _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
            // A relative path would be another file in each folder that purser is called from.
            let process = try ShellProcess(
                "cd / || exit\n" + command,
                environment: environment,
                output: pipe.writing
            )
            do {
                let guardian = try Guardian(of: process)
                return Child(process: process, output: pipe.reading, guardian: guardian)
            } catch {
                process.kill()
                throw error
            }
        } catch {
            close(pipe.reading)
            throw error
        }
    }

    /// Ends a command's group when this process is gone, also where no handler runs any more.
    ///
    /// It waits at a pipe whose other end only this process holds.
    private struct Guardian {
        private let process: ShellProcess
        private let lifeline: Int32

        init(of command: ShellProcess) throws {
            let pipe = try PipeEnds()
            defer { close(pipe.reading) }
            do {
                process = try ShellProcess(
                    "read -r _ || kill -s KILL -- -\"$1\"",
                    arguments: ["\(command.id)"],
                    input: pipe.reading
                )
            } catch {
                close(pipe.writing)
                throw error
            }
            lifeline = pipe.writing
        }

        /// The command has ended.
        func dismiss() {
            _ = write(lifeline, "\n", 1)
            close(lifeline)
            process.wait()
        }
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
