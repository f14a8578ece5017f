import PurserCore
import PurserEngine

/// Tables are written here and not by a template, which would look up each of some thousand names anew: that is most of the
/// time a page takes.
extension TableView {
    /// For `{{{.html}}}`.
    func slots(_ voice: Voice) -> Slots { ["html": html(voice)] }

    /// A box of its own, in which it scrolls where the page is narrower; every text in it is escaped.
    func html(_ voice: Voice) -> String {
        let caption = HTML.escaped(caption)
        // Too wide for a phone: it scrolls there, and is not squeezed.
        let wide = columns.count > 5 ? " wide" : ""
        var html = """
            <div class="scroll\(wide)" role="group" aria-label="\(caption)" tabindex="0">
            <table>
            <caption>\(caption)</caption>
            <thead><tr>
            """
        for column in columns {
            html += "<th scope=\"col\"\(column.type)>\(HTML.escaped(column.title))</th>"
        }
        html += "</tr></thead>\n<tbody>\n"
        for row in rows { write(row, to: &html, voice) }
        html += "</tbody>\n"
        if let total {
            html += "<tfoot>"
            write(total, to: &html, voice)
            html += "</tfoot>\n"
        }
        return html + "</table>\n</div>\n"
    }

    private func write(_ cells: [Cell], to html: inout String, _ voice: Voice) {
        html += "<tr>"
        for (index, (column, cell)) in zip(columns, cells).enumerated() {
            html += index == 0 ? "<th scope=\"row\"\(column.type)>" : "<td\(column.type)>"
            cell.write(to: &html, voice)
            html += index == 0 ? "</th>" : "</td>"
        }
        html += "</tr>\n"
    }
}

extension TableView.Column {
    fileprivate var type: String { isNumber ? " class=\"number\"" : "" }
}

extension Cell {
    /// For `{{{.html}}}`.
    func slots(_ voice: Voice) -> Slots {
        var html = ""
        write(to: &html, voice)
        return ["html": html]
    }

    fileprivate func write(to html: inout String, _ voice: Voice) {
        switch self {
        case .text(let text): html += HTML.escaped(text)
        case .number(let number?): html += Voice.grouped(number)
        case .day(let day?): html += "<time datetime=\"\(day)\">\(day)</time>"
        case .time(let time?):
            html += "<time datetime=\"\(time.iso8601)\">\(time.readable)</time>"
        case .number(nil), .day(nil), .time(nil):
            html += "<span class=\"unknown\">\(voice[CommonWord.unknown])</span>"
        case .none: html += voice[CommonWord.nothing]
        case .state(let words, let mark):
            html += "<span class=\"state \(mark.rawValue)\">\(HTML.escaped(words))</span>"
        case .link(let words, let path, let label):
            html += "<a href=\"\(HTML.escaped(path))\" aria-label=\"\(HTML.escaped(label))\">"
            html += "\(HTML.escaped(words))</a>"
        case .meter(let meter, let words):
            html += HTML.escaped(words) + meter.svg
        case .lines(let cells):
            for cell in cells {
                html += "<span class=\"line\">"
                cell.write(to: &html, voice)
                html += "</span>"
            }
        }
    }

    /// A day with how far off it is.
    static func day(_ day: CalendarDay, from now: Timestamp, _ voice: Voice) -> Cell {
        .lines([.day(day), .text(voice.relative(day, to: now))])
    }
}

extension Meter {
    /// A bar beside its words, which say the same: so it is hidden from who cannot see it.
    fileprivate var svg: String {
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
