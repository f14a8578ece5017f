extension Chart {
    /// The drawing, with a name and a summary for who cannot see it; every text in it is escaped.
    package func svg(_ language: Language) -> String {
        let voice = Voice(language: language)
        let plot = kind == .bars ? Plot(rows: labels.count) : Plot()
        let drawing: String
        if isEmpty {
            drawing = Drawing.text(
                voice[CommonWord.noData],
                x: plot.width / 2,
                y: plot.height / 2,
                .middle
            )
        } else {
            drawing =
                switch kind {
                case .stackedBars: stacked(in: plot, voice)
                case .bars: lying(in: plot, voice)
                case .line: axes(in: plot, scale) + lines(series.indices, in: plot, scale)
                case .range:
                    axes(in: plot, scale) + band(in: plot, scale)
                        + lines(1..<2, in: plot, scale)
                }
        }
        return """
            <svg class="drawing" viewBox="0 0 \(Drawing.short(plot.width)) \
            \(Drawing.short(plot.height))" role="img" aria-label="\(HTML.escaped(title))">\
            <title>\(HTML.escaped(title))</title><desc>\(HTML.escaped(summary(voice)))</desc>\
            \(drawing)</svg>
            """
    }

    /// Where things are, in the drawing's own units.
    struct Plot {
        var left = 72.0
        var right = 708.0
        var top = 12.0
        var bottom = 204.0
        let width = 720.0
        var height = 232.0

        /// For bars that stand.
        init() {}

        /// For bars that lie: a row for each.
        init(rows: Int) {
            left = 200
            right = 620
            bottom = top + Double(max(rows, 1)) * Self.row
            height = bottom + 8
        }

        static let row = 24.0

        func y(_ share: Double) -> Double { bottom - share * (bottom - top) }
        func x(_ share: Double) -> Double { left + share * (right - left) }
    }

    // MARK: Scales

    /// For stacked bars the sums count: of what is above 0, and of what is below.
    var scale: Scale {
        switch kind {
        case .stackedBars:
            Scale(
                labels.indices.flatMap { index in
                    let values = known(at: index)
                    return [
                        values.filter { $0 > 0 }.reduce(0, +),
                        values.filter { $0 < 0 }.reduce(0, +),
                    ]
                }
            )
        case .bars, .line, .range:
            Scale(labels.indices.flatMap { known(at: $0) })
        }
    }

    private func known(at index: Int) -> [Double] {
        series.compactMap { $0.value(at: index).map(Double.init) }
    }

    // MARK: Axes

    private func axes(in plot: Plot, _ scale: Scale) -> String {
        let lines = scale.ticks.map { tick in
            let y = plot.y(scale.share(Double(tick)))
            return Drawing.line(tick == 0 ? "zero" : "grid", plot.left, y, plot.right, y)
                + Drawing.text(Voice.grouped(tick), x: plot.left - 6, y: y + 4, .end)
        }
        return lines.joined() + names(in: plot)
    }

    /// Some of the labels, the first and the last among them.
    private func names(in plot: Plot) -> String {
        let count = labels.count
        let shown = count <= 5 ? Array(labels.indices) : (0..<5).map { $0 * (count - 1) / 4 }
        return shown.map { index in
            let anchor: Drawing.Anchor =
                count > 2 && index == 0 ? .start : count > 2 && index == count - 1 ? .end : .middle
            let x = anchor == .start ? plot.left : anchor == .end ? plot.right : middle(index, plot)
            return Drawing.text(
                Self.shortened(labels[index], 14),
                x: x,
                y: plot.bottom + 18,
                anchor
            )
        }.joined()
    }

    /// The middle of a label's share of the axis.
    private func middle(_ index: Int, _ plot: Plot) -> Double {
        plot.x((Double(index) + 0.5) / Double(labels.count))
    }

    static func shortened(_ text: String, _ length: Int) -> String {
        text.count <= length ? text : text.prefix(length - 1) + "…"
    }

    // MARK: Bars

    private func stacked(in plot: Plot, _ voice: Voice) -> String {
        let scale = scale
        let share = (plot.right - plot.left) / Double(labels.count)
        let width = max(1, min(48, share * 0.8))
        let bars = labels.indices.map { index in
            let x = middle(index, plot) - width / 2
            var above = 0.0
            var below = 0.0
            var pieces = ""
            for (number, series) in series.enumerated() {
                guard let value = series.value(at: index) else { continue }
                let from = value < 0 ? below : above
                let to = from + Double(value)
                if value < 0 { below = to } else { above = to }
                let (top, bottom) = (
                    plot.y(scale.share(max(from, to))), plot.y(scale.share(min(from, to)))
                )
                guard value != 0 else { continue }
                pieces += Drawing.piece(
                    number,
                    x: x,
                    y: top,
                    width: width,
                    height: bottom - top,
                    title: "\(labels[index]) · \(series.name): \(Voice.grouped(value))"
                )
            }
            if series.contains(where: { $0.value(at: index) == nil }) {
                pieces += unknownMark(x: x + width / 2, y: plot.y(scale.share(above)) - 4)
            }
            return pieces
        }
        return axes(in: plot, scale) + bars.joined()
    }

    /// A question mark: something is not known here, which is not 0.
    private func unknownMark(x: Double, y: Double) -> String {
        Drawing.text("?", x: x, y: y, .middle, type: "unknown")
    }

    private func lying(in plot: Plot, _ voice: Voice) -> String {
        let scale = scale
        let zero = plot.x(scale.share(0))
        let rows = labels.indices.map { index in
            let top = plot.top + Double(index) * Plot.row
            let name = Drawing.text(
                Self.shortened(labels[index], 26),
                x: plot.left - 8,
                y: top + 16,
                .end
            )
            guard let value = series[0].value(at: index) else {
                return name
                    + Drawing.text(
                        voice[CommonWord.unknown],
                        x: zero + 6,
                        y: top + 16,
                        .start,
                        type: "unknown"
                    )
            }
            let end = plot.x(scale.share(Double(value)))
            let bar =
                value == 0
                ? ""
                : Drawing.piece(
                    0,
                    x: min(zero, end),
                    y: top + 4,
                    width: abs(end - zero),
                    height: 16
                )
            return name + bar
                + Drawing.text(Voice.grouped(value), x: max(zero, end) + 6, y: top + 16, .start)
        }
        return rows.joined() + Drawing.line("zero", zero, plot.top, zero, plot.bottom)
    }

    // MARK: Lines

    private func lines(_ indices: Range<Int>, in plot: Plot, _ scale: Scale) -> String {
        indices.filter { $0 < series.count }.map { index in
            let style = kind == .range ? 0 : index
            return runs(of: [series[index]]).map { run in
                let points = run.map { label in
                    (
                        x: middle(label, plot),
                        y: plot.y(scale.share(Double(series[index].value(at: label) ?? 0)))
                    )
                }
                // One value alone makes no line.
                if points.count == 1 { return Drawing.dot(style, x: points[0].x, y: points[0].y) }
                return Drawing.path(style, Self.outline(points))
            }.joined()
        }.joined()
    }

    /// The band between the low and the high series.
    private func band(in plot: Plot, _ scale: Scale) -> String {
        guard series.count == 3 else { return "" }
        return runs(of: [series[0], series[2]]).map { run in
            func side(_ series: Series, _ labels: some Sequence<Int>) -> [(x: Double, y: Double)] {
                labels.map {
                    (middle($0, plot), plot.y(scale.share(Double(series.value(at: $0) ?? 0))))
                }
            }
            let outline = Self.outline(side(series[2], run) + side(series[0], run.reversed()))
            return #"<path class="band" d="\#(outline)Z"/>"#
        }.joined()
    }

    /// The stretches of labels in which all of the series are known.
    private func runs(of series: [Series]) -> [[Int]] {
        labels.indices.reduce(into: [[]]) { runs, index in
            if series.allSatisfy({ $0.value(at: index) != nil }) {
                runs[runs.count - 1].append(index)
            } else if runs.last?.isEmpty == false {
                runs.append([])
            }
        }.filter { !$0.isEmpty }
    }

    private static func outline(_ points: [(x: Double, y: Double)]) -> String {
        points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(Drawing.short(point.x)) \(Drawing.short(point.y))"
        }.joined()
    }
}
