import PurserCore
import Testing

struct CaptureFileTests {
    private static let capture = """
        https://example.invalid/v1/video:batchAsyncGenerateVideoReferenceImages
        请求方法
        POST
        :path
        /v1/video:batchAsyncGenerateVideoText
        authorization
        Bearer ya29.secret
        referer
        https://labs.google/

        {
            "clientContext": {
                "projectId": "22f06d1e", // 说明
                "userPaygateTier": "PAYGATE_TIER_ONE" //这里换成 ULTRA 账号设定
            },
            "requests": [
                {
                    "referenceImages": [{"mediaId": "CAMa"},],
                    "videoModelKey": "veo_3_0_r2v_fast"  // 这边
                }
            ]
        }

        {
            "operations": [{"operation": {"name": "ef50"}}],
            "remainingCredits": 680
        }


        查询视频接口跟其他视频生成一样。
        """

    @Test func `a browser's copy gives call and body`() throws {
        let body = try CaptureFile.parse(Array(Self.capture.utf8))
        #expect(body.call?.path == "video:batchAsyncGenerateVideoReferenceImages")
        #expect(body.elements.map(\.modelKey) == ["veo_3_0_r2v_fast"])
        #expect(body.mediaIDs == ["CAMa"])
        let sent = String(
            decoding: body.rewritten(tier: .ultra, modelKeys: ["veo_3_0_r2v_fast_ultra"]).bytes,
            as: UTF8.self
        )
        #expect(sent.hasPrefix("{\n    \"clientContext\""))
        #expect(sent.contains("\"userPaygateTier\": \"PAYGATE_TIER_TWO\" \n"))
        #expect(sent.contains("\"videoModelKey\": \"veo_3_0_r2v_fast_ultra\"  \n"))
        #expect(!sent.contains("//") && !sent.contains("remaining") && !sent.contains("secret"))
        _ = try RequestBody.parse(Array(sent.utf8), dialect: .strict)
    }

    @Test func `Windows line ends make no difference`() throws {
        let body = try CaptureFile.parse(Array(Self.capture.replacing("\n", with: "\r\n").utf8))
        #expect(body.count == 1 && body.call != nil)
    }

    @Test func `errors name the lines of the file and never its headers`() {
        let broken = Self.capture.replacing("\"veo_3_0_r2v_fast\"", with: "veo")
        #expect {
            try CaptureFile.parse(Array(broken.utf8))
        } throws: { error in
            guard let error = error as? RequestBodyError else { return false }
            return error.line == 19 && error.path == "requests[0].videoModelKey"
                && !error.message.contains("secret")
        }
    }

    @Test(arguments: ["", "Bearer x\nhttps://a/v1/credits\n", "{\"a\":1}", "x\n{\"a\":1}\n"])
    func `a file without a request is refused`(text: String) {
        #expect(throws: RequestBodyError.self) { try CaptureFile.parse(Array(text.utf8)) }
    }

    @Test func `what else developer tools save is told apart`() throws {
        func problem(_ text: String) -> RequestBodyError.Problem? {
            do throws(RequestBodyError) {
                _ = try CaptureFile.parse(Array(text.utf8))
                return nil
            } catch { return error.problem }
        }
        let body = #"{"requests":[{"videoModelKey":"k"}]}"#
        #expect(problem(#" { "log": {"entries": [{"request": {}}]}}"#) == .webArchive)
        #expect(problem("curl 'https://a' \\\n  --data-raw '\(body)'") == .curlCommand)
        #expect(problem("curl 'https://a' --data-raw $'{\\n\\'x") == .curlCommand)
        // With a body on lines of its own, what stands above does not matter.
        #expect(problem("curl 'https://a/v1/video:batchAsyncGenerateVideoText'\n\(body)") == nil)
        #expect(problem(#"{"log": 1, "requests":[{"videoModelKey":"k"}]}"#) == nil)
    }

    @Test func `a copied status query is not a request for videos`() {
        let text =
            "https://a/v1/video:batchCheckAsyncVideoGenerationStatus\n\n{\"operations\":[]}\n"
        #expect {
            try CaptureFile.parse(Array(text.utf8))
        } throws: {
            ($0 as? RequestBodyError)?.problem == .statusQuery
        }
    }

    @Test func `a bare body is taken, and its mistakes are its own`() throws {
        let body = #"{"requests":[{"videoModelKey":"k","textInput":{}}]}"#
        #expect(
            try CaptureFile.parse(Array("\n// why\n\(body)".utf8)).call?.path
                == "video:batchAsyncGenerateVideoText"
        )
        #expect(throws: RequestBodyError.self) { try CaptureFile.parse(Array((body + "x").utf8)) }
    }

    @Test func `many objects before the body cost one pass`() throws {
        let text =
            "x\n" + String(repeating: "{\"a\":[1]}\n", count: 20_000)
            + "{\"requests\":[{\"videoModelKey\":\"k\"}]}"
        #expect(try CaptureFile.parse(Array(text.utf8)).count == 1)
    }
}

struct JSONValueTests {
    @Test func `numbers keep their spelling and only whole ones count`() {
        let value = JSONValue(
            Array(#"{"a":680,"b":680.0,"c":"680","d":6.8e2,"e":-1,"f":99999999999999999999}"#.utf8)
        )
        #expect(value?["a"]?.integer == 680)
        #expect(value?["e"]?.integer == -1)
        for key in ["b", "c", "d", "f", "g"] { #expect(value?[key]?.integer == nil) }
    }

    @Test(arguments: [
        "", "{", "{\"a\":1,\"a\":1}", "{\"a\":1,}", "<html>", "[1] 2", "{'a':1}", "\u{FEFF}{}",
    ])
    func `what is not one JSON value is none`(text: String) {
        #expect(JSONValue(Array(text.utf8)) == nil)
    }

    @Test func `a flood of values is refused`() {
        let text = "[" + String(repeating: "0,", count: JSONValue.nodeLimit) + "0]"
        #expect(JSONValue(Array(text.utf8)) == nil)
    }

    @Test func `a text survives quoting`() {
        let text = "a\"\\\u{1}\n/é\u{1F600}"
        #expect(JSONValue(Array(text.jsonQuoted.utf8)) == .string(text))
        #expect(JSONValue(Array(#""\ud83d\ude00\ud800""#.utf8)) == .string("\u{1F600}\u{FFFD}"))
    }
}
