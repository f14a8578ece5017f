import Foundation
import NIOHTTP1
import PurserCore
import PurserEngine
import Testing

@testable import PurserGateway

struct MetricsTests {
    @Test func `the text is OpenMetrics`() {
        var histogram = Histogram()
        for milliseconds in [1, 3, 60_000] { histogram.add(.milliseconds(milliseconds)) }
        histogram.add(.milliseconds(-5))
        var text = OpenMetrics()
        text.counter("a_things", "Things \"so\"\nand \\so.", [(["name": "x\"\\\n"], 7)])
        text.gauge("b", "Nothing.", [])
        text.histogram("c_seconds", "Time.", histogram)
        let lines = text.finished.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(8) == [
                "# TYPE a_things counter", #"# HELP a_things Things \"so\"\nand \\so."#,
                #"a_things_total{name="x\"\\\n"} 7"#, "# TYPE b gauge", "# HELP b Nothing.",
                "# TYPE c_seconds histogram", "# UNIT c_seconds seconds", "# HELP c_seconds Time.",
            ]
        )
        #expect(lines.contains(#"c_seconds_bucket{le="0.0005"} 1"#))
        #expect(lines.contains(#"c_seconds_bucket{le="0.001"} 2"#))
        #expect(lines.contains(#"c_seconds_bucket{le="0.005"} 3"#))
        #expect(lines.contains(#"c_seconds_bucket{le="30.0"} 3"#))
        #expect(
            lines.suffix(4) == [
                #"c_seconds_bucket{le="+Inf"} 4"#, "c_seconds_sum 60.004", "c_seconds_count 4",
                "# EOF",
            ]
        )
    }

    @Test func `metrics agree with the books, and need a key`() async throws {
        try await withGateway { home in
            let ada = try await home.member("ada")
            let eve = try await home.member("eve", role: .auditor)
            for _ in 0..<3 { _ = try await home.post(textToVideo, textBody(), key: ada) }
            _ = try await home.post(textToVideo, textBody("no_such_model"), key: ada)
            _ = try await home.post(textToVideo, textBody(), key: "psr_nobody")

            #expect(try await home.get("/metrics").status == 401)
            #expect(try await home.get("/metrics", key: ada).status == 403)
            let reply = try await home.get("/metrics", key: eve)
            #expect(reply.headers["content-type"] == [OpenMetrics.contentType])
            #expect(reply.text.hasSuffix("# EOF\n"))
            let values = try Self.values(reply.text)
            for overview in try await home.engine.store.accounts() {
                let label = "{account=\"\(overview.account.name)\"}"
                let balance = try #require(overview.balance)
                let name = "purser_available_credits" + label
                #expect(values[name] == "\(balance.available)")
                #expect(values["purser_held_credits" + label] == "\(balance.held)")
                #expect(values["purser_posted_credits" + label] == "\(balance.posted)")
            }
            let report = try await CreditReport(home.engine.store, by: .account, from: nil, to: nil)
            for row in report.rows {
                let name = "purser_charged_credits_total{account=\"\(row.label)\"}"
                #expect(values[name] == "\(row.charged)")
            }
            let requests = "purser_requests_total{call=\"generate\",outcome="
            #expect(values[requests + "\"ok\"}"] == "3")
            #expect(values[requests + "\"PURSER_INVALID_REQUEST\"}"] == "1")
            #expect(values[requests + "\"PURSER_UNAUTHENTICATED\"}"] == "1")
            #expect(values["purser_auth_failures_total"] == "1")
            #expect(values["purser_added_seconds_count"] == "3")
            #expect(values["purser_queue"] == "0")
            #expect(values["purser_upstream_seen_timestamp_seconds"] != nil)
        }
    }

    @Test func `a service that was missed three times in a row makes the gateway unready a minute`()
    {
        let pulse = UpstreamPulse()
        let start = Timestamp(milliseconds: 1_000_000)
        for _ in 0..<2 { pulse.missed(at: start) }
        #expect(!pulse.isMissing(at: start))
        pulse.missed(at: start)
        #expect(pulse.isMissing(at: start + .seconds(59)))
        #expect(!pulse.isMissing(at: start + .seconds(60)))
        pulse.seen(at: start + .seconds(1))
        #expect(!pulse.isMissing(at: start + .seconds(2)))
        #expect(pulse.seenAt == start + .seconds(1))
    }

    /// The samples of a text, each of whose lines must be one of the format.
    private static func values(_ text: String) throws -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let match = try #require(
                line.wholeMatch(of: /([a-z_]+(?:\{.*\})?) ([0-9.]+)/),
                "\(line)"
            )
            #expect(values.updateValue(String(match.2), forKey: String(match.1)) == nil)
        }
        return values
    }
}
