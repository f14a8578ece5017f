import HTTPTypes
import PurserCore
import Testing

@testable import PurserGateway

struct RouteTests {
    @Test(
        arguments: [
            ("/v1/video:batchAsyncGenerateVideoText", "video:batchAsyncGenerateVideoText"),
            ("/v1/video%3AbatchAsyncGenerateVideoText", "video:batchAsyncGenerateVideoText"),
            ("/v1/flow/uploadImage?key=x", "flow/uploadImage"),
            ("/v1:uploadUserImage", ":uploadUserImage"),
            ("/v1/flowMedia:cancelGeneration", "flowMedia:cancelGeneration"),
            (statusQuery, "video:batchCheckAsyncVideoGenerationStatus"),
        ]
    )
    func `the service's paths are its calls`(_ path: String, _ call: String) throws {
        #expect(Route(.post, target: path) == .call(try #require(ProviderCall(call))))
    }

    @Test(
        arguments: [
            "", "*", "/pages", "v1/credits", "//v1/credits", "/v1", "/v1/", "/v2/credits",
            "/v1/v1/credits", "/v1/https://x/v1/credits", "/v1/:uploadUserImage",
            "/v1/video:batchAsyncGenerateVideo", "/v1/video:batchAsyncGenerateVideo/../x",
            "http://elsewhere/v1/credits", "/v1:video:batchAsyncGenerateVideoText",
        ]
    )
    func `every other path is unknown`(_ path: String) {
        #expect(Route(.get, target: path) == .unknown)
        #expect(Route(.post, target: path) == .unknown)
    }

    @Test func `a path takes one method`() {
        #expect(Route(.get, target: "/v1/credits") == .credits)
        #expect(Route(.post, target: "/v1/credits") == .otherMethod(allowed: .get))
        #expect(Route(.head, target: "/healthz") == .health)
        #expect(Route(.head, target: "/v1/credits") == .credits)
        #expect(Route(.head, target: statusQuery) == .otherMethod(allowed: .post))
        #expect(Route(.connect, target: "/healthz") == .otherMethod(allowed: .get))
    }
}
