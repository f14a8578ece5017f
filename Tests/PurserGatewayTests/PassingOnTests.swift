import NIOHTTP1
import PurserCore
import PurserSandbox
import Testing

@testable import PurserGateway

/// What of a caller's head the service is told, and what of the service's head a caller is told.
struct PassingOnTests {
    @Test func `the service is told a type of content that it takes`() async throws {
        let types = [
            ("application/json", "application/json"),
            ("text/plain;charset=UTF-8", "text/plain;charset=UTF-8"),
            ("Text/Plain ; charset=utf-8", "Text/Plain ; charset=utf-8"),
            ("APPLICATION/JSON;charset=utf-8", "APPLICATION/JSON;charset=utf-8"),
            // What curl says of --data.
            ("application/x-www-form-urlencoded", "application/json"),
            ("multipart/form-data; boundary=x", "application/json"),
            ("application/json, text/plain", "application/json"),
            ("text/plain html", "application/json"), (";charset=UTF-8", "application/json"),
            ("", "application/json"),
        ]
        try await withGateway { home in
            let key = try await home.member("ada")
            let upload = #"{"imageInput":{"rawImageBytes":"AAAA"}}"#
            for (index, (told, sent)) in types.enumerated() {
                let calls = [("/v1:uploadUserImage", upload), (textToVideo, textBody())]
                // The accounts have slots for so many videos.
                for (path, body) in calls.prefix(index < 6 ? 2 : 1) {
                    let headers = [("Content-Type", told)]
                    let reply = try await home.post(path, body, key: key, headers: headers)
                    #expect(reply.status == 200, "\(reply.text)")
                    let seen = home.sandbox.requests().last?.headers["content-type"]
                    #expect(seen == sent, "\(told), \(path)")
                }
            }
        }
    }

    @Test func `two types of content are told as neither`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let told = [("Content-Type", "text/plain"), ("Content-Type", "application/json")]
            _ = try await home.post(textToVideo, textBody(), key: key, headers: told)
            #expect(home.submissions().first?.headers["content-type"] == "application/json")
        }
    }

    @Test func `when to come back is told as the service told it, else by a guess`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            for (told, passed) in [("7", "7"), (nil, "60")] {
                var fault = try SandboxFault(preset: "throttled")
                fault.retryAfter = told
                try home.sandbox.arm(fault)
                let reply = try await home.post(textToVideo, textBody(), key: key)
                #expect(reply.status == 429 && reply.reason?.hasPrefix("PUBLIC_") == true)
                #expect(reply.headers["retry-after"] == [passed])
            }
        }
    }

    @Test
    func `an unknown outcome says what it holds and what to do, and a repeat names the first`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada")
            try home.sandbox.arm(SandboxFault(preset: "cut-after-charge"))
            let headers = [("Idempotency-Key", "scene-1")]
            let first = try await home.post(textToVideo, textBody(), key: key, headers: headers)
            let again = try await home.post(textToVideo, textBody(), key: key, headers: headers)
            let id = try #require(first.headers["purser-submission"].first)
            for reply in [first, again] {
                #expect(reply.status == 504 && reply.reason == "PURSER_OUTCOME_UNKNOWN")
                #expect(reply.headers["purser-submission"] == [id])
                #expect(reply.headers["purser-account"] == ["ultra"])
                #expect(reply.headers["purser-held"] == ["10"])
                #expect(reply.text.contains("repeat it only under its idempotency key"))
            }
            #expect(again.text.contains(id))
            let lines = home.log.all.filter { $0.contains("error request ") }
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.contains("submission.id=\(id)") }, "\(lines)")
        }
    }
}
