import Foundation
import Glibc
import NIOHTTP1
import PurserSandbox
import Testing

@testable import PurserCore
@testable import PurserGateway

private let uploadImage = "/v1/flow/uploadImage"

/// The body of an upload of about so many bytes.
private func body(_ size: Int, letter: Character = "A", project: String = "old") -> String {
    """
    { "imageBytes" : "\(String(repeating: "\(letter)bC9+/09", count: size / 8))", "note":"\\u00e9é",
      "clientContext":{"projectId":"\(project)","userPaygateTier":"PAYGATE_TIER_ONE"} }
    """
}

extension GatewayHome {
    fileprivate func uploads() -> [SeenRequest] {
        sandbox.requests().filter { $0.path == uploadImage }
    }

    /// Files in the gateway's folder that have no name and that somebody still has open.
    fileprivate func openFiles() throws -> Int {
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return all.count { descriptor in
            var path = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(descriptor)", &path, path.count - 1)
            let target = String(
                decoding: path.prefix(max(length, 0)).map(UInt8.init),
                as: UTF8.self
            )
            return target.hasPrefix(folder) && target.hasSuffix("(deleted)")
                && !target.contains("books")
        }
    }

    fileprivate func untilNoFileIsOpen() async throws {
        for _ in 0..<500 where try openFiles() > 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try openFiles() == 0)
    }
}

/// Uploads, whose images are not kept in memory.
struct UploadTests {
    @Test func `it arrives byte for byte but for what is the account's, and nothing is left of it`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada")
            for size in [100, 100_000, 3_000_000] {
                let given = body(size)
                let reply = try await home.post(uploadImage, given, key: key)
                #expect(reply.status == 200)
                let account = try #require(reply.headers["purser-account"].first)
                let tier = account == "ultra" ? "PAYGATE_TIER_TWO" : "PAYGATE_TIER_ONE"
                let seen = try #require(home.uploads().last)
                #expect(seen.body == given.replacing("PAYGATE_TIER_ONE", with: tier))
                #expect(seen.headers["content-length"] == "\(seen.body.utf8.count)")
                try await home.untilNoFileIsOpen()
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: home.folder)
            #expect(Set(left).isSubset(of: ["books", "state"]))
        }
    }

    @Test func `another account is sent the same bytes`() async throws {
        try await withGateway(retryWithin: .seconds(30)) { home in
            let key = try await home.member("ada")
            var fault = try SandboxFault(preset: "throttled")
            fault.scope = .upload
            try home.sandbox.arm(fault)
            #expect(try await home.post(uploadImage, body(500_000), key: key).status == 200)
            let bodies = home.uploads().map {
                $0.body.replacing("PAYGATE_TIER_TWO", with: "PAYGATE_TIER_ONE")
            }
            #expect(bodies.count == 2)
            #expect(bodies.allSatisfy { $0 == body(500_000) })
        }
    }

    @Test func `a repeat is one by all of its bytes`() async throws {
        try await withGateway { home in
            let key = try await home.member("ada")
            let headers = [("Idempotency-Key", "image-1")]
            let given = body(500_000)
            let first = try await home.post(uploadImage, given, key: key, headers: headers)
            let again = try await home.post(uploadImage, given, key: key, headers: headers)
            let other = try await home.post(
                uploadImage,
                given.replacing("AbC9+/09\"", with: "AbC9+/0-\""),
                key: key,
                headers: headers
            )
            #expect(first.status == 200 && again.text == first.text)
            #expect(again.headers["idempotency-hit"] == ["true"])
            #expect(other.status == 409)
            #expect(home.uploads().count == 1)
        }
    }

    @Test func `a client that hangs up half way leaves no file and takes up no room`()
        async throws
    {
        try await withGateway(.with { $0.limits.bodyDisk = 1_500_000 }) { home in
            let key = try await home.member("ada")
            let whole = rawPost(uploadImage, key: key, body(1_000_000))
            for _ in 1...3 {
                let half = Task { try await talk(to: home.port, String(whole.prefix(600_000))) }
                for _ in 0..<500 where try home.openFiles() == 0 {
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(try home.openFiles() == 1)
                // While it comes, its room is taken.
                let refused = try await home.post(uploadImage, body(1_000_000), key: key)
                #expect(refused.status == 503 && refused.reason == "PURSER_GATEWAY_BUSY")
                half.cancel()
                _ = await half.result
                try await home.untilNoFileIsOpen()
            }
            let admission = home.gateway.responder.admission
            while admission.requests > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(admission.bytes(in: .memory) == 0 && admission.bytes(in: .disk) == 0)
            #expect(try await home.post(uploadImage, body(1_000_000), key: key).status == 200)
            #expect(home.uploads().count == 1)
        }
    }

    @Test func `a body that is wrong far behind its image is refused where it is wrong`()
        async throws
    {
        try await withGateway { home in
            let key = try await home.member("ada")
            let wrong = body(300_000).replacing("\"userPaygateTier\"", with: "\"projectId\"")
            let reply = try await home.post(uploadImage, wrong, key: key)
            #expect(reply.status == 400)
            let error = try #require(throws: RequestBodyError.self) {
                try RequestBody.parse(Array(wrong.utf8), for: .upload(path: "flow/uploadImage"))
            }
            #expect(error.line == 2 && reply.text.contains(error.message), "\(reply.text)")
            #expect(home.uploads().isEmpty)
        }
    }

    @Test func `a disk without room is a refusal, and nothing is sent`() async throws {
        let place = try Admission(GatewayLimits()).enter(MemberID(high: 1, low: 1))
        #expect(throws: Problem.noDisk) { try BodyFile(in: "/nowhere/at/all") }
        await #expect(throws: Problem.noDisk) {
            try await BodyFile(descriptor: open("/dev/full", O_RDWR | O_CLOEXEC))
                .write([1, 2, 3], at: 0)
        }
        await #expect(throws: Problem.noDisk) {
            try await BodyFile(in: NSTemporaryDirectory(), spare: .max / 2).write([1], at: 0)
        }
        await #expect(throws: Problem.noDisk) {
            var intake = UploadIntake(in: "/nowhere/at/all", place: place)
            try await intake.take(Array(body(300_000).utf8))
            _ = try await intake.payload()
        }
    }

    @Test func `a file that is shorter than it was is an error and not a shorter body`()
        async throws
    {
        let file = try BodyFile(in: NSTemporaryDirectory(), spare: 0)
        try await file.write(Array(0..<200), at: 0)
        #expect(try await file.read(10..<20) == Array(10..<20))
        await #expect(throws: StoreError.self) { try await file.read(150..<201) }
    }
}
