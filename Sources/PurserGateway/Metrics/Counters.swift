import PurserCore
import Synchronization

/// What a gateway counts of its own work, since it began.
final class Counters: Sendable {
    /// One kind of ending of one kind of call: few enough that no caller can make them many.
    struct Ending: Hashable, Sendable {
        let call: String
        let outcome: String
    }

    private struct State {
        var endings: [Ending: Int64] = [:]
        var added = Histogram()
    }

    private let state = Mutex(State())

    /// `added`: how long the gateway itself took; `nil` where the service was not asked.
    func count(_ ending: Ending, added: Duration?) {
        state.withLock { state in
            state.endings[ending, default: 0] += 1
            if let added { state.added.add(added) }
        }
    }

    /// By call and outcome, in order.
    var endings: [(Ending, Int64)] {
        state.withLock { $0.endings.map { ($0.key, $0.value) } }
            .sorted { ($0.0.call, $0.0.outcome) < ($1.0.call, $1.0.outcome) }
    }

    var added: Histogram { state.withLock(\.added) }
}

extension Route {
    /// How metrics name it: the endpoint of a call is a client's word, of which there may be any number.
    var kind: String {
        switch self {
        case .call(.generate): "generate"
        case .call(.upload): "upload"
        case .call(.status): "status"
        case .call(.cancel): "cancel"
        case .call(.credits), .credits: "credits"
        case .own: "own"
        case .page: "page"
        case .metrics: "metrics"
        case .health, .readiness: "probe"
        case .otherMethod, .unknown: "unknown"
        }
    }
}
