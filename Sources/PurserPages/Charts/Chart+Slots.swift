extension Chart {
    /// For `chart.mustache`: the drawing, its legend, and the numbers as a table.
    func slots(_ voice: Voice) -> Slots {
        let isLegible = series.count > 1
        let items = legend.map { name, shape in
            ["name": name, "swatch": Self.swatch(shape)] as Slots
        }
        return [
            "title": title, "svg": svg(voice.language),
            "legend": isLegible ? [["items": items] as Slots] : [],
            "table": isEmpty ? [] : [table(voice).slots(voice)],
        ]
    }

    /// What it is drawn from, with sums where pieces add up.
    func table(_ voice: Voice) -> TableView {
        let adds = kind == .stackedBars && series.count > 1
        let columns =
            [TableView.Column(voice[CommonWord.label])]
            + series.map { TableView.Column($0.name, isNumber: true) }
            + (adds ? [TableView.Column(voice[CommonWord.total], isNumber: true)] : [])
        let rows = labels.indices.map { index in
            let values = series.map { $0.value(at: index) }
            return [Cell.text(labels[index])] + values.map(Cell.number)
                + (adds ? [.number(Self.sum(values))] : [])
        }
        return TableView(caption: title, columns: columns, rows: rows)
    }

    /// Of what is known; it stops at the ends of `Int64` instead of trapping.
    static func sum(_ values: [Int64?]) -> Int64? {
        values.contains { $0 != nil }
            ? Int64(clamping: values.reduce(Int128(0)) { $0 + Int128($1 ?? 0) }) : nil
    }

    var isEmpty: Bool { labels.isEmpty || series.isEmpty }

    /// Names with what they look like; a range is a band and a line in it.
    private var legend: [(String, String)] {
        if kind == .range, series.count == 3 {
            return [
                (series[1].name, Drawing.path(0, "M0 7L14 7")),
                (
                    "\(series[0].name) – \(series[2].name)",
                    #"<path class="band" d="M0 2H14V12H0Z"/>"#
                ),
            ]
        }
        return series.enumerated().map { index, series in
            (
                series.name,
                kind == .line
                    ? Drawing.path(index, "M0 7L14 7")
                    : Drawing.piece(index, x: 0, y: 0, width: 14, height: 14)
            )
        }
    }

    private static func swatch(_ shape: String) -> String {
        """
        <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true">\(shape)</svg>
        """
    }
}

extension Chart.Series {
    /// `nil` also where there is none.
    func value(at index: Int) -> Int64? {
        values.indices.contains(index) ? values[index] : nil
    }
}
