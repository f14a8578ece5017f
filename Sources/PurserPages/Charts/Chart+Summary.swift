extension Chart {
    /// What the drawing shows, in a sentence or two.
    func summary(_ voice: Voice) -> String {
        guard let first = labels.first, let last = labels.last else {
            return voice[CommonWord.noData]
        }
        let span = voice("From \(first) to \(last).", "从 \(first) 到 \(last)。")
        let unknown = series.reduce(0) { count, series in
            count + labels.indices.count { series.value(at: $0) == nil }
        }
        let gaps = unknown == 0 ? "" : voice(" Unknown: \(unknown).", "未知：\(unknown) 处。")
        return (kind == .bars ? "" : span) + (figures(voice) ?? "") + gaps
    }

    private func figures(_ voice: Voice) -> String? {
        let sums = labels.indices.map { index in Self.sum(series.map { $0.value(at: index) }) }
        switch kind {
        case .stackedBars, .bars:
            guard let total = Self.sum(sums),
                let most = sums.indices.max(by: { sums[$0] ?? .min < sums[$1] ?? .min })
            else { return nil }
            let sum = Voice.grouped(total)
            let peak = Voice.grouped(sums[most] ?? 0)
            return voice(
                " \(sum) in all; most: \(peak), \(labels[most]).",
                "合计 \(sum)；最高 \(peak)（\(labels[most])）。"
            )
        case .line:
            guard let ends = series.first?.values.compactMap({ $0 }), let least = ends.min(),
                let most = ends.max()
            else { return nil }
            let (low, high) = (Voice.grouped(least), Voice.grouped(most))
            return voice(" Between \(low) and \(high).", "介于 \(low) 与 \(high) 之间。")
        case .range:
            guard series.count == 3, let low = series[0].values.last ?? nil,
                let high = series[2].values.last ?? nil
            else { return nil }
            let (least, most) = (Voice.grouped(low), Voice.grouped(high))
            return voice(
                " At the end between \(least) and \(most).",
                "期末介于 \(least) 与 \(most) 之间。"
            )
        }
    }
}
