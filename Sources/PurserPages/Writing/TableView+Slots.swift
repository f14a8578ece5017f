import PurserCore
import PurserEngine

extension TableView {
    /// For `table.mustache`.
    func slots(_ voice: Voice) -> Slots {
        [
            "caption": caption,
            "columns": columns.map { ["title": $0.title, "number": $0.isNumber] as Slots },
            "rows": rows.map { row($0, voice) },
            "total": total.map { [row($0, voice)] } ?? [],
        ]
    }

    private func row(_ cells: [Cell], _ voice: Voice) -> Slots {
        var slots = zip(columns, cells).map { column, cell in
            var slots = cell.slots(voice)
            slots["number"] = column.isNumber
            return slots
        }
        guard !slots.isEmpty else { return ["cells": slots] }
        return ["heading": slots.removeFirst(), "cells": slots]
    }
}

extension Cell {
    /// For `cell.mustache`, which asks for each kind by name.
    ///
    /// Templates look upwards for a name that is not there; the leading dots in that template keep it to this cell.
    func slots(_ voice: Voice) -> Slots {
        switch self {
        case .text(let text): ["text": [text]]
        case .number(let number?): ["text": [Voice.grouped(number)]]
        case .day(let day?):
            ["time": ["machine": day.description, "shown": day.description] as Slots]
        case .time(let time?):
            ["time": ["machine": time.iso8601, "shown": time.readable] as Slots]
        case .number(nil), .day(nil), .time(nil): ["unknown": voice[CommonWord.unknown]]
        case .none: ["text": [voice[CommonWord.nothing]]]
        case .state(let words, let mark):
            ["state": ["words": words, "mark": mark.rawValue] as Slots]
        case .link(let text, let path, let label):
            ["link": ["words": text, "path": path, "label": label] as Slots]
        case .lines(let cells): ["lines": cells.map { $0.slots(voice) }]
        case .meter(let meter, let words):
            ["meter": ["svg": meter.svg(saying: words), "words": words] as Slots]
        }
    }

    /// A day with how far off it is.
    static func day(_ day: CalendarDay, from now: Timestamp, _ voice: Voice) -> Cell {
        .lines([.day(day), .text(voice.relative(day, to: now))])
    }
}

extension Meter {
    /// A bar beside its words, which say the same: so it is hidden from who cannot see it.
    fileprivate func svg(saying words: String) -> String {
        let whole = max(whole, 1)
        let left = Self.share(filled, of: whole)
        let held = min(Self.share(self.held, of: whole), 100 - left)
        return """
            <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">\
            <rect class="whole" width="100" height="6"/>\
            <rect class="filled" width="\(left)" height="6"/>\
            <rect class="held" x="\(left)" width="\(held)" height="6"/></svg>
            """
    }

    private static func share(_ part: Int64, of whole: Int64) -> Int {
        Int(max(0, min(100, Double(part) / Double(whole) * 100)))
    }
}
