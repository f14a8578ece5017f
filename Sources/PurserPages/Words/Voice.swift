import PurserCore
import PurserEngine

/// Speaks one language: words, numbers and dates.
struct Voice: Sendable {
    let language: Language

    subscript(_ word: some Words) -> String { word.text(language) }

    subscript(_ problem: PageProblem) -> String { problem.text(language) }

    /// One of two texts, for sentences with figures in them.
    func callAsFunction(
        _ english: @autoclosure () -> String,
        _ chinese: @autoclosure () -> String
    )
        -> String
    {
        switch language {
        case .english: english()
        case .chinese: chinese()
        }
    }

    /// `name: value`.
    func pair(_ name: String, _ value: String) -> String {
        self("\(name): \(value)", "\(name)：\(value)")
    }

    /// With thousands separators, alike in both languages; `nil` is the word and never 0.
    func number(_ number: Int64?) -> String {
        number.map(Self.grouped) ?? self[CommonWord.unknown]
    }

    func number(_ credits: Credits?) -> String { number(credits?.amount) }

    /// `12,345`, with a real minus sign.
    static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude).utf8)
        var text: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(0x2C) }
            text.append(digit)
        }
        return (number < 0 ? "−" : "") + String(decoding: text, as: UTF8.self)
    }

    /// `1 credit`, `2 credits`: English alone tells one from many.
    static func counted(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(grouped(Int64(number))) \(number == 1 ? one : many)"
    }

    /// `in 9 days`, seen from `now`.
    func relative(_ day: CalendarDay, to now: Timestamp) -> String {
        let days = day.number - CalendarDay(now).number
        return switch days {
        case 0: self("today", "今天")
        case 1: self("tomorrow", "明天")
        case 2...: self("in \(days) days", "\(days) 天后")
        case -1: self("yesterday", "昨天")
        default: self("\(-days) days ago", "\(-days) 天前")
        }
    }

    /// `4 min`, rounded up; a wait of nothing is said so.
    func duration(_ duration: Duration) -> String {
        let seconds = max(0, (duration.milliseconds / 1000))
        return switch seconds {
        case 0: self("no wait", "无需等待")
        case ..<90: self("\(seconds) s", "\(seconds) 秒")
        case ..<5400: self("\((seconds + 30) / 60) min", "\((seconds + 30) / 60) 分钟")
        default: self("\((seconds + 1800) / 3600) h", "\((seconds + 1800) / 3600) 小时")
        }
    }

    /// `500 a day`.
    func limit(_ limit: SpendingLimit) -> String {
        let credits = number(limit.credits)
        if case .cycle(let day) = limit.window {
            return self("\(credits) in each cycle from day \(day)", "每月 \(day) 日起 \(credits)")
        }
        return self(
            "\(credits) \(self[limit.window.kind])",
            "\(self[limit.window.kind]) \(credits)"
        )
    }
}
