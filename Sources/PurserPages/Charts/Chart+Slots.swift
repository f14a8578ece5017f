extension Chart {
    /// For `chart.mustache`: the drawing, its legend, and the numbers as a table.
    func slots(_ voice: Voice) -> Slots {
        let isLegible = series.count > 1
        let items = series.enumerated().map { index, series in
            ["name": series.name, "swatch": swatch(index)] as Slots
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

    private func swatch(_ index: Int) -> String {
        let shape =
            switch kind {
            case .stackedBars, .bars: Drawing.piece(index, x: 0, y: 0, width: 14, height: 14)
            case .line: Drawing.path(index, "M0 7L14 7")
            case .range: Drawing.path(index == 1 ? 0 : 1, "M0 7L14 7")
            }
        return """
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
