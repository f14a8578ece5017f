import NIOHTTP1
import PurserEngine

extension Problem {
    /// A request that the parser does not take: what is no HTTP, what two readers could cut in two ways, and a head beyond
    /// its limits.
    init(_ error: HTTPParserError, _ limits: GatewayLimits) {
        switch error {
        case .headerOverflow:
            self.init(
                .invalidRequest,
                "the head has more than \(limits.header >> 10) KiB or \(limits.headerFields) fields "
                    + "(max-header-kib, header-fields)",
                status: 431
            )
        case .invalidEOFState, .closedConnection:
            self.init(.invalidRequest, "the request ends before it is whole")
        default: self.init(.invalidRequest, "this is no request of HTTP/1.1: \(error)")
        }
        endsConnection = true
    }

    /// A client that takes longer for a head, or for a body, than the limits allow.
    init(lateIn body: Bool, _ limits: GatewayLimits) {
        let (what, time, key) =
            body
            ? ("body", limits.bodyTime, "body-time") : ("head", limits.headerTime, "header-time")
        self.init(.timeout, "the \(what) did not come within \(time) (\(key)); nothing was sent")
        endsConnection = true
    }
}
