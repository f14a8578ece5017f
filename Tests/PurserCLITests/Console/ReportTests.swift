import PurserCore
import PurserEngine
import Testing

@testable import PurserCLI

struct ReportTests {
    private let report = Report(
        "accounts",
        columns: [
            .init("name", "NAME", isFlexible: true), .init("left", "LEFT", .right),
            .init("renews", "RENEWS"),
        ],
        rows: [
            ["studio", Credits(unchecked: 12_500), "in 9 days"],
            ["東京-🎬", nil, nil],
            ["x", Credits(unchecked: -7), ""],
        ].map { (row: [Any?]) in
            [
                Report.Cell(row[0] as? String), Report.Cell(row[1] as? Credits),
                Report.Cell(.string("2026-11-30"), shown: row[2] as? String ?? "", .dim),
            ]
        },
        totals: [Report.Cell("total"), Report.Cell(Credits(unchecked: 12_493)), .empty]
    )

    @Test func `a table aligns by columns of the screen and ends no line in spaces`() {
        #expect(
            report.rendered(as: .table) == """
                NAME       LEFT  RENEWS
                studio   12,500  in 9 days
                東京-🎬       –
                x            -7
                ───────  ──────  ─────────
                total    12,493

                """
        )
    }

    @Test func `colour wraps text, not padding`() {
        let lines = report.rendered(as: .table, color: true).split(separator: "\n")
        #expect(lines[0].hasPrefix("\u{1B}[1mNAME\u{1B}[0m       "))
        #expect(lines[1].hasSuffix("  \u{1B}[2min 9 days\u{1B}[0m"))
    }

    @Test func `a narrow terminal cuts flexible columns only`() {
        let wide = Report(
            "r",
            columns: [.init("a", "A", isFlexible: true), .init("b", "B", .right)],
            rows: [[Report.Cell("abcdefghijklmnop"), Report.Cell(1_000_000)]]
        )
        let cut = "A                   B\nabcdefghi…  1,000,000\n"
        #expect(wide.rendered(as: .table, width: 21) == cut)
        #expect(wide.rendered(as: .table, width: 1).contains("abcdefg…  1,000,000"))
    }

    @Test func `no rows are words in a table and an empty list in JSON`() {
        let empty = Report("jobs", columns: [.init("id", "ID")], emptyText: "no jobs")
        #expect(empty.rendered(as: .table) == "no jobs\n")
        #expect(empty.rendered(as: .json) == "{\n  \"jobs\": []\n}\n")
        #expect(empty.rendered(as: .csv) == "id\r\n")
    }

    @Test func `JSON and CSV hold values, not what people are shown`() {
        #expect(
            report.json["accounts"]
                == [
                    ["name": "studio", "left": 12500, "renews": "2026-11-30"],
                    ["name": "東京-🎬", "left": nil, "renews": "2026-11-30"],
                    ["name": "x", "left": -7, "renews": "2026-11-30"],
                ]
        )
        #expect(report.json["totals"] == ["name": "total", "left": 12493, "renews": nil])
        #expect(
            report.rendered(as: .csv)
                == "name,left,renews\r\nstudio,12500,2026-11-30\r\n東京-🎬,,2026-11-30\r\n"
                + "x,-7,2026-11-30\r\n"
        )
    }

    @Test func `markdown has the totals in bold`() {
        #expect(
            report.rendered(as: .markdown) == """
                | NAME | LEFT | RENEWS |
                | --- | ---: | --- |
                | studio | 12,500 | in 9 days |
                | 東京-🎬 | – |  |
                | x | -7 |  |
                | **total** | **12,493** |  |

                """
        )
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("a\r\nb", "\"a\r\nb\""), ("=1+1", "\"'=1+1\""), ("+49", "\"'+49\""), ("-1", "\"'-1\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""), ("\tx", "\"'\tx\""), ("", ""), (" a", "\" a\""),
        ("=\"x\"", "\"'=\"\"x\"\"\""), ("a=b", "a=b"), ("a;=HYPERLINK(1)", "\"a;=HYPERLINK(1)\""),
        ("a\tb", "\"a\tb\""), ("a ", "\"a \""), ("\u{A0}a", "\"\u{A0}a\""),
    ])
    func `a CSV field is quoted where needed and never a formula`(text: String, field: String) {
        #expect(CSV.field(text) == field)
        #expect(Report.Cell(text).value.compact.isEmpty == false)
    }

    @Test func `markdown cells cannot end a cell or begin markup`() {
        #expect(Markdown.cell("a|b\n<b>*x*[l](u)`c`\\") == #"a\|b\\n\<b\>\*x\*\[l\](u)\`c\`\\"#)
    }

    @Test func `a mark that combines with a sign hides it from no escaping`() {
        let cell = Markdown.cell("a|\u{301}b").unicodeScalars
        #expect(cell.elementsEqual("a\\|\u{301}b".unicodeScalars))
        let field = CSV.field("a\"\u{301}b").unicodeScalars
        #expect(field.elementsEqual("\"a\"\"\u{301}b\"".unicodeScalars))
    }

    @Test func `control characters stay visible in every form for people`() {
        let hostile = Report("r", columns: [.init("a", "A")], rows: [[Report.Cell("\u{1B}[2J\n")]])
        #expect(hostile.rendered(as: .table) == "A\n\\u{1b}[2J\\n\n")
        #expect(!hostile.rendered(as: .markdown).unicodeScalars.contains("\u{1B}"))
        #expect(hostile.rendered(as: .json).contains(#""\u001b[2J\n""#))
    }

    @Test func `CSV is escaped on a terminal and keeps its bytes in a file`() {
        let text = "a\u{1B}[2J\u{202E}b\u{200B}\n;é"
        let hostile = Report("r", columns: [.init("a", "A")], rows: [[Report.Cell(text)]])
        #expect(hostile.rendered(as: .csv) == "a\r\n\"\(text)\"\r\n")
        for isTerminal in [false, true] {
            let captured = CapturedConsole(isTerminal: isTerminal)
            captured.console.out(hostile, as: .csv)
            #expect(captured.output.unicodeScalars.contains("\u{1B}") == !isTerminal)
        }
        let shown = hostile.rendered(as: .csv, onTerminal: true)
        #expect(shown == "a\r\n\"a\\u{1b}[2J\\u{202e}b\\u{200b}\\n;é\"\r\n")
    }

    @Test func `a row that is called total is not taken for the sum`() {
        let named = Report(
            "r",
            columns: [.init("member", "MEMBER"), .init("spent", "SPENT", .right)],
            rows: [[Report.Cell("total"), Report.Cell(1)]],
            totals: [Report.Cell("total"), Report.Cell(2)]
        )
        #expect(named.rendered(as: .table).hasSuffix("\nin total      2\n"))
        #expect(named.json["totals"] == ["member": "total", "spent": 2])
    }
}

struct JSONOutputTests {
    private let value: JSONOutput = [
        "b": 1, "a": [true, nil, "x\"\\\u{7}\u{9B}\u{2028}é🎬/"], "empty": [:], "none": [],
    ]

    @Test func `fields keep their order and strings are safe to show`() {
        #expect(
            value.compact
                == #"{"b":1,"a":[true,null,"x\"\\\u0007\u009b\u2028é🎬/"],"empty":{},"none":[]}"#
        )
    }

    @Test func `pretty indents by two`() {
        let value: JSONOutput = ["a": [1, ["b": nil]], "c": [:]]
        #expect(
            value.pretty == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": {}
                }
                """
        )
    }

    @Test func `what it writes is JSON to a strict reader`() throws {
        for text in [value.compact, value.pretty] {
            let tree = try #require(JSONValue(Array(text.utf8)))
            #expect(tree["a"]?.array?[2].string == "x\"\\\u{7}\u{9B}\u{2028}é🎬/")
            #expect(tree["b"]?.integer == 1)
        }
    }

    @Test func `values of the domain have one spelling`() {
        let instant = Timestamp(milliseconds: 1_795_263_289_007)
        #expect(JSONOutput(instant).compact == "\"2026-11-21T12:14:49.007Z\"")
        #expect(JSONOutput(Credits(unchecked: -5)).compact == "-5")
        #expect(JSONOutput(CalendarDay(instant)).compact == "\"2026-11-21\"")
        #expect(JSONOutput(AccountID(high: 1, low: 2)).compact.count == 34)
        #expect(JSONOutput(UInt64.max).compact == "9223372036854775807")
        #expect(JSONOutput(String?.none) == .null)
        #expect(
            JSONOutput(ConsoleError.empty).compact
                == #"{"error":{"kind":"invalid_input","message":"the secret is empty","hint":null}}"#
        )
    }
}
