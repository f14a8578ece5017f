import CStorageProbe
import Synchronization

/// The disks that cuts of one recording leave, one after another; those that look alike come once.
final class ImageSource: Sendable {
    /// One disk as it is found, and the last operation that was acknowledged before.
    struct Image: Sendable {
        let files: [String: [UInt8]]
        let acknowledged: Int
        let place: String
    }

    private struct State {
        var disk = Disk()
        var chance: Chance
        var acknowledged = -1
        var event = 0
        var outages = Outage.allCases[...]
        var seen: Set<Int> = []
        var remaining: Int
    }

    private let state: Mutex<State>
    private let events: Int
    private let seed: UInt64
    /// Cuts are spread over the whole life when there are more than wanted.
    private let every: Int

    init(events: Int, seed: UInt64, limit: Int) {
        self.events = events
        self.seed = seed
        every = max(1, events * Outage.allCases.count / max(1, limit))
        state = Mutex(State(chance: Chance(seed: seed), outages: [], remaining: limit))
    }

    func next() -> Image? {
        state.withLock { state in
            while state.remaining > 0 {
                guard let outage = state.outages.popFirst() else {
                    guard advance(&state) else { return nil }
                    continue
                }
                let files = outage.image(of: state.disk, using: &state.chance)
                guard state.seen.insert(files.hashValue).inserted else { continue }
                state.remaining -= 1
                return Image(
                    files: files,
                    acknowledged: state.acknowledged,
                    place: "seed \(seed), event \(state.event - 1), \(outage)"
                )
            }
            return nil
        }
    }

    /// Lets the next event happen; whether there was one.
    private func advance(_ state: inout State) -> Bool {
        guard state.event < events else { return false }
        let event = probe_event_at(Int64(state.event))
        state.disk.apply(event)
        if event.kind == Int32(PROBE_MARK.rawValue) { state.acknowledged = Int(event.offset) }
        if state.event % every == 0 { state.outages = Outage.allCases[...] }
        state.event += 1
        return true
    }
}
