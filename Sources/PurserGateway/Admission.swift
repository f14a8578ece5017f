import PurserCore
import Synchronization

/// How much the gateway does at a time: requests under way, and bytes of their bodies.
///
/// What does not fit is refused at once and not kept waiting: a line in front of the line would hide how long it is.
final class Admission: Sendable {
    private struct Load {
        var requests = 0
        var bytes = 0
        /// By whose they are.
        var shares: [MemberID: Share] = [:]
    }

    private struct Share {
        var requests = 0
        var bytes = 0
    }

    private let load = Mutex(Load())
    private let limits: GatewayLimits

    init(_ limits: GatewayLimits) {
        self.limits = limits
    }

    /// Takes a member's request in until its place is left: half of all places at most are one member's.
    func enter(_ member: MemberID) throws(Problem) -> Place {
        let share = max(limits.requests / 2, 1)
        let problem = load.withLock { load -> Problem? in
            guard load.requests < limits.requests else {
                return .busy("\(limits.requests) requests are under way already")
            }
            guard load.shares[member]?.requests ?? 0 < share else {
                return .share("\(share) of your requests are under way already")
            }
            load.requests += 1
            load.shares[member, default: Share()].requests += 1
            return nil
        }
        if let problem { throw problem }
        return Place(of: member, in: self)
    }

    /// Requests under way.
    var requests: Int { load.withLock { $0.requests } }
    /// Bytes of bodies in memory.
    var bytes: Int { load.withLock { $0.bytes } }

    /// Half of the room at most is one member's, but for a single body: that may have all of it.
    private func take(_ bytes: Int, besides taken: Int, of member: MemberID) -> Problem? {
        load.withLock { load in
            guard load.bytes + bytes <= limits.bodyMemory else {
                return .busy("there is no room for another body now")
            }
            let own = load.shares[member]?.bytes ?? 0
            guard own == taken || own + bytes <= limits.bodyMemory / 2 else {
                return .share("there is no room for another body of yours now")
            }
            load.bytes += bytes
            load.shares[member, default: Share()].bytes += bytes
            return nil
        }
    }

    private func leave(_ member: MemberID, _ bytes: Int) {
        load.withLock { load in
            load.requests -= 1
            load.bytes -= bytes
            guard var share = load.shares[member] else { return }
            share.requests -= 1
            share.bytes -= bytes
            load.shares[member] = share.requests == 0 ? nil : share
        }
    }

    /// What one request takes up; given back when the last reference to it goes.
    final class Place: Sendable {
        private let member: MemberID
        private let admission: Admission
        private let taken = Mutex(0)

        fileprivate init(of member: MemberID, in admission: Admission) {
            self.member = member
            self.admission = admission
        }

        /// Makes sure that there is room for `bytes` in all.
        func reserve(_ bytes: Int) throws(Problem) {
            let problem = taken.withLock { taken -> Problem? in
                let more = bytes - taken
                guard more > 0 else { return nil }
                let problem = admission.take(more, besides: taken, of: member)
                if problem == nil { taken = bytes }
                return problem
            }
            if let problem { throw problem }
        }

        deinit { admission.leave(member, taken.withLock { $0 }) }
    }
}
