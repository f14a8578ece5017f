import Hummingbird
import NIOCore
import PurserCore
import PurserEngine

extension GatewayResponder {
    /// Everything that is counted, and what the books say now.
    func metrics() async throws -> Response {
        let now = engine.ambient.now()
        let accounts = try await engine.store.accounts()
        let spent = try await CreditReport(engine.store, by: .account, from: nil, to: nil)
        var text = OpenMetrics()
        writeWork(to: &text)
        writeAccounts(accounts, at: now, to: &text)
        text.counter(
            "purser_charged_credits",
            "Credits that work was charged.",
            spent.rows.map { (["account": $0.label], $0.charged.amount) }
        )
        text.counter(
            "purser_refunded_credits",
            "Credits that came back.",
            spent.rows.map { (["account": $0.label], $0.refunded.amount) }
        )
        let alerts = try await engine.store.alerts(openOnly: true, limit: nil)
        text.gauge(
            "purser_alerts",
            "Alerts that hold.",
            AlertKind.allCases.map { kind in
                (["type": kind.rawValue], Int64(alerts.count { $0.alert.key.kind == kind }))
            }
        )
        let seen = pulse.seenAt(among: accounts)
        text.gauge(
            "purser_upstream_seen_timestamp_seconds",
            "When the service was last heard of; absent where it never was.",
            seen.map { [(OpenMetrics.Labels(), $0.milliseconds / 1000)] } ?? []
        )
        return Response(
            status: .ok,
            headers: [.contentType: OpenMetrics.contentType],
            body: .init(byteBuffer: ByteBuffer(string: text.finished))
        )
    }

    private func writeWork(to text: inout OpenMetrics) {
        text.counter(
            "purser_requests",
            "Requests answered, by how they ended.",
            counters.endings.map { (["call": $0.call, "outcome": $0.outcome], $1) }
        )
        text.histogram(
            "purser_added_seconds",
            "What calls of the service took here beside the service's own time.",
            counters.added
        )
        text.counter(
            "purser_auth_failures",
            "Keys presented that are none.",
            [([:], Int64(brake.total))]
        )
        text.gauge("purser_queue", "Requests that wait for an account.", [([:], Int64(line.count))])
        text.gauge(
            "purser_requests_under_way",
            "Requests under way.",
            [([:], Int64(admission.requests))]
        )
        text.gauge(
            "purser_body_bytes",
            "Bytes of bodies in memory.",
            [([:], Int64(admission.bytes(in: .memory)))]
        )
    }

    private func writeAccounts(
        _ accounts: [AccountOverview],
        at now: Timestamp,
        to text: inout OpenMetrics
    ) {
        func gauge(_ name: String, _ help: String, _ value: (AccountOverview) -> Int64?) {
            text.gauge(
                name,
                help,
                accounts.compactMap { overview in
                    value(overview).map { (["account": overview.account.name], $0) }
                }
            )
        }
        gauge("purser_available_credits", "Credits that may be spent; absent where unknown.") {
            $0.balance?.available.amount
        }
        gauge("purser_posted_credits", "Credits that the service shows, as the books believe.") {
            $0.balance?.posted.amount
        }
        gauge("purser_held_credits", "Credits set aside for work that is not decided.") {
            $0.balance?.held.amount
        }
        gauge("purser_unknown_credits", "Held credits of outcomes that are not known.") {
            $0.unknown.amount
        }
        gauge("purser_refunds_due_credits", "Credits that the service owes.") {
            $0.refundsDue.amount
        }
        gauge("purser_jobs", "Jobs under way.") { Int64($0.candidate.jobsInFlight) }
        gauge("purser_account_enabled", "1 while the account takes work, but for its rests.") {
            $0.account.state == .enabled ? 1 : 0
        }
        gauge("purser_rests", "Rests under way.") { overview in
            Int64(overview.candidate.rests.count { now < $0.until })
        }
        gauge(
            "purser_token_expiry_timestamp_seconds",
            "When the token stops working; absent where unknown."
        ) { $0.account.tokenExpiresAt.map { $0.milliseconds / 1000 } }
    }
}
