import Foundation
import Testing

@testable import PurserCLI

/// `purser simulate`: what policies would have made of a history, and nothing changed by asking.
struct SimulateTests {
    private static let trace = """
        {"at": "2026-11-02T09:00:00Z", "model": "veo_3_1_t2v_fast", "count": 2}

        {"at": "2026-11-01T09:00:00Z", "prices": {"tier-one": 20, "ultra": 10}}
        {"at": "2026-11-12T09:00:00Z", "prices": {"ultra": 100}}
        """
    private static let pool = """
        {"name": "pro", "tier": "tier-one", "credits": 0, "monthly-credits": 100, "renews-on": 11}
        {"name": "ultra", "tier": "ultra", "credits": 25, "monthly-credits": 60, "renews-on": 11}
        """

    @Test func `a history from a file is replayed over a pool from a file`() async throws {
        try await withCommandHome { home in
            try home.write(Self.trace, to: "trace.jsonl")
            try home.write(Self.pool, to: "pool.jsonl")
            let before = try await home.books()
            let answer = try await home.json(
                "simulate ~/trace.jsonl --accounts ~/pool.jsonl --policy balanced --policy round-robin"
            )
            #expect(answer["from"] as? String == "2026-11-01T00:00:00.000Z")
            #expect(answer["to"] as? String == "2026-11-13T00:00:00.000Z")
            #expect(answer["videos"] as? Int == 4)
            #expect(answer["value"] as? Int == 160)
            // 25 credits buy two of the fast videos, and nobody ever has the hundred.
            #expect(answer["bound"] as? Int == 40)
            let policies = try #require(answer["policies"] as? [[String: Any]])
            #expect(policies.map { $0["policy"] as? String } == ["balanced", "round-robin"])
            for outcome in policies {
                #expect(outcome["granted"] as? Int == 185)
                #expect(outcome["videos"] as? Int == 1)
                #expect(outcome["spent"] as? Int == 10)
                #expect(outcome["wasted"] as? Int == 15)
                #expect(outcome["left"] as? Int == 160)
                #expect(outcome["of_bound"] as? Int == 5000)
            }
            #expect(try await home.books() == before)
        }
    }

    @Test func `without a file it is the home's own jobs over its accounts`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt --wait")
            let answer = try await home.json("simulate")
            #expect(answer["videos"] as? Int == 1)
            let shown = try await home.purser("simulate --policy balanced")
            #expect(shown.output.contains("100.00 %") && !shown.output.contains("left out"))
        }
    }

    @Test func `videos that are in no figure are counted`() async throws {
        try await withCommandHome { home in
            try await home.addUltra()
            try await home.purser("send ~/capture.txt --wait")
            let path = home.folder + "/accounts.toml"
            let configuration = try String(contentsOfFile: path, encoding: .utf8)
            let price = "[[models]]\nid = \"veo_3_0_r2v_fast\"\nultra = { credits = 1000001 }\n"
            try home.write(configuration + price, to: "accounts.toml")
            let answer = try await home.json("simulate")
            #expect(answer["videos"] as? Int == 0 && answer["left_out_videos"] as? Int == 1)
            let shown = try await home.purser("simulate")
            #expect(shown.output.contains("left out: 1 video "), "\(shown.output)")
        }
    }

    @Test func `more than a hundred years are refused`() async throws {
        try await withCommandHome { home in
            try home.write(Self.trace, to: "trace.jsonl")
            try home.write(Self.pool, to: "pool.jsonl")
            for span in ["--to 9999-12-31", "--from 1900-01-01"] {
                let line = "simulate ~/trace.jsonl --accounts ~/pool.jsonl " + span
                let refused = try await home.purser(line, expecting: 78)
                #expect(refused.messages.contains("hundred years"), "\(span)")
            }
        }
    }

    @Test func `days outside the span are left out`() async throws {
        try await withCommandHome { home in
            try home.write(Self.trace, to: "trace.jsonl")
            try home.write(Self.pool, to: "pool.jsonl")
            let line =
                "simulate ~/trace.jsonl --accounts ~/pool.jsonl --from 2026-11-12 --to 2026-11-12"
            #expect(try await home.json(line)["value"] as? Int == 100)
            let none = "simulate ~/trace.jsonl --accounts ~/pool.jsonl --from 2026-12-01"
            let refused = try await home.purser(none, expecting: 78)
            #expect(refused.messages.contains("no request"))
            #expect(refused.messages.contains("leave --from and --to out"))
        }
    }

    @Test(
        arguments: [
            (#"{"at": "2026-11-02T09:00:00Z"}"#, nil, "model or prices is wanted", "or \"prices\""),
            (
                nil, #"{"name": "a", "tier": "ultra", "credits": 1}"#, "a second a",
                "a name of its own"
            ),
            (
                nil, #"{"name": 1, "tier": "ultra", "credits": 1}"#, "name: a string is",
                "\"name\": \"…\""
            ),
        ] as [(String?, String?, String, String)]
    )
    func `a wrong line is told with a next step`(
        _ trace: String?,
        _ account: String?,
        _ message: String,
        _ hint: String
    ) async throws {
        try await withCommandHome { home in
            try home.write(trace ?? Self.trace, to: "trace.jsonl")
            try home.write(account.map { "\($0)\n\($0)\n" } ?? Self.pool, to: "pool.jsonl")
            let line = "simulate ~/trace.jsonl --accounts ~/pool.jsonl"
            let refused = try await home.purser(line, expecting: 78)
            #expect(refused.messages.contains(message), "\(refused.messages)")
            #expect(refused.messages.contains("purser: hint: "), "\(refused.messages)")
            #expect(refused.messages.contains(hint), "\(refused.messages)")
        }
    }
}
