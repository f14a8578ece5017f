/// Writes the text format of OpenMetrics 1.0; whole numbers only, times in microseconds shown as seconds.
struct OpenMetrics {
    static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    typealias Labels = KeyValuePairs<String, String>

    private var text = ""

    /// Numbers that only grow; `name` without `_total`.
    mutating func counter(_ name: String, _ help: String, _ values: [(Labels, Int64)]) {
        head(name, "counter", help)
        for (labels, value) in values { line(name + "_total", labels, "\(value)") }
    }

    mutating func gauge(_ name: String, _ help: String, _ values: [(Labels, Int64)]) {
        head(name, "gauge", help)
        for (labels, value) in values { line(name, labels, "\(value)") }
    }

    /// `name` ends in its unit, which is seconds.
    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        head(name, "histogram", help, unit: "seconds")
        var count: Int64 = 0
        for (bound, more) in zip(Histogram.bounds, histogram.counts) {
            count += more
            line(name + "_bucket", ["le": Self.seconds(bound)], "\(count)")
        }
        line(name + "_bucket", ["le": "+Inf"], "\(histogram.count)")
        line(name + "_sum", [:], Self.seconds(histogram.sum))
        line(name + "_count", [:], "\(histogram.count)")
    }

    /// The whole exposition.
    var finished: String { text + "# EOF\n" }

    private mutating func head(_ name: String, _ type: String, _ help: String, unit: String? = nil)
    {
        text += "# TYPE \(name) \(type)\n"
        if let unit { text += "# UNIT \(name) \(unit)\n" }
        text += "# HELP \(name) \(Self.escaped(help))\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0)=\"\(Self.escaped($1))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }

    /// Microseconds as seconds: `0.0025`, `1.0`.
    static func seconds(_ microseconds: Int64) -> String {
        var fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
        return "\(microseconds / 1_000_000).\(fraction)"
    }
}

/// How often something took how long, in microseconds.
struct Histogram: Sendable, Equatable {
    /// Upper bounds, each counted in its bucket.
    static let bounds: [Int64] = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        5_000_000, 30_000_000,
    ]

    private(set) var counts = [Int64](repeating: 0, count: bounds.count)
    private(set) var count: Int64 = 0
    private(set) var sum: Int64 = 0

    /// `time`: below 0 counts as none.
    mutating func add(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        let microseconds = max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        count += 1
        sum += microseconds
        if let index = Self.bounds.firstIndex(where: { microseconds <= $0 }) { counts[index] += 1 }
    }
}
