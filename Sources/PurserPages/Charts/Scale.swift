/// From numbers to places on an axis.
struct Scale {
    let lowest: Double
    let highest: Double
    /// The distance between two lines: 1, 2 or 5 with zeros behind.
    let step: Double

    /// Holds 0 and all of the values.
    init(_ values: some Sequence<Double>) {
        var lowest = 0.0
        var highest = 0.0
        for value in values {
            lowest = min(lowest, value)
            highest = max(highest, value)
        }
        if lowest == highest { highest = 1 }
        step = Self.step(for: highest - lowest)
        self.lowest = (lowest / step).rounded(.down) * step
        self.highest = (highest / step).rounded(.up) * step
    }

    /// From 0 at the lowest to 1 at the highest.
    func share(_ value: Double) -> Double { (value - lowest) / (highest - lowest) }

    /// Where lines are drawn.
    var ticks: [Int64] {
        let count = Int(((highest - lowest) / step).rounded())
        return (0...count).map { Int64(exactly: (lowest + Double($0) * step).rounded()) ?? 0 }
    }

    /// Whole, because credits are, and so that there are five lines at most.
    private static func step(for span: Double) -> Double {
        var unit = 1.0
        while true {
            for factor in [1.0, 2, 5] where span / (unit * factor) <= 4 { return unit * factor }
            unit *= 10
        }
    }
}
