import PurserCore
import Testing

struct StatusRequestTests {
    private func read(_ text: String) throws(StatusRequestError) -> [StatusRequest.Question] {
        try StatusRequest(Array(text.utf8)).questions
    }

    @Test func `both shapes are read, together too`() throws {
        let questions = try read(
            """
            {"media": [{"name": "m", "projectId": "p"}],
             "operations": [{"operation": {"name": "a"}, "sceneId": "s", "status": "X"},
                            {"operation": {"name": "b", "more": 1}}]}
            """
        )
        #expect(questions.map(\.name) == ["a", "b", "m"])
        #expect(questions.map(\.shape) == [.operations, .operations, .media])
        #expect(questions.map(\.sceneID) == ["s", nil, nil])
        #expect(questions.map(\.projectID) == [nil, nil, "p"])
        let elements = questions.map { String(decoding: $0.element(in: .active), as: UTF8.self) }
        #expect(
            elements == [
                #"{"operation":{"name":"a"},"sceneId":"s","status":"MEDIA_GENERATION_STATUS_ACTIVE"}"#,
                #"{"operation":{"name":"b"},"status":"MEDIA_GENERATION_STATUS_ACTIVE"}"#,
                #"{"name":"m","projectId":"p","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_ACTIVE"}}}"#,
            ]
        )
    }

    @Test func `an element of a failed job says why, where its shape says so`() throws {
        let questions = try read(
            #"{"operations":[{"operation":{"name":"a"}}],"media":[{"name":"m"}]}"#
        )
        let elements = questions.map {
            String(decoding: $0.element(in: .failed, failure: "bad"), as: UTF8.self)
        }
        #expect(
            elements == [
                #"{"operation":{"name":"a","error":{"message":"bad"}},"status":"MEDIA_GENERATION_STATUS_FAILED"}"#,
                #"{"name":"m","mediaMetadata":{"mediaStatus":{"mediaGenerationStatus":"MEDIA_GENERATION_STATUS_FAILED","error":{"message":"bad"}}}}"#,
            ]
        )
    }

    @Test(arguments: [
        ("", StatusRequestError.unreadable),
        ("[]", .unreadable),
        ("{\"media\":[],\"media\":[]}", .unreadable),
        ("{} //", .unreadable),
        ("{}", .empty),
        ("{\"operations\":[]}", .empty),
        ("{\"operations\":{}}", .noList(.operations)),
        (
            "{\"operations\":[{\"operation\":{\"name\":\"a\"}},{}]}",
            .nameless(.operations, index: 1)
        ),
        ("{\"operations\":[{\"name\":\"a\"}]}", .nameless(.operations, index: 0)),
        ("{\"media\":[{\"name\":\"\"}]}", .nameless(.media, index: 0)),
    ])
    func `what is no question is refused`(body: String, error: StatusRequestError) {
        #expect(throws: error) { try read(body) }
    }

    @Test func `a hundred jobs are asked about, and not one more`() throws {
        func body(_ count: Int) -> String {
            let names = (0..<count).map { "{\"name\":\"\($0)\"}" }.joined(separator: ",")
            return "{\"media\":[\(names)]}"
        }
        #expect(try read(body(100)).count == 100)
        #expect(throws: StatusRequestError.tooMany(101)) { try read(body(101)) }
    }

    @Test func `elements keep their bytes`() throws {
        let body = Array(#" {"a": [ {"n" : 1.50 } ,"x\u00e9"], "b":[], "c":{"a":[1]}}"#.utf8)
        let places = try JSONValue.elements(of: ["a", "b", "c"], in: body)
        let texts = places["a"]?.map { String(decoding: body[$0], as: UTF8.self) }
        #expect(texts == [#"{"n" : 1.50 }"#, #""x\u00e9""#])
        #expect(places["b"] == [])
        #expect(places["c"] == nil)
    }
}
