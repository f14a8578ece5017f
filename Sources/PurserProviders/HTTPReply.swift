package import PurserCore

/// An answer, whole.
package struct HTTPReply: Sendable, Equatable {
    package let status: Int
    package let contentType: String?
    /// How long the service asks to wait.
    package let retryAfter: Duration?
    /// What time it is for the service.
    package let date: Timestamp?
    package let body: [UInt8]

    package init(
        status: Int,
        contentType: String? = nil,
        retryAfter: Duration? = nil,
        date: Timestamp? = nil,
        body: [UInt8]
    ) {
        self.status = status
        self.contentType = contentType
        self.retryAfter = retryAfter
        self.date = date
        self.body = body
    }

    /// Seconds, or a date, which counts from the answer's own `Date` so that no clock need agree.
    static func retryAfter(_ text: String?, now: String?) -> Duration? {
        guard let text else { return nil }
        if let seconds = Int64(text) { return seconds < 0 ? nil : .seconds(min(seconds, 1 << 31)) }
        guard let from = now.flatMap(Timestamp.init(httpDate:)),
            let until = Timestamp(httpDate: text)
        else { return nil }
        return max(.zero, until - from)
    }
}

extension Timestamp {
    /// Reads the one form of date that HTTP still writes: `Sun, 06 Nov 1994 08:49:37 GMT`.
    init?(httpDate text: String) {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: "\(parts[2])"),
            let dayOfMonth = Int(parts[1]), let year = Int(parts[3]),
            let day = CalendarDay(year: year, month: month + 1, day: dayOfMonth)
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { UInt8($0) }
        guard time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
        let seconds = (Int(time[0]) * 60 + Int(time[1])) * 60 + Int(time[2])
        self = day.start + .seconds(seconds)
    }
}
