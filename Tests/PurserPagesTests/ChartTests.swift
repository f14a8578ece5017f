import PurserCore
import Testing

@testable import PurserPages

struct ChartTests {
    /// The pieces of bars that a drawing is made of.
    private func pieces(_ chart: Chart) throws -> [Markup.Element] {
        try Markup(chart.svg(.english)).elements.filter { $0["class"]?.hasPrefix("piece") == true }
    }

    private func number(_ element: Markup.Element, _ name: String) throws -> Double {
        let value = try #require(element[name])
        return try #require(Double(value))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the pieces of all bars are as high as what they stand for`(_ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let labels = (0..<Int.random(in: 1...60, using: &chance)).map { "day \($0)" }
        let series = (0..<Int.random(in: 1...9, using: &chance)).map { number in
            Chart.Series(
                "\(number)",
                labels.map { _ in
                    Bool.random(using: &chance) ? Int64.random(in: -200...900, using: &chance) : nil
                }
            )
        }
        let chart = Chart.stackedBars(title: "t", labels: labels, series: series)
        let unit = (204.0 - 12) / (chart.scale.highest - chart.scale.lowest)
        let heights = try pieces(chart).map { try number($0, "height") }
        let total = series.flatMap(\.values).reduce(0.0) { $0 + abs(Double($1 ?? 0)) }
        let error = 0.01 * Double(heights.count + 1) / unit
        #expect(abs(heights.reduce(0, +) / unit - total) <= error, "seed \(seed)")
        for piece in try pieces(chart) {
            let (y, height) = (try number(piece, "y"), try number(piece, "height"))
            #expect(y >= 11.99 && y + height <= 204.02, "seed \(seed)")
        }
    }

    @Test func `0 and unknown look different`() throws {
        let chart = Chart.bars(
            title: "t",
            labels: ["none", "nobody knows", "some"],
            values: .init("credits", [0, nil, 5000])
        )
        let svg = chart.svg(.english)
        #expect(try pieces(chart).count == 1)
        #expect(svg.contains(">0</text>") && svg.contains(">unknown</text>"))
        #expect(svg.contains(">5,000</text>") && svg.contains("Unknown: 1."))
        let stacked = Chart.stackedBars(
            title: "t",
            labels: ["a", "b"],
            series: [.init("x", [0, nil])]
        )
        #expect(stacked.svg(.english).contains("class=\"unknown\""))
    }

    @Test(arguments: Language.allCases)
    func `nothing and one value can be drawn`(_ language: Language) throws {
        let one = Chart.Series("x", [7])
        let charts: [Chart] = [
            .stackedBars(title: "t", labels: ["a"], series: [one]),
            .bars(title: "t", labels: ["a"], values: one),
            .line(title: "t", labels: ["a"], series: [one]),
            .range(title: "t", labels: ["a"], low: one, middle: one, high: one),
            .stackedBars(title: "t", labels: [], series: []),
            .bars(title: "t", labels: [], values: .init("x", [])),
            .line(title: "t", labels: [], series: []),
            .range(title: "t", labels: [], low: .init("x", []), middle: one, high: one),
            .line(title: "t", labels: ["a", "b"], series: [.init("x", [nil, nil])]),
            // The ends of what there are.
            .stackedBars(
                title: "t",
                labels: ["a"],
                series: [.init("x", [.max]), .init("y", [.max]), .init("z", [.min])]
            ),
        ]
        for chart in charts {
            let svg = chart.svg(language)
            _ = try Markup(svg)
            #expect(!svg.contains("nan") && !svg.contains("inf"))
        }
        #expect(charts[2].svg(language).contains("<circle"))
        #expect(charts[4].svg(language).contains(Voice(language: language)[CommonWord.noData]))
    }

    @Test func `a line breaks where nothing is known`() throws {
        let chart = Chart.line(
            title: "t",
            labels: ["a", "b", "c", "d", "e"],
            series: [.init("x", [1, 2, nil, 4, 5])]
        )
        let strokes = try Markup(chart.svg(.english)).elements.filter { $0.name == "path" }
        #expect(strokes.count == 2)
    }

    @Test(arguments: [(0.0, 1.0), (0, 999), (-30, 7), (0, 9e15), (-9e18, 9e18)])
    func `an axis holds its values between few round numbers`(_ low: Double, _ high: Double) {
        let scale = Scale([low, high])
        #expect(scale.lowest <= low && scale.highest >= high)
        #expect((2...6).contains(scale.ticks.count))
        #expect(scale.ticks.contains(0))
    }

    @Test func `days beyond a hundred are put together, and none is lost`() {
        let first = CalendarDay(number: 20_000)
        for days in [1, 99, 100, 101, 366, 701, 5000] {
            let buckets = DayBuckets(from: first, to: CalendarDay(number: 19_999 + days))
            #expect(buckets.count <= 101 && buckets.count * buckets.length >= days)
            let sums = buckets.sums(
                (0..<days).map { (CalendarDay(number: 20_000 + $0), Int64($0)) }
            )
            #expect(sums.reduce(0) { $0 + ($1 ?? 0) } == Int64(days * (days - 1) / 2))
        }
        #expect(DayBuckets(from: first, to: CalendarDay(number: 1)).count == 0)
    }

    @Test func `what was spent adds up in the chart, and the least are others`() {
        let view = SampleViews.plain.spend
        let chart = view.chart(Voice(language: .english))
        let drawn = chart.series.flatMap(\.values).reduce(0) { $0 + ($1 ?? 0) }
        let booked = view.rows.reduce(0) { $0 + $1.charged.amount - $1.refunded.amount }
        #expect(drawn == booked)
        #expect(chart.series.count == 9 && chart.series.last?.name == "Others")
    }

    @Test func `every series has its pattern, and the patterns are there`() throws {
        let series = (0..<9).map { Chart.Series("s\($0)", [1]) }
        let chart = Chart.stackedBars(title: "t", labels: ["a"], series: series)
        let fills = try Markup(chart.svg(.english)).elements.compactMap { $0["fill"] }
        #expect(fills == (1...8).map { "url(#pattern-\($0))" })
        let ids = try Markup(Drawing.patterns).elements.compactMap { $0["id"] }
        #expect(ids == (1...8).map { "pattern-\($0)" })
    }
}

/// Splitmix64: the same numbers for the same seed.
private struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
