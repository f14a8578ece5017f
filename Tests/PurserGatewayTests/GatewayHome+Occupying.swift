import PurserCore
import PurserEngine
import Testing

@testable import PurserGateway

extension GatewayHome {
    /// Leaves no slot in any account.
    func occupyEverything() async throws {
        for overview in try await engine.store.accounts() {
            var settings = SettingsChange()
            settings.maxInFlight = 1
            try await engine.store.updateAccount(
                overview.account.id,
                AccountChange(settings: settings),
                audit: AuditRecord(
                    actor: Actor("test"),
                    verb: "account.set",
                    subject: overview.account.name
                ),
                at: .now
            )
        }
        let resolver = engine.resolver
        let body = try PurserCore.RequestBody.parse(Array(textBody().utf8))
        for _ in 0..<2 {
            let order = ClaimOrder(
                submissionID: engine.ambient.newID(),
                attempt: 1,
                memberID: try await register.member(named: Member.ownerName).member.id,
                idempotencyKey: nil,
                fingerprint: [UInt8](repeating: 0, count: 32),
                path: "x",
                request: try resolver.routeRequest(
                    for: body,
                    call: .generate(endpoint: "video:batchAsyncGenerateVideoText"),
                    only: nil,
                    maxCredits: nil
                ),
                mediaIDs: [],
                operation: engine.ambient.newID()
            )
            _ = try await engine.store.claim(order, at: .now)
        }
    }
}
