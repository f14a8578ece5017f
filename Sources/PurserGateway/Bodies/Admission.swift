import NIOCore
import PurserCore
import PurserPages
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

        mutating func leave(_ taken: Load) {
            requests -= taken.requests
            memory -= taken.memory
            disk -= taken.disk
        }
    }

    private struct State {
        var all = Load()
        /// By whose it is.
        var shares: [MemberID: Load] = [:]
    }

    private let state = Mutex(State())
    private let limits: GatewayLimits

    init(_ limits: GatewayLimits) {
        self.limits = limits
    }

    /// Takes a member's request in until its place is left: half of all places at most are one member's.
    func enter(
        _ member: MemberID,
        on channel: (any Channel)? = nil
    ) throws(Problem) -> Place {
        let share = max(limits.requests / 2, 1)
        let problem = state.withLock { state -> Problem? in
            guard state.all.requests < limits.requests else {
                return .busy(.gateway(.requests(limits.requests)))
            }
            guard state.shares[member]?.requests ?? 0 < share else {
                return .share(.gateway(.ownRequests(share)))
            }
            state.all.requests += 1
            state.shares[member, default: Load()].requests += 1
            return nil
        }
        if let problem { throw problem }
        return Place(of: member, in: self, channel: channel)
    }

    /// Requests under way.
    var requests: Int { state.withLock { $0.all.requests } }

    /// Bytes of bodies and large answers.
    func bytes(in room: Room) -> Int { state.withLock { $0.all[room] } }

    /// Half of a room at most is one member's, but for a single body: that may have all of it.
    private func take(
        _ bytes: Int,
        besides taken: Int,
        of room: Room,
        by member: MemberID
    ) -> Problem? {
        let limit = room == .memory ? limits.bodyMemory : limits.bodyDisk
        return state.withLock { state in
            guard state.all[room] + bytes <= limit else {
                return .busy(.gateway(.room))
            }
            let own = state.shares[member]?[room] ?? 0
            guard own == taken || own + bytes <= limit / 2 else {
                return .share(.gateway(.ownRoom))
            }
            state.all[room] += bytes
            state.shares[member, default: Load()][room] += bytes
            return nil
        }
    }

    private func hold(_ bytes: Int, by member: MemberID) {
        state.withLock { state in
            state.all.memory += bytes
            state.shares[member, default: Load()].memory += bytes
        }
    }

    private func leave(_ member: MemberID, _ taken: Load) {
        state.withLock { state in
            state.all.leave(taken)
            guard var share = state.shares[member] else { return }
            share.leave(taken)
            state.shares[member] = share.requests == 0 ? nil : share
        }
    }

    /// What one request takes up, given back when the last reference to it goes, and the connection it came on.
    final class Place: Sendable {
        private let member: MemberID
        private let admission: Admission
        private let taken = Mutex(Load(requests: 1))
        private let channel: (any Channel)?

        fileprivate init(of member: MemberID, in admission: Admission, channel: (any Channel)?) {
            self.member = member
            self.admission = admission
            self.channel = channel
        }

        /// Makes sure that there is room for `bytes` of its body in all.
        func reserve(_ room: Room, _ bytes: Int) throws(Problem) {
            let problem = taken.withLock { taken -> Problem? in
                let more = bytes - taken[room]
                guard more > 0 else { return nil }
                let problem = admission.take(more, besides: taken[room], of: room, by: member)
                if problem == nil { taken[room] = bytes }
                return problem
            }
            if let problem { throw problem }
        }

        /// Counts an answer, which is there whether it fits or not: what does not fit keeps further bodies out.
        func hold(answer bytes: Int) {
            taken.withLock { taken in
                admission.hold(bytes, by: member)
                taken.memory += bytes
            }
        }

        /// Waits until the client has taken all that was written, or is gone; with the gateway they are.
        func untilTaken() async {
            await withTaskCancellationHandler {
                try? await channel?.triggerUserOutboundEvent(RequestEvent.takingAwaited)
            } onCancel: {
                channel?.close(promise: nil)
            }
        }

        deinit { admission.leave(member, taken.withLock { $0 }) }
    }
}
