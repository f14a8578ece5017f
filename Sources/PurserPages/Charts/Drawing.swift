/// The pieces charts are made of: SVG with classes and presentation attributes, which a strict policy lets through.
enum Drawing {
    /// Colours and patterns there are; further series begin anew.
    static let styles = 9

    /// A piece of a bar: its colour, and over it a pattern for who cannot tell colours apart.
    static func piece(
        _ index: Int,
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        title: String? = nil
    ) -> String {
        let style = index % styles
        let place = """
            x="\(short(x))" y="\(short(y))" width="\(short(width))" height="\(short(height))"
            """
        let tip = title.map { "<title>\(HTML.escaped($0))</title>" } ?? ""
        let pattern = style == 0 ? "" : #"<rect fill="url(#pattern-\#(style))" \#(place)/>"#
        return #"<g>\#(tip)<rect class="piece s\#(style)" \#(place)/>\#(pattern)</g>"#
    }

    /// A line, whose dashes tell it from others.
    static func path(_ index: Int, _ path: String) -> String {
        #"<path class="stroke s\#(index % styles)" d="\#(path)"/>"#
    }

    static func dot(_ index: Int, x: Double, y: Double) -> String {
        #"<circle class="dot s\#(index % styles)" cx="\#(short(x))" cy="\#(short(y))" r="3"/>"#
    }

    static func line(
        _ type: String,
        _ x1: Double,
        _ y1: Double,
        _ x2: Double,
        _ y2: Double
    ) -> String {
        """
        <line class="\(type)" x1="\(short(x1))" y1="\(short(y1))" x2="\(short(x2))" y2="\(short(y2))"/>
        """
    }

    enum Anchor: String {
        case start, middle, end
    }

    static func text(
        _ text: String,
        x: Double,
        y: Double,
        _ anchor: Anchor,
        type: String = ""
    ) -> String {
        let typeAttribute = type.isEmpty ? "" : #" class="\#(type)""#
        return """
            <text\(typeAttribute) x="\(short(x))" y="\(short(y))" \
            text-anchor="\(anchor.rawValue)">\(HTML.escaped(text))</text>
            """
    }

    /// Two decimals at most.
    static func short(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        return
            "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest.isMultiple(of: 10) ? rest / 10 : rest)"
    }

    /// The patterns that pieces name; once in a document.
    static let patterns: String = {
        let strokes = [
            "M0 8L8 0", "M0 0L8 8", "M0 4H8", "M4 0V8", "M4 4h.1", "M0 4H8M4 0V8",
            "M0 8L8 0M0 0L8 8",
            "M0 2H8M0 6H8",
        ]
        let patterns = strokes.enumerated().map { index, path in
            """
            <pattern id="pattern-\(index + 1)" width="8" height="8" \
            patternUnits="userSpaceOnUse"><path class="hatch" d="\(path)"/></pattern>
            """
        }
        return """
            <svg class="patterns" width="0" height="0" aria-hidden="true"><defs>\
            \(patterns.joined())</defs></svg>
            """
    }()
}
