/// So many requests through `purser serve`: its memory stays flat, its descriptors do not leak, and its books charge
/// exactly what was accepted.
struct GatewaySoak {
    private static let connections = 64
    /// Requests sent when it is looked at, in hundredths.
    private static let looks = [10, 25, 50, 75, 100]
    /// Memory that the second half may add, in hundredths of what it had: allocators do not give everything back at once.
    private static let tolerance = 5
    /// After so long without a request, connections to the service are closed.
    private static let rest = Duration.seconds(75)

    let folder: String
    let requests: Int

    private struct Look {
        let requests: Int
        let residentKiB: Int
        let descriptors: Int
    }

    func run() async throws {
        let scratch = try ScratchFolder(in: folder)
        defer { scratch.remove() }
        let words = ["upstream", "\(GatewayHome.credits)", "\(try GatewayHome.price())"]
        let upstream = try Server(
            ChildProcess("/proc/self/exe", words, []),
            as: "upstream",
            in: scratch
        )
        let home = try GatewayHome(in: scratch, upstream: upstream.port)
        let gateway = try home.serve()
        var looks: [Look] = []
        var sent = 0
        var perSecond: [Double] = []
        for share in Self.looks {
            let figures = try await home.load.run(
                on: gateway.port,
                connections: Self.connections,
                .requests(requests * share / 100 - sent)
            )
            sent += figures.answered
            // Until the gateway has noticed that the callers of this part have left.
            try await Task.sleep(for: .seconds(1))
            perSecond.append(figures.perSecond)
            looks.append(
                Look(
                    requests: sent,
                    residentKiB: gateway.residentKiB,
                    descriptors: gateway.descriptors
                )
            )
        }
        try await Task.sleep(for: Self.rest)
        let idle = gateway.descriptors
        try await home.checkMetrics(of: gateway, requests: sent)
        try gateway.end()
        try home.check(requests: sent)
        Self.show(looks, perSecond, idle: idle)
        try Self.judge(looks, idle: idle)
    }

    private static func show(_ looks: [Look], _ perSecond: [Double], idle: Int) {
        var table = FigureTable(
            "gateway-soak: \(connections) connections (aim: memory flat, no descriptor leaked)",
            columns: ["requests", "a second", "MiB in RAM", "open descriptors"]
        )
        for (look, rate) in zip(looks, perSecond) {
            table.add(
                look.requests.grouped,
                rate.shown(0),
                (Double(look.residentKiB) / 1024).shown(1),
                "\(look.descriptors)"
            )
        }
        table.show()
        print("\n  \(idle) descriptors are open when nothing was asked for a while")
        print("  all were charged, /metrics tells the same, and ledger verify found nothing")
    }

    private static func judge(_ looks: [Look], idle: Int) throws {
        guard let first = looks.first, let last = looks.last else { return }
        // Of those that were open early on, two for each caller are connections.
        guard idle < first.descriptors else {
            throw BenchmarkError("descriptors leak: \(first.descriptors), and \(idle) at rest")
        }
        let half = looks[looks.count / 2]
        guard last.residentKiB * 100 <= half.residentKiB * (100 + tolerance) else {
            throw BenchmarkError("memory grows: \(half.residentKiB) KiB, then \(last.residentKiB)")
        }
    }
}
