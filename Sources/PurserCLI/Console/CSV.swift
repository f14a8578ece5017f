/// Comma-separated values as RFC 4180 has them, with lines that end in CR LF.
enum CSV {
    static func record(_ fields: [String]) -> String {
        fields.joined(separator: ",") + "\r\n"
    }

    /// Text as one field.
    ///
    /// What a spreadsheet would run as a formula gets an apostrophe before it, which makes it text
    /// there: names and messages come from outside.
    static func field(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) }
        let safe = isFormula == true ? "'\(text)" : text
        // A semicolon and a tab separate in some spreadsheets, and a blank at an end is easily lost.
        let needsQuotes = safe.unicodeScalars.contains { "\",;\t\r\n'".unicodeScalars.contains($0) }
        let hasEdge = safe.first?.isWhitespace == true || safe.last?.isWhitespace == true
        guard needsQuotes || hasEdge else { return safe }
        // By scalars: to a string a quotation mark with a combining mark is another character.
        var quoted = "\""
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        quoted.unicodeScalars.append("\"")
        return quoted
    }
}

/// The cells of a Markdown table.
enum Markdown {
    /// Text as one cell: nothing in it ends the cell, begins markup or an HTML element.
    static func cell(_ text: String) -> String {
        var cell = ""
        for scalar in visible(text).unicodeScalars {
            if "\\|*_`[]<>&~".unicodeScalars.contains(scalar) { cell.unicodeScalars.append("\\") }
            cell.unicodeScalars.append(scalar)
        }
        return cell
    }
}
