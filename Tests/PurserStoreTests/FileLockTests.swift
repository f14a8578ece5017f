import Foundation
import PurserCore
import Synchronization
import Testing

@testable import PurserStore

/// How those who want the lock of a home take turns.
struct FileLockTests {
    /// A folder that a lock may lie in.
    private func folder() throws -> TestHome {
        let home = TestHome()
        try FileManager.default.createDirectory(
            atPath: home.path,
            withIntermediateDirectories: false
        )
        return home
    }

    private final class Greed: Sendable {
        let isOver = Atomic(false)
        let taken = Atomic(0)
    }

    @Test func `who takes the lock without end lets another in`() async throws {
        let home = try folder()
        let other = try FileLock(path: home.path + "/lock")
        let greedy = try FileLock(path: home.path + "/lock")
        let greed = Greed()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !greed.isOver.load(ordering: .relaxed) {
                    try greedy.withLock(within: .seconds(10)) { _ = usleep(1000) }
                    greed.taken.add(1, ordering: .relaxed)
                }
            }
            group.addTask {
                defer { greed.isOver.store(true, ordering: .relaxed) }
                while greed.taken.load(ordering: .relaxed) == 0 { usleep(100) }
                let passed = try (0..<20).map { _ in
                    let before = greed.taken.load(ordering: .relaxed)
                    try other.withLock(within: .seconds(10)) {}
                    return greed.taken.load(ordering: .relaxed) - before
                }
                // One that was held already, and now and then one that came in between; thousands without turns.
                #expect(passed.reduce(0, +) <= 100)
            }
            try await group.waitForAll()
        }
    }

    @Test func `a turn that is never given back is passed over`() async throws {
        let home = try folder()
        let path = home.path + "/lock"
        let lock = try FileLock(path: path)
        let stopped = open(path, O_RDWR | O_CLOEXEC)
        defer { close(stopped) }
        var turn = flock()
        turn.l_type = Int16(F_WRLCK)
        turn.l_len = 1
        // F_OFD_SETLK
        #expect(withUnsafeMutablePointer(to: &turn) { fcntl(stopped, 37, $0) } == 0)
        let begun = ContinuousClock.now
        try lock.withLock(within: .milliseconds(50)) {}
        // It was waited for as long as the caller allowed.
        #expect(ContinuousClock.now - begun >= .milliseconds(50))
    }
}
