import CStorageProbe
import PurserCore
import PurserStore

/// A home's life as its disk saw it: every change, and what the books were after each operation.
struct Recording {
    /// The content after operation n; n counts from 0, the empty home.
    let states: [Content]
    let key: [UInt8]
    let events: Int
    /// Folders that were made and not flushed: their names may be gone after a power cut.
    let unflushed: [String]

    /// Runs `rounds` times what people and programs do with a home, noting it all.
    ///
    /// A mark is set when an operation was acknowledged, no sooner.
    static func make(rounds: Int, seed: UInt64) async throws -> Recording {
        let scratch = try Scratch(in: Scratch.memory)
        let home = "\(scratch.path)/new/home"
        probe_forget()
        probe_watch(home)
        probe_record(1)
        defer {
            probe_record(0)
            probe_watch(nil)
        }
        // Closing the store would be an operation of its own, so that each state is read beside it.
        let store = try await SQLiteStore.open(
            home: home,
            options: Household.options { $0.checkpointAbove = 60_000 }
        )
        var recording = Recorder(home: home)
        try recording.acknowledge()
        var (household, key) = try await Household.create(in: store, seed: seed)
        try recording.acknowledge()
        try await household.addMember("ada", budget: 10_000)
        try recording.acknowledge()
        for round in 0..<rounds {
            try await live(&household, round, &recording)
        }
        try await store.close()
        return Recording(
            states: recording.states,
            key: key,
            events: Int(probe_event_count()),
            unflushed: unflushed([scratch.path, "\(scratch.path)/new"])
        )
    }

    /// Those of `folders` above the home that nobody flushed after something was made in them.
    private static func unflushed(_ folders: [String]) -> [String] {
        let flushed = (0..<probe_event_count()).map { probe_event_at($0) }
            .filter { $0.kind == Int32(PROBE_SYNC_ABOVE.rawValue) }
            .map { Int($0.size) }
        return folders.filter { !flushed.contains($0.utf8.count) }
    }

    private struct Recorder {
        let home: String
        var states: [Content] = []

        /// The operation is acknowledged; what the books hold now is what a power cut must not take.
        mutating func acknowledge() throws {
            probe_mark(Int64(states.count))
            states.append(try Content(of: home))
        }
    }

    private static func live(
        _ household: inout Household,
        _ round: Int,
        _ recorder: inout Recorder
    ) async throws {
        try await household.addAccount("account-\(round)", credits: 1000)
        try recorder.acknowledge()
        let member = household.members[1]
        let first = try await household.claim(household.order(member))
        try recorder.acknowledge()
        try await household.rotate(household.accounts[round])
        try recorder.acknowledge()
        try await household.settle(first)
        try recorder.acknowledge()
        try await household.addSlot("guest-\(round)")
        try recorder.acknowledge()
        let second = try await household.claim(household.order(member))
        try recorder.acknowledge()
        try await household.removeSlot("guest-\(round)")
        try recorder.acknowledge()
        try await household.void(second)
        try recorder.acknowledge()
        let later = Household.start + .seconds(3600 * (round + 1))
        try await household.writeCheckpoint(at: later)
        try recorder.acknowledge()
    }
}
