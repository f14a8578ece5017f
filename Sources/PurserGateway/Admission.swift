import Synchronization

/// How much the gateway does at a time: requests under way, and bytes of their bodies.
///
/// What does not fit is refused at once and not kept waiting: a line in front of the line would hide how long it is.
final class Admission: Sendable {
    private struct Load {
        var requests = 0
        var bytes = 0
    }

    private let load = Mutex(Load())
    private let limits: GatewayLimits

    init(_ limits: GatewayLimits) {
        self.limits = limits
    }

    /// Takes a request in until its place is left.
    func enter() throws(Problem) -> Place {
        let isFree = load.withLock { load in
            guard load.requests < limits.requests else { return false }
            load.requests += 1
            return true
        }
        guard isFree else { throw .busy("\(limits.requests) requests are under way already") }
        return Place(admission: self)
    }

    /// Requests under way.
    var requests: Int { load.withLock { $0.requests } }
    /// Bytes of bodies in memory.
    var bytes: Int { load.withLock { $0.bytes } }

    private func take(_ bytes: Int) -> Bool {
        load.withLock { load in
            guard load.bytes + bytes <= limits.bodyMemory else { return false }
            load.bytes += bytes
            return true
        }
    }

    private func leave(_ bytes: Int) {
        load.withLock { load in
            load.requests -= 1
            load.bytes -= bytes
        }
    }

    /// What one request takes up; given back when the last reference to it goes.
    final class Place: Sendable {
        private let admission: Admission
        private let taken = Mutex(0)

        fileprivate init(admission: Admission) {
            self.admission = admission
        }

        /// Makes sure that there is room for `bytes` in all.
        func reserve(_ bytes: Int) throws(Problem) {
            let isFree = taken.withLock { taken in
                let more = bytes - taken
                guard more > 0 else { return true }
                guard admission.take(more) else { return false }
                taken = bytes
                return true
            }
            guard isFree else { throw .busy("there is no room for another body now") }
        }

        deinit { admission.leave(taken.withLock { $0 }) }
    }
}
