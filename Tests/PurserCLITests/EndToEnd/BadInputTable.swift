/// One thing that can be wrong, and what is said about it.
///
/// `~/bad` is the file of the case, where it has one.
struct BadInput: Sendable {
    let what: String
    let line: String
    var file: [UInt8] = []
    var input = ""
    let status: Int32
    /// What the messages hold: the place, and the next step.
    let says: [String]

    init(
        _ what: String,
        _ line: String,
        file: some Sequence<UInt8> = [],
        input: String = "",
        _ status: Int32,
        _ says: String...
    ) {
        self.what = what
        self.line = line
        self.file = Array(file)
        self.input = input
        self.status = status
        self.says = says
    }

    private static func request(_ what: String, _ text: String, _ says: String...) -> BadInput {
        let input = BadInput("request: \(what)", "send ~/bad", file: text.utf8, 78, "bad: line ")
        return BadInput(input, says: says)
    }

    private static func settings(_ what: String, _ text: String, _ says: String...) -> BadInput {
        let input = BadInput(
            "accounts.toml: \(what)",
            "accounts list --config ~/bad",
            file: text.utf8,
            78,
            "bad:"
        )
        return BadInput(input, says: says)
    }

    private static func token(_ what: String, _ text: String, _ says: String...) -> BadInput {
        let line = "accounts add new --token-stdin"
        return BadInput(BadInput("token: \(what)", line, input: text, 78), says: says)
    }

    private init(_ input: BadInput, says: [String]) {
        what = input.what
        line = input.line
        file = input.file
        self.input = input.input
        status = input.status
        self.says = input.says + says
    }

    private static let deep = 200_000
    private static let element = #""textInput": {"prompt": "p"}"#

    static let requests: [BadInput] = [
        request("empty", "", "there is no body"),
        request(
            "truncated",
            #"{"requests": [{"videoModelKey""#,
            "ends where a colon should be",
            "whole"
        ),
        request("malformed", #"{"requests": [{"a" 1}]}"#, "found '1' where a colon"),
        request("text after it", #"{"requests":[{"videoModelKey":"k"}]} x"#, "more text after"),
        request("wrong type", #"{"requests": {}}"#, "an array should be here"),
        request("no number", #"{"requests": [{"videoModelKey": "k", "seed": 01}]}"#, "number"),
        request("bad escape", #"{"requests": [{"videoModelKey": "\x"}]}"#, "escape is not known"),
        request(
            "a control character",
            "{\"requests\": [{\"videoModelKey\": \"a\nb\"}]}",
            "control"
        ),
        request("NUL", "{\"requests\": [{\"videoModelKey\": \"k\"}]}\0", "there is a NUL byte"),
        request(
            "deep and no object",
            String(repeating: "[", count: deep),
            "an object should be here"
        ),
        request(
            "deep",
            "{\"requests\": [{\"a\": " + String(repeating: "{\"a\":", count: deep),
            "nested deeper than 64"
        ),
        request(
            "duplicate key",
            #"{"requests": [{"videoModelKey": "a", "videoModelKey": "b"}]}"#,
            "requests[0].videoModelKey: videoModelKey is there twice",
            "leave one of them"
        ),
        request(
            "second spelling",
            #"{"requests": [{"video_model_key": "a"}]}"#,
            "another spelling"
        ),
        request("no model", "{\"requests\": [{\(element)}]}", "videoModelKey is missing", "hint:"),
        request("no element", #"{"requests": []}"#, "requests is empty"),
        request(
            "too many elements",
            "{\"requests\": ["
                + String(repeating: #"{"videoModelKey": "k"},"#, count: 20)
                + #"{"videoModelKey": "k"}]}"#,
            "more than 20 elements"
        ),
        request("byte order mark", "\u{FEFF}{}", "byte order mark", "without a byte order mark"),
        request("a HAR file", #"{"log": {"entries": []}}"#, "HAR", "payload"),
        request(
            "a curl command",
            "curl 'https://a/v1/video:batchAsyncGenerateVideoText' --data-raw '{\"requests\":[]}'",
            "curl command",
            "--data-raw"
        ),
        request("notes only", "tomorrow\n", "no request body was found", "from { to }"),
        BadInput(
            "request: not UTF-8",
            "send ~/bad",
            file: Array("{\"a\": \"".utf8) + [0xFF] + Array("\"}".utf8),
            78,
            "bad: line 1",
            "save the file as UTF-8"
        ),
        BadInput(
            "request: unknown model",
            "send ~/bad",
            file: #"{"requests": [{"textInput": {}, "videoModelKey": "veo_\u001b[31m\n"}]}"#.utf8,
            78,
            "bad: requests[0].videoModelKey",
            "hint:"
        ),
        BadInput(
            "restore: no copy",
            "vault restore ~/capture.txt",
            66,
            "capture.txt: file is not a database"
        ),
        BadInput(
            "keys: no public key",
            "vault keys add bob --public-key ~/capture.txt --yes",
            78,
            "holds no public key"
        ),
        BadInput(
            "export: over a file",
            "accounts export --output ~/capture.txt",
            76,
            "is there already"
        ),
        BadInput(
            "keys: not there",
            "vault keys add b --public-key ~/no --yes",
            74,
            "no: there is no"
        ),
        BadInput("checkpoint: not there", "vault checkpoint --against ~/no", 74, "no: there is no"),
        BadInput("import: not there", "accounts import ~/no.toml", 74, "no.toml: there is no such"),
        BadInput("backup: no folder", "vault backup ~/no/copy", 74, "no/copy: No such file"),
        BadInput("request: a folder", "send ~/home", 74, "is not a regular file"),
        BadInput("request: not there", "send ~/nothing", 74, "nothing: there is no such file"),
        BadInput("request: no such call", "send ~/capture.txt --path video:x", 78, "--path"),
    ]

    static let configurations: [BadInput] = [
        settings("truncated", "[routing", "bad:1"),
        settings("an open string", "[vault]\nslot = \"a", "bad:2: a text has no closing quote"),
        settings("an open string and a line", "[vault]\nslot = 'a\nx = 1", "bad:2: a text has no"),
        settings("wrong type", "[routing]\npolicy = 3", "bad:2", "must be a string"),
        settings("out of range", "[gateway]\nport = 65536", "allowed are 1 to 65535"),
        settings("a number nothing holds", "[gateway]\nport = 99999999999999999999", "bad:2"),
        settings("unknown key", "[routnig]", "did you mean \"routing\"?"),
        settings("duplicate key", "[vault]\nslot = \"a\"\nslot = \"b\"", "bad:3"),
        settings("duplicate name", account("a") + account("a"), "stands on line 2 too"),
        settings("deep table", "[" + String(repeating: "a.", count: deep) + "a]", "too deeply"),
        settings("deep list", "a = " + String(repeating: "[", count: deep), "too deeply"),
        settings("a table without a name", "[=]", "bad:1: a table has no name"),
        settings("NUL", "a = \"\0\"", "holds a NUL byte"),
        settings("a control character in a name", account("a\\u001b"), "\\u{1b}"),
        settings("a very long name", account(String(repeating: "n", count: 65)), "is not a name"),
        settings("a token in clear", account("a") + "token = \"ya29.x\"", "in clear"),
        BadInput("accounts.toml: a folder", "accounts list --config ~/home", 74, "regular file"),
        BadInput(
            "accounts.toml: not there",
            "accounts list --config ~/no.toml",
            74,
            "no such file"
        ),
    ]

    private static func account(_ name: String) -> String {
        "[[accounts]]\nname = \"\(name)\"\ntier = \"free\"\n"
    }

    static let tokens: [BadInput] = [
        token("empty", "\n", "the secret is empty"),
        token("CR within", "ya29.abc\rdef", "visible ASCII", "give the token alone"),
        token("LF within", "ya29.abc\ndef", "visible ASCII"),
        token("NUL within", "ya29.abc\0def", "visible ASCII"),
        token("a blank", "ya29 abc", "visible ASCII"),
        token("not ASCII", "ya29.ä", "visible ASCII"),
        token("too long", String(repeating: "y", count: 5000), "longer than 4097 bytes"),
        BadInput(
            "token file: empty",
            "accounts add new --token-file ~/bad",
            78,
            "bad: the secret is empty",
            "nothing else"
        ),
        BadInput("token file: a folder", "accounts add new --token-file ~/home", 74, "directory"),
        BadInput("token file: not there", "accounts add new --token-file ~/no", 74, "no: No such"),
        BadInput("token command: fails", "accounts add new --token-command false", 1, "status 1"),
    ]

    private static func line(
        _ what: String,
        _ text: String,
        in option: String = "",
        _ says: String...
    ) -> BadInput {
        let input = BadInput(
            "replay: \(what)",
            "simulate \(option) ~/bad",
            file: text.utf8,
            78,
            "bad: line "
        )
        return BadInput(input, says: says)
    }

    static let replays: [BadInput] = [
        line("no JSON", "{}x", "line 1", "one JSON object"),
        line("no instant", #"{"at": "noon", "model": "m"}"#, "line 1", "2026-11-01T09:00:00Z"),
        line(
            "unknown model",
            "\n" + #"{"at": "2026-11-01T09:00:00Z", "model": "veo_3_1_t2v_fats"}"#,
            "line 2",
            "veo_3_1_t2v_fast"
        ),
        line(
            "unknown key",
            #"{"at": "2026-11-01T09:00:00Z", "modle": "m"}"#,
            "line 1",
            "modle",
            "model"
        ),
        line(
            "no videos",
            #"{"at": "2026-11-01T09:00:00Z", "prices": {"ultra": 10}, "count": 0}"#,
            "count",
            "1 to 100"
        ),
        line(
            "no such tier",
            #"{"at": "2026-11-01T09:00:00Z", "prices": {"gold": 10}}"#,
            "gold",
            "tier-one"
        ),
        line(
            "a pool with two of one name",
            #"{"name": "a", "tier": "ultra", "credits": 1}"# + "\n"
                + #"{"name": "a", "tier": "ultra", "credits": 1}"#,
            in: "--accounts",
            "line 2",
            "second a"
        ),
        line(
            "a pool with no credits",
            #"{"name": "a", "tier": "ultra"}"#,
            in: "--accounts",
            "line 1",
            "monthly-credits"
        ),
        line(
            "lines a hundred years apart",
            #"{"at": "2026-11-01T09:00:00Z", "prices": {"ultra": 10}}"# + "\n"
                + #"{"at": "9999-12-31T09:00:00Z", "prices": {"ultra": 10}}"#,
            "line 2",
            "hundred years"
        ),
        BadInput("replay: nothing to replay", "simulate", 78, "no request", "trace.jsonl"),
    ]

    static let words: [BadInput] = [
        BadInput(
            "reserve below 0",
            "accounts set ultra-1 --reserve -1",
            78,
            "--reserve: -1",
            "0 to"
        ),
        BadInput(
            "reserve too large",
            "accounts set ultra-1 --reserve 9007199254740993",
            78,
            "0 to"
        ),
        BadInput("reserve no number", "accounts set ultra-1 --reserve 1.5", 64, "'1.5' is invalid"),
        BadInput(
            "jobs below 0",
            "accounts set ultra-1 --max-in-flight -1",
            78,
            "between 1 and 1000"
        ),
        BadInput("day 32", "accounts set ultra-1 --renews-on 32", 78, "1 to 31"),
        BadInput("day -1", "accounts set ultra-1 --renews-on -1", 78, "1 to 31"),
        BadInput("a grant below 0", "accounts set ultra-1 --monthly-credits -5", 78, "-5 is no"),
        BadInput("a limit below 0", "send ~/capture.txt --max-credits -1", 78, "--max-credits: -1"),
        BadInput("a budget below 0", "members add m --budget -1", 78, "--budget: -1"),
        BadInput("a day's limit below 0", "members add m --per-day -1", 78, "--per-day: -1"),
        BadInput(
            "a member's new limit below 0",
            "members set owner --per-day -1",
            78,
            "--per-day: -1"
        ),
        BadInput("no such model", "members add m --model veo_3_0_r2v_fas", 78, "no model", "near"),
        BadInput("day 29", "members add m --per-cycle 5 --cycle-day 29", 78, "1 to 28"),
        BadInput("a cycle of no day", "members add m --per-cycle 5", 64, "need each other"),
        BadInput("101 per cent", "members add m --per-day 5 --warn-at 101", 78, "1 to 100"),
        BadInput("a warning of nothing", "members add m --warn-at 50", 64, "needs a limit"),
        BadInput("no such role", "members add m --role king", 64, "'king' is invalid"),
        BadInput("a key that has ended", "members add m --expires-at 2020-01-01", 78, "the past"),
        BadInput("an overlap of nothing", "members rotate owner --overlap soon", 64, "'soon'"),
        BadInput("an overlap of years", "members rotate owner --overlap 400d", 78, "30 days"),
        BadInput("the team's role", "members set --team --role owner", 64, "on spending only"),
        BadInput("a member and the team", "members set owner --team --total 5", 64, "or --team"),
        BadInput("the owner revoked", "members revoke owner", 76, "stays an owner"),
        BadInput("a tag of two lines", "accounts set ultra-1 --tag a\nb", 78, "is no tag"),
        BadInput(
            "a control character in a tag",
            "accounts set ultra-1 --tag a\u{1B}",
            78,
            "no tag"
        ),
        BadInput(
            "33 tags",
            "accounts set ultra-1" + (1...33).map { " --tag t\($0)" }.joined(),
            78,
            "32 times"
        ),
        BadInput("a line end in a name", "accounts add a\nb --token-stdin", 78, "is no name"),
        BadInput("a control character in a name", "members add m\u{1B}[1m", 78, "is no name"),
        BadInput(
            "a very long name",
            "accounts add \(String(repeating: "n", count: 100_000)) --token-stdin",
            78,
            "1 to 64 letters"
        ),
        BadInput("a bad new name", "accounts set ultra-1 --rename a/b", 78, "is no name"),
        BadInput("a taken name", "accounts add ultra-1 --token-stdin", 76, "ultra-1 is taken"),
        BadInput("a project of two lines", "accounts set ultra-1 --project-id a\nb", 78, "visible"),
        BadInput(
            "a long idempotency key",
            "send ~/capture.txt --idempotency-key \(String(repeating: "k", count: 256))",
            64,
            "1 to 255 bytes"
        ),
        BadInput("no such day", "accounts add n --expires-at 2026-02-30", 78, "--expires-at"),
        BadInput("no such member", "send ~/capture.txt --member nobody", 73, "nobody", "members"),
        BadInput("no such account", "send ~/capture.txt --account no", 73, "account no", "list"),
        BadInput(
            "no such slot",
            "accounts versions ultra-1 --passphrase-file ~/passphrase --as x\u{7}",
            68,
            "name one of"
        ),
    ]
}
