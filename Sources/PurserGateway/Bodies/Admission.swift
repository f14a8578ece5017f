import NIOCore
import Synchronization

/// How much the gateway does at a time: requests under way, and bytes of their bodies.
///
/// What does not fit is refused at once and not kept waiting: a line in front of the line would hide how long it is.
final class Admission: Sendable {
    /// Where bytes of bodies lie.
    enum Room {
        case memory
        case disk
    }

    private struct Load {
        var requests = 0
        var memory = 0
        var disk = 0

        subscript(room: Room) -> Int {
            get { room == .memory ? memory : disk }
            set { if room == .memory { memory = newValue } else { disk = newValue } }
        }
    }

    private let load = Mutex(Load())
    private let limits: GatewayLimits

    init(_ limits: GatewayLimits) {
        self.limits = limits
    }

    /// Takes a request in until its place is left.
    func enter(on channel: (any Channel)? = nil) throws(Problem) -> Place {
        let isFree = load.withLock { load in
            guard load.requests < limits.requests else { return false }
            load.requests += 1
            return true
        }
        guard isFree else { throw .busy("\(limits.requests) requests are under way already") }
        return Place(admission: self, channel: channel)
    }

    /// Requests under way.
    var requests: Int { load.withLock { $0.requests } }

    /// Bytes of bodies and large answers.
    func bytes(in room: Room) -> Int { load.withLock { $0[room] } }

    private func take(_ bytes: Int, of room: Room, anyway: Bool) -> Bool {
        let limit = room == .memory ? limits.bodyMemory : limits.bodyDisk
        return load.withLock { load in
            guard anyway || load[room] + bytes <= limit else { return false }
            load[room] += bytes
            return true
        }
    }

    private func leave(_ taken: Load) {
        load.withLock { load in
            load.requests -= 1
            load.memory -= taken.memory
            load.disk -= taken.disk
        }
    }

    /// What one request takes up, given back when the last reference to it goes, and the connection it came on.
    final class Place: Sendable {
        private let admission: Admission
        private let taken = Mutex(Load())
        private let channel: (any Channel)?

        fileprivate init(admission: Admission, channel: (any Channel)?) {
            self.admission = admission
            self.channel = channel
        }

        /// Makes sure that there is room for `bytes` of its body in all.
        func reserve(_ room: Room, _ bytes: Int) throws(Problem) {
            let isFree = taken.withLock { taken in
                let more = bytes - taken[room]
                guard more > 0 else { return true }
                guard admission.take(more, of: room, anyway: false) else { return false }
                taken[room] = bytes
                return true
            }
            guard isFree else { throw .busy("there is no room for another body now") }
        }

        /// Counts an answer, which is there whether it fits or not: what does not fit keeps further bodies out.
        func hold(answer bytes: Int) {
            taken.withLock { taken in
                _ = admission.take(bytes, of: .memory, anyway: true)
                taken.memory += bytes
            }
        }

        /// Waits until the client has taken all that was written, or is gone.
        func untilTaken() async {
            try? await channel?.triggerUserOutboundEvent(RequestEvent.takingAwaited)
        }

        deinit { admission.leave(taken.withLock { $0 }) }
    }
}
