import PurserCore
import Testing

private let context = #""clientContext":{"projectId":"p","userPaygateTier":"PAYGATE_TIER_ONE"}"#

private func parse(
    _ text: String,
    for call: ProviderCall? = nil,
    dialect: JSONDialect = .strict
) throws -> RequestBody {
    try RequestBody.parse(Array(text.utf8), for: call, dialect: dialect)
}

private func problem(
    _ text: String,
    for call: ProviderCall? = nil,
    dialect: JSONDialect = .strict
) -> RequestBodyError? {
    do throws(RequestBodyError) {
        _ = try RequestBody.parse(Array(text.utf8), for: call, dialect: dialect)
        return nil
    } catch {
        return error
    }
}

private func text(_ payload: Payload) -> String { String(decoding: payload.bytes, as: UTF8.self) }

struct RequestBodyTests {
    @Test func `a rewrite changes tier, key and project and no other byte`() throws {
        let given = """
            { "x" : [1.10, 1e2, 100000000000000000001, "\\u00e9", null ,true],
              "clientContext": {"tool":"PINHOLE", "projectId" :"old", "userPaygateTier"\t: "PAYGATE_TIER_ONE",
                "recaptchaContext": {"token":"a\\/b"}},
              "requests": [ {"videoModelKey":"a_key","seed": 19000 }, {"seed":-0.0,"videoModelKey" : "b_key"} ] }

            """
        let body = try parse(given)
        #expect(body.count == 2)
        #expect(body.elements.map(\.modelKey) == ["a_key", "b_key"])
        #expect(body.tierName == "PAYGATE_TIER_ONE")
        #expect(body.projectID == "old")
        let expected = given.replacing("PAYGATE_TIER_ONE", with: "PAYGATE_TIER_TWO")
            .replacing("\"old\"", with: "\"new\\\"\"")
            .replacing("a_key", with: "a_ultra").replacing("b_key", with: "b_ultra")
        let sent = body.rewritten(
            tier: .ultra,
            modelKeys: ["a_ultra", "b_ultra"],
            projectID: "new\""
        )
        #expect(text(sent) == expected)
        #expect(text(body.strict) == given)
    }

    @Test func `comments and trailing commas are left out and nothing else`() throws {
        let given = """
            // first
            {"clientContext":{"userPaygateTier":"X"/* here */,},//end
             "requests":[{"videoModelKey":"k" , "prompt":"// not /* a comment, ]",/**/},],/* a * / */}
            /* last */
            """
        let body = try parse(given, dialect: .relaxed)
        #expect(
            text(body.strict) == """

                {"clientContext":{"userPaygateTier":"X"},
                 "requests":[{"videoModelKey":"k" , "prompt":"// not /* a comment, ]"}]}

                """
        )
    }

    @Test(arguments: [
        (
            #"{"requests":[{"videoModelKey":"k"}]}"#,
            #"{"clientContext":{"projectId":"p","userPaygateTier":"PAYGATE_TIER_TWO"},"requests":[{"videoModelKey":"k"}]}"#
        ),
        (
            #"{"clientContext":{ },"requests":[{"videoModelKey":"k"}]}"#,
            #"{"clientContext":{"projectId":"p","userPaygateTier":"PAYGATE_TIER_TWO" },"requests":[{"videoModelKey":"k"}]}"#
        ),
        (
            #"{"clientContext":{"userPaygateTier":"a"},"requests":[{"videoModelKey":"k"}]}"#,
            #"{"clientContext":{"projectId":"p","userPaygateTier":"PAYGATE_TIER_TWO"},"requests":[{"videoModelKey":"k"}]}"#
        ),
    ])
    func `what clientContext lacks is added`(given: String, expected: String) throws {
        let sent = try parse(given).rewritten(tier: .ultra, modelKeys: ["k"], projectID: "p")
        #expect(text(sent) == expected)
    }

    @Test func `an upload is passed on with nothing added`() throws {
        let upload = try #require(ProviderCall("flow/uploadImage"))
        let bare = #"{"imageInput":{"rawImageBytes":"AAAA"}}"#
        #expect(text(try parse(bare, for: upload).rewritten(tier: .ultra, modelKeys: [])) == bare)
        let full = #"{"clientContext":{"projectId":"a"},"imageInput":{}}"#
        let sent = try parse(full, for: upload).rewritten(
            tier: .free,
            modelKeys: [],
            projectID: "b"
        )
        #expect(text(sent) == full.replacing("\"a\"", with: "\"b\""))
    }

    @Test func `a cancellation names its medium`() throws {
        #expect(try parse(#"{"mediaId":"m"}"#, for: .cancel).mediaIDs == ["m"])
        #expect(
            problem(#"{"mediaID":"m"}"#, for: .cancel)?.problem
                == .missing(field: "mediaId", nearest: "mediaID")
        )
    }

    @Test func `media are named once, in order`() throws {
        let body = try parse(
            """
            {"requests":[{"videoModelKey":"k","startImage":{"mediaId":"c"},"endImage":{"mediaId":"a"},
            "referenceImages":[{"mediaId":"b"},{"mediaId":"a"}]}]}
            """
        )
        #expect(body.mediaIDs == ["c", "a", "b"])
    }

    @Test(
        arguments: [
            (#""referenceImages":[],"textInput":{}"#, "ReferenceImages"),
            (#""startImage":{},"endImage":{}"#, "StartAndEndImage"),
            (#""startImage":{}"#, "StartImage"),
            (#""videoInput":{},"resolution":"4K""#, "UpsampleVideo"),
            (#""videoInput":{},"textInput":{}"#, nil),
            (#""textInput":{}"#, "Text"),
            (#""seed":1"#, nil),
        ] as [(String, String?)]
    )
    func `the call is guessed from the fields`(fields: String, kind: String?) throws {
        let body = try parse(#"{"requests":[{"videoModelKey":"k",\#(fields)}]}"#)
        #expect(body.call?.path == kind.map { "video:batchAsyncGenerateVideo" + $0 })
    }

    @Test func `elements that disagree leave the call open`() throws {
        let body = try parse(
            #"{"requests":[{"videoModelKey":"k","textInput":{}},{"videoModelKey":"k","startImage":{}}]}"#
        )
        #expect(body.call == nil)
    }
}

struct RequestBodyRefusalTests {
    @Test(arguments: [
        ("", "line 1, column 1: there is no body"),
        ("[]", "line 1, column 1: an object should be here"),
        ("{\"requests\":", "line 1, column 13, requests: the body ends where an array should be"),
        (
            "{\"requests\":[{\"videoModelKey\":\"k",
            "line 1, column 33, requests[0].videoModelKey: the body ends where the end of a string should be"
        ),
        ("{\n  \"é\": 1 2}", "line 2, column 10: found '2' where a comma or '}' should be"),
        ("{\"requests\":[{}]}", "line 1, column 14, requests[0]: videoModelKey is missing"),
        ("{\"requests\":{}}", "line 1, column 13, requests: an array should be here"),
        ("{\"requests\":[]}", "line 1, column 13, requests: requests is empty"),
        (
            "{\"requests\":[{\"videoModelKey\":7}]}",
            "line 1, column 31, requests[0].videoModelKey: a string should be here"
        ),
        (
            "{\"requests\":[{\"videoModelKey\":\"\"}]}",
            "line 1, column 31, requests[0].videoModelKey: the text is empty"
        ),
        ("{\"clientContext\":null}", "line 1, column 18, clientContext: an object should be here"),
        ("{\"a\":01}", "line 1, column 6, a: this is not a number in JSON"),
        ("{\"a\":1.}", "line 1, column 6, a: this is not a number in JSON"),
        ("{\"a\":NaN}", "line 1, column 6, a: found 'N' where a value should be"),
        ("{\"a\":nul}", "line 1, column 6, a: found 'n' where a value should be"),
        (
            "{\"a\":'b'}",
            "line 1, column 6, a: the text is in single quotes, which the service does not take"
        ),
        (
            "{a:1}",
            "line 1, column 2: the key is not in double quotes, which the service does not take"
        ),
        ("{\"a\":\"\\x\"}", "line 1, column 7, a: this escape is not known in JSON"),
        ("{\"a\":\"\\u00g0\"}", "line 1, column 7, a: this escape is not known in JSON"),
        ("{\"a\":\"\n\"}", "line 1, column 7, a: a control character stands in a string"),
        ("{\"a\":\u{0}}", "line 1, column 6, a: there is a NUL byte"),
        (
            "{\"requests\":[{\"videoModelKey\":\"k\"}]} x",
            "line 1, column 38: there is more text after the end of the body"
        ),
        ("{//c\n}", "line 1, column 2: comments are not JSON"),
        ("{\"a\":1,}", "line 1, column 7: a comma before the closing bracket is not JSON"),
        ("\u{FEFF}{}", "line 1, column 1: the body begins with a byte order mark"),
        ("{\"operations\":[]}", "line 1, column 1: this asks about jobs and makes none"),
    ])
    func `a mistake is named with its place`(given: String, message: String) {
        #expect(problem(given)?.message == message)
        #expect(problem(given)?.kind == .invalidInput)
    }

    @Test(arguments: [
        #"{"clientContext":{},"clientContext":{}}"#,
        #"{"clientContext":{},"cl\u0069entContext":{}}"#,
        #"{"clientContext":{"userPaygateTier":"a","userPaygateTie\u0072":"b"}}"#,
        #"{"clientContext":{"projectId":"a","projectId":"b"}}"#,
        #"{"requests":[{"videoModelKey":"k"}],"requests":[]}"#,
        #"{"requests":[{"videoModelKey":"k","\u0076ideoModelKey":"l"}]}"#,
        #"{"requests":[{"startImage":{"mediaId":"a","mediaId":"b"}}]}"#,
    ])
    func `a key that matters may be there once`(given: String) throws {
        guard case .duplicateKey? = problem(given)?.problem else {
            Issue.record("\(String(describing: problem(given)))")
            return
        }
    }

    @Test func `a key that does not matter may repeat`() {
        #expect(
            problem(#"{"a":1,"a":2,"requests":[{"videoModelKey":"k","seed":1,"seed":2}]}"#) == nil
        )
    }

    @Test(arguments: [
        (#"{"client_context":{}}"#, "clientContext"),
        (#"{"requests":[{"video_model_key":"k"}]}"#, "videoModelKey"),
        (#"{"clientContext":{"user_paygate_tier":"a"}}"#, "userPaygateTier"),
        (#"{"requests":[{"start_image":{}}]}"#, "startImage"),
    ])
    func `the service's other spelling of a key that matters is refused`(given: String, key: String)
    {
        #expect(problem(given)?.problem == .otherSpelling(of: key))
        #expect(problem(given)?.hint == "write \(key)")
    }

    @Test func `a missing model points at what was probably meant`() {
        let error = problem(#"{"requests":[{"videomodelKey":"k","seed":1}]}"#)
        #expect(error?.hint == "did you mean videoModelKey where videomodelKey stands?")
    }

    @Test func `limits hold at their edge`() {
        func elements(_ count: Int) -> String {
            let one = #"{"videoModelKey":"k"}"#
            return #"{"requests":[\#(Array(repeating: one, count: count).joined(separator: ","))]}"#
        }
        #expect(problem(elements(20)) == nil)
        #expect(problem(elements(21))?.problem == .tooManyElements(limit: 20))
        #expect(problem(elements(21))?.path == "requests[20]")

        func media(_ count: Int) -> String {
            let all = (0..<count).map { #"{"mediaId":"m\#($0)"}"# }.joined(separator: ",")
            return #"{"requests":[{"videoModelKey":"k","referenceImages":[\#(all)]}]}"#
        }
        #expect(problem(media(200)) == nil)
        #expect(problem(media(201))?.problem == .tooManyMedia(limit: 200))

        func nested(_ depth: Int) -> String {
            let open = String(repeating: "[", count: depth - 1)
            let close = String(repeating: "]", count: depth - 1)
            return #"{"a":\#(open)\#(close),"requests":[{"videoModelKey":"k"}]}"#
        }
        #expect(problem(nested(64)) == nil)
        #expect(problem(nested(65))?.problem == .tooDeep(limit: 64))
    }

    @Test func `invalid UTF-8 is refused where it stands`() {
        #expect {
            try RequestBody.parse(Array("{\"a\":\n\"".utf8) + [0xC3, 0x28, 0x22, 0x7D])
        } throws: { error in
            (error as? RequestBodyError)?.message == "line 2, column 2: the bytes are not UTF-8"
        }
    }

    @Test func `no beginning of a body is a body`() throws {
        let whole = Array(
            #"{\#(context),"requests":[{"videoModelKey":"k\u00e9\n","n":-1.5e+3,"l":[true,null,{}]}]}"#
                .utf8
        )
        _ = try RequestBody.parse(whole)
        for length in whole.indices {
            #expect(throws: RequestBodyError.self) {
                try RequestBody.parse(Array(whole.prefix(length)))
            }
        }
    }

    @Test func `any changed byte is refused or passed on as it is`() throws {
        let whole = Array(
            #"{\#(context),"requests":[{"videoModelKey":"k","n":[-1.5e+3,true]}]}"#.utf8
        )
        for index in whole.indices {
            for byte in [UInt8(0), 0x22, 0x2C, 0x5C, 0x7B, 0x7D, 0x80, 0xFF, 0x30] {
                var changed = whole
                changed[index] = byte
                if let body = try? RequestBody.parse(changed) {
                    #expect(body.strict.bytes == changed)
                }
            }
        }
    }
}

struct ProviderCallTests {
    @Test(
        arguments: [
            ("video:batchAsyncGenerateVideoText", "video:batchAsyncGenerateVideoText"),
            ("/v1/video:batchAsyncGenerateVideoText", "video:batchAsyncGenerateVideoText"),
            ("https://aisandbox-pa.googleapis.com/v1/flow/uploadImage?a=b", "flow/uploadImage"),
            ("/v1:uploadUserImage", ":uploadUserImage"),
            ("v1/flowMedia:cancelGeneration", "flowMedia:cancelGeneration"),
            ("/v1/credits", "credits"),
            (
                "/v1/video:batchCheckAsyncVideoGenerationStatus",
                "video:batchCheckAsyncVideoGenerationStatus"
            ),
            ("https://labs.google/", nil),
            ("/v1/video:batchAsyncGenerateVideo", nil),
            ("/v1/video:batchAsyncGenerateVideoText/../credits", nil),
            ("/v2/credits", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func `a path names its call`(text: String, path: String?) {
        #expect(ProviderCall(text)?.path == path)
    }
}
