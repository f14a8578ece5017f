package import PurserCore

extension Timestamp {
    /// `2026-11-21T12:14:49.000Z`: in UTC, always with milliseconds.
    package var iso8601: String { "\(day)T\(clock(withMilliseconds: true))Z" }

    /// `2026-11-21 12:14:49`: in UTC, for people.
    package var readable: String { "\(day) \(clock(withMilliseconds: false))" }

    /// Reads `2026-11-21T12:14:49Z`, with or without a fraction, or an offset such as `+02:00`.
    ///
    /// Digits beyond milliseconds are dropped.
    package init?(iso8601 text: some StringProtocol) {
        let utf8 = Array(text.utf8)
        guard utf8.count >= 20, utf8[10] == UInt8(ascii: "T") || utf8[10] == UInt8(ascii: " "),
            let day = CalendarDay(String(decoding: utf8[..<10], as: UTF8.self)),
            let time = Self.clock(utf8[11..<19])
        else { return nil }
        var rest = utf8[19...]
        var milliseconds: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            for place in 0..<3 {
                let digit = digits.dropFirst(place).first ?? 0x30
                milliseconds = milliseconds * 10 + Int64(digit - 0x30)
            }
            rest = rest[digits.endIndex...]
        }
        guard let offset = Self.offset(rest) else { return nil }
        self = day.start + .milliseconds((time - offset) * 1000 + milliseconds)
    }

    /// Reads a day, which is its beginning in UTC, or an instant as ``init(iso8601:)`` does.
    package init?(dayOrInstant text: String) {
        guard let instant = CalendarDay(text)?.start ?? Timestamp(iso8601: text) else { return nil }
        self = instant
    }

    /// How far off the instant is, seen from `now`: `in 9 days`, `3 min ago`, `now`.
    package func relative(to now: Timestamp) -> String {
        let distance = (self - now).milliseconds
        let seconds = Int64(clamping: distance.magnitude / 1000)
        guard seconds > 0 else { return "now" }
        let amount =
            switch seconds {
            case ..<90: "\(seconds) s"
            case ..<(90 * 60): "\((seconds + 30) / 60) min"
            case ..<(36 * 3600): "\((seconds + 1800) / 3600) h"
            default: "\((seconds + 43_200) / 86_400) days"
            }
        return distance < 0 ? "\(amount) ago" : "in \(amount)"
    }

    private var day: CalendarDay { CalendarDay(self) }

    private func clock(withMilliseconds: Bool) -> String {
        // Not `self - day.start`: near the ends of Int64 that start does not exist.
        let remainder = milliseconds % 86_400_000
        let rest = remainder < 0 ? remainder + 86_400_000 : remainder
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60]
            .map { padded($0, 2) }.joined(separator: ":")
        return withMilliseconds ? "\(time).\(padded(rest % 1000, 3))" : time
    }

    /// The seconds of `12:14:49`.
    private static func clock(_ text: ArraySlice<UInt8>) -> Int64? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map(number)
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            hour < 24, minute < 60, second < 60
        else { return nil }
        return (hour * 60 + minute) * 60 + second
    }

    /// The seconds of `Z` or `+02:00`.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        guard let sign = text.first else { return nil }
        if sign == UInt8(ascii: "Z") { return text.count == 1 ? 0 : nil }
        guard text.count == 6, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let seconds = clock(text.dropFirst() + ":00".utf8)
        else { return nil }
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.count == 2, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
