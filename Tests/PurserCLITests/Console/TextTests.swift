import PurserCore
import PurserEngine
import Testing

@testable import PurserCLI

struct TextTests {
    @Test(arguments: [
        ("abc", 3), ("東京", 4), ("é", 1), ("e\u{301}", 1), ("🎬", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2),
        ("❤️", 2), ("❤", 1), ("한글", 4), ("ﾊﾝ", 2), ("─█·", 3), ("·\u{301}▏", 2), ("", 0), ("1", 1),
    ])
    func `width counts columns of a terminal`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        ("abcdef", 4, "abc…"), ("abcd", 4, "abcd"), ("東京都", 4, "東…"), ("東京都", 5, "東京…"),
        ("ab", 1, "…"), ("ab", 0, ""),
    ])
    func `cutting counts columns too`(text: String, width: Int, expected: String) {
        #expect(text.truncated(to: width) == expected)
        #expect(text.truncated(to: width).columns <= max(width, 0))
    }

    @Test func `harmless text is shown as it is`() {
        #expect(visible("Grüße, 東京 👨‍👩‍👧 \\") == "Grüße, 東京 👨‍👩‍👧 \\")
        #expect(visible("\0\t\u{7F}\u{85}\u{FEFF}") == "\\u{0}\\t\\u{7f}\\u{85}\\u{feff}")
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (12_500, "12,500"), (-1_234_567, "-1,234,567"),
        (Int64.min, "-9,223,372,036,854,775,808"),
    ])
    func `numbers are grouped by three`(number: Int64, text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [
        ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("0s", 0),
        ("90s", 90_000), ("1500ms", 1500),
    ])
    func `lengths of time are read and written`(text: String, milliseconds: Int64) throws {
        let duration = try #require(Duration(text: text))
        #expect(duration == .milliseconds(milliseconds))
        #expect(Duration(text: duration.text) == duration)
    }

    @Test(arguments: [
        "", "s", "30", "-1s", "1.5s", "1 s", "1d", "1S", "٣s", "9223372036854775807h",
    ])
    func `what is no length of time is refused`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(arguments: [
        (0, 100, "··········"), (100, 100, "██████████"), (75, 100, "███████▌··"),
        (1, 1_000_000, "▏·········"), (999_999, 1_000_000, "█████████▉"), (-5, 100, "··········"),
        (500, 100, "██████████"), (5, 0, "··········"), (Int64.max, Int64.max, "██████████"),
    ])
    func `a bar shows what is left`(left: Int64, whole: Int64, text: String) {
        #expect(Bar(left: left, of: whole).text == text)
    }

    @Test(arguments: [
        (0, "now"), (999, "now"), (1000, "in 1 s"), (-30_000, "30 s ago"), (90_000, "in 2 min"),
        (-180_000, "3 min ago"), (5_400_000, "in 2 h"), (129_599_000, "in 36 h"),
        (777_600_000, "in 9 days"), (Int64.min, "106751991167 days ago"),
    ])
    func `an instant is told from now`(milliseconds: Int64, text: String) {
        let now = Timestamp(milliseconds: 0)
        #expect(Timestamp(milliseconds: milliseconds).relative(to: now) == text)
    }

    @Test(arguments: [
        ("2026-11-21T12:14:49Z", 1_795_263_289_000), ("2026-11-21T12:14:49.5Z", 1_795_263_289_500),
        ("2026-11-21T14:14:49+02:00", 1_795_263_289_000), ("1969-12-31T23:59:59.999Z", -1),
        ("2026-11-21 12:14:49.0079999Z", 1_795_263_289_007),
    ])
    func `instants are read`(text: String, milliseconds: Int64) throws {
        let instant = try #require(Timestamp(iso8601: text))
        #expect(instant.milliseconds == milliseconds)
        #expect(Timestamp(iso8601: instant.iso8601) == instant)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T12:14:49", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T12:60:00Z", "2026-11-21T12:14:49.Z", "2026-11-21T12:14:49Zx",
        "2026-11-21T12:14:49+2:00", "2026-11-21T+1:14:49Z",
    ])
    func `what is no instant is refused`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }
}
