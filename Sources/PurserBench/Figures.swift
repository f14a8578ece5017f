/// A table for people: the first column to the left, figures to the right.
struct FigureTable {
    let title: String
    let columns: [String]
    private var rows: [[String]] = []

    init(_ title: String, columns: [String]) {
        self.title = title
        self.columns = columns
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    func show() {
        let widths = columns.indices.map { column in
            ([columns] + rows).map { $0[column].count }.max() ?? 0
        }
        print("\n\(title)\n")
        for row in [columns] + rows {
            let cells = zip(row, widths).enumerated().map { index, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + padding : padding + cell.0
            }
            print("  " + cells.joined(separator: "  "))
        }
    }
}

extension Duration {
    var microseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
    }
}

extension [Double] {
    /// The middle value: on a machine that others use too, a mean is moved by one bad round.
    var median: Double {
        guard !isEmpty else { return .nan }
        let ordered = sorted()
        return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
    }
}

extension Double {
    /// Rounded to so many places, all of them shown: `0.80`.
    func shown(_ places: Int) -> String {
        guard isFinite else { return "–" }
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((magnitude * Double(scale)).rounded())
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
        let sign = self < 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(whole.grouped)" }
        let digits = String(rest)
        let zeros = String(repeating: "0", count: places - digits.count)
        return "\(sign)\(whole.grouped).\(zeros)\(digits)"
    }
}

extension Int {
    /// With a comma between thousands.
    var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
