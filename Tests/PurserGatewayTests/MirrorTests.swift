import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

struct MirrorTests {
    @Test func `the service's own request works unchanged and gets the service's own answer`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada", budget: 100)
            let reply = try await home.post(
                referenceImages,
                captureBody,
                key: key,
                headers: [("Content-Type", "text/plain;charset=UTF-8")]
            )

            #expect(reply.status == 200)
            #expect(reply.text.contains("\"remainingCredits\""))
            #expect(reply.headers["content-type"] == ["application/json; charset=UTF-8"])
            #expect(reply.headers["purser-account"] == ["ultra"])
            #expect(reply.headers["purser-model-key"] == ["veo_3_0_r2v_fast_ultra"])
            #expect(reply.headers["purser-held"] == ["10"])
            #expect(reply.headers["purser-charged"] == ["10"])
            #expect(reply.headers["purser-submission"].first?.count == 32)
            #expect(reply.headers["x-request-id"].first?.count == 16)
            #expect(reply.headers["idempotency-hit"].isEmpty)
            let seen = try #require(home.submissions().first)
            #expect(seen.path == referenceImages)
            #expect(seen.headers["content-type"] == "text/plain;charset=UTF-8")
            #expect(seen.body.contains("\"sessionId\": \";1764646449789\""))
            #expect(seen.body.contains("PAYGATE_TIER_TWO"))
            #expect(try await home.balance("ultra")?.posted == Credits(680))
        }
    }

    @Test func `a repeat under an idempotency key gets the first answer and is not charged`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada")
            let headers = [("Idempotency-Key", "scene-7")]
            let first = try await home.post(textToVideo, textBody(), key: key, headers: headers)
            let second = try await home.post(textToVideo, textBody(), key: key, headers: headers)
            let other = try await home.post(
                textToVideo,
                textBody("veo_3_1_t2v_fast_ultra"),
                key: key,
                headers: headers
            )

            #expect(first.status == 200 && second.status == 200)
            #expect(first.text == second.text)
            #expect(second.headers["idempotency-hit"] == ["true"])
            #expect(second.headers["purser-charged"] == ["0"])
            #expect(other.status == 409 && other.reason == "PURSER_CONFLICT")
            #expect(home.submissions().count == 1)
        }
    }

    @Test func `a limit that nears its end is told with the answer`() async throws {
        try await withGateway { home in
            let day = SpendingLimit(window: .day, credits: Credits(unchecked: 30), warnAt: 60)
            let key = try await home.member("ada", limits: MemberLimits(spending: [day]))
            let first = try await home.post(textToVideo, textBody(), key: key)
            let second = try await home.post(textToVideo, textBody(), key: key)

            #expect(first.status == 200 && first.headers["purser-warning"].isEmpty)
            #expect(
                second.headers["purser-warning"]
                    == ["the member's limit of 30 a day (warning at 60 %): 10 spent, 10 held"]
            )
        }
    }

    @Test func `a dead token of an account is not told as the caller's`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            for _ in 0..<2 { try home.sandbox.arm(SandboxFault(preset: "unauthorized")) }
            let refused = try await home.post(textToVideo, textBody(), key: key)
            #expect(refused.status == 502)
            #expect(refused.reason == "PURSER_UPSTREAM_REFUSED")
            #expect(refused.headers["www-authenticate"].isEmpty)
        }
    }

    @Test func `jobs are asked about through the gateway, and are nobody else's`() async throws {
        try await withGateway { home in
            let ada = try await home.member("ada")
            let bob = try await home.member("bob")
            let sent = try await home.post(textToVideo, textBody(), key: ada)
            let name = try #require(
                JSONValue(Array(sent.text.utf8))?["operations"]?.array?.first?["operation"]?[
                    "name"
                ]?
                .string
            )
            let question = #"{"operations":[{"operation":{"name":"\#(name)"}}]}"#
            let own = try await home.post(statusQuery, question, key: ada)
            let foreign = try await home.post(statusQuery, question, key: bob)

            #expect(own.status == 200 && own.text.contains(name))
            #expect(foreign.status == 404)
            #expect(foreign.text.contains("Requested entity was not found."))
        }
    }

    @Test func `an image of several megabytes goes through`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let image = Data(repeating: 7, count: 6 << 20).base64EncodedString()
            let upload = try await home.post(
                "/v1:uploadUserImage",
                #"{"imageInput":{"rawImageBytes":"\#(image)"}}"#,
                key: key
            )
            #expect(upload.status == 200)
            #expect(upload.headers["purser-held"] == ["0"])
            #expect(upload.text.contains("mediaGenerationId"))
        }
    }

    @Test func `credits are what the member may still spend`() async throws {
        try await withGateway { home in
            let free = try await home.member("ada")
            let bound = try await home.member("bob", budget: 55)
            let narrow = try await home.member(
                "eve",
                limits: MemberLimits(
                    tiers: [.tierOne],
                    spending: [SpendingLimit(window: .day, credits: Credits(unchecked: 300))]
                )
            )

            #expect(
                try await home.get("/v1/credits", key: free).text
                    == #"{"credits":1390,"userPaygateTier":"PAYGATE_TIER_TWO"}"#
            )
            #expect(try await home.get("/v1/credits", key: bound).text.contains(":55,"))
            #expect(
                try await home.get("/v1/credits", key: narrow).text
                    == #"{"credits":300,"userPaygateTier":"PAYGATE_TIER_ONE"}"#
            )
        }
    }

    @Test(arguments: ["bad-request", "unsafe-generation", "not-found"])
    func `what the service refuses comes back as the service said it`(
        _ preset: String
    ) async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let fault = try SandboxFault(preset: preset)
            try home.sandbox.arm(fault)
            let reply = try await home.post(textToVideo, textBody(), key: key)

            #expect(reply.status == fault.status)
            #expect(reply.reason?.hasPrefix("PURSER_") != true)
            #expect(reply.headers["purser-charged"] == ["0"])
            #expect(reply.headers["purser-account"].count == 1)
        }
    }

    @Test func `an outcome that is unknown says so, and the hold stays`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            try home.sandbox.arm(SandboxFault(.cutAfterCharge))
            let reply = try await home.post(textToVideo, textBody(), key: key)

            #expect(reply.status == 504)
            #expect(reply.reason == "PURSER_OUTCOME_UNKNOWN")
            #expect(try await home.engine.store.unknownHolds(of: nil).count == 1)
        }
    }

    @Test func `a trace and a request's id are passed on, and nothing else is`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let reply = try await home.post(
                textToVideo,
                textBody(),
                key: key,
                headers: [
                    ("traceparent", trace), ("X-Request-Id", "mine-1"), ("Cookie", "a=b"),
                    ("X-Forwarded-For", "10.0.0.1"),
                ]
            )
            let other = try await home.post(
                textToVideo,
                textBody(),
                key: key,
                headers: [("traceparent", "00-not-a-trace"), ("X-Request-Id", "a b")]
            )

            #expect(reply.headers["x-request-id"] == ["mine-1"])
            #expect(other.headers["x-request-id"].first?.count == 16)
            let seen = home.submissions()
            try #require(seen.count == 2)
            #expect(seen[0].headers["traceparent"] == trace)
            #expect(seen[0].headers["cookie"] == nil)
            #expect(seen[0].headers["x-forwarded-for"] == nil)
            #expect(seen[1].headers["traceparent"] == nil)
            #expect(home.log.all.contains { $0.contains("request.id=mine-1") })
        }
    }

    @Test func `neither a key nor a token nor a body is logged`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            _ = try await home.post(textToVideo, textBody(), key: key)
            _ = try await home.post("/v1/nothing", "{\"prompt\":1}", key: key)
            _ = try await home.post(textToVideo, "{\"prompt\":1", key: key + "x")
            try home.sandbox.arm(SandboxFault(.cutAfterCharge))
            _ = try await home.post(textToVideo, textBody(), key: key)

            let log = home.log.all.joined(separator: "\n")
            #expect(log.contains("call=video:batchAsyncGenerateVideoText"))
            #expect(log.contains("member.name=ada"))
            for secret in [key, "token-of", "a door", "prompt"] { #expect(!log.contains(secret)) }
        }
    }
}
