import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

/// What the callers share: where the gateways are, when to end, and what was answered.
final class GatewayRecord: Sendable {
    struct Accepted: Sendable {
        let body: [UInt8]
        let account: String
        let operations: [String]
    }

    struct Order: Sendable {
        let key: String
        let member: GatewayHousehold.Member
        let videos: Int
        let body: String
    }

    struct State: Sendable {
        var addresses: [String] = []
        var isOver = false
        /// Keys of members who were given another.
        var keys: [String: String] = [:]
        var renewals = 0
        var accepted: [String: Accepted] = [:]
        var statuses: [String: Int] = [:]
        /// What was ordered, by its key.
        var orders: [String: Order] = [:]
        /// Keys whose answer came as the first one, and not as a repeat.
        var originals: Set<String> = []
        /// Keys of orders that may have been charged without a word to the caller.
        var doubtful: Set<String> = []
    }

    let state = Mutex(State())

    func count(_ what: String) {
        state.withLock { $0.statuses[what, default: 0] += 1 }
    }

    var isOver: Bool { state.withLock(\.isOver) }
}

/// One of many who order videos at once: it hangs up, asks again under the same key, and uses keys for other bodies.
struct GatewayCaller: Sendable {
    var member: GatewayHousehold.Member
    let name: String
    let http: HTTPClient
    let record: GatewayRecord
    let findings: Findings

    private typealias Order = GatewayRecord.Order

    struct Reply {
        let status: Int
        let account: String?
        let isRepeat: Bool
        let body: [UInt8]
    }

    private struct Jobs: Decodable {
        struct Entry: Decodable {
            struct Operation: Decodable {
                let name: String
            }
            let operation: Operation
        }
        let operations: [Entry]?
    }

    private static let submit = "/v1/video:batchAsyncGenerateVideoText"
    private static let models = [
        "veo_2_1_fast_d_15_t2v", "veo_2_1_fast_d_15_t2v", "veo_2_1_fast_d_15_t2v", "veo_2_0_t2v",
    ]

    func run(_ seed: UInt64) async {
        var chance = Chance(seed: seed)
        var number = 0
        while !record.isOver {
            number += 1
            let order = order(number, &chance)
            switch Int.random(in: 0..<10, using: &chance) {
            case 0:
                let (first, second) = (Chance(seed: chance.next()), Chance(seed: chance.next()))
                async let one: Void = place(order, first)
                async let other: Void = place(order, second)
                _ = await (one, other)
            case 1:
                await place(order, Chance(seed: chance.next()))
                await place(order, Chance(seed: chance.next()))
                await misuse(order, &chance)
            case 2:
                await place(order, Chance(seed: chance.next()))
                await look(order, &chance)
            default: await place(order, Chance(seed: chance.next()))
            }
        }
    }

    private func order(_ number: Int, _ chance: inout Chance) -> Order {
        let key = "\(name)-\(number)"
        let videos = Int.random(in: 0..<8, using: &chance) == 0 ? 2 : 1
        let model = Self.models.randomElement(using: &chance) ?? Self.models[0]
        let body = Self.body(key, model, videos)
        let order = Order(key: key, member: member, videos: videos, body: body)
        record.state.withLock { $0.orders[key] = order }
        return order
    }

    private static func body(_ key: String, _ model: String, _ videos: Int) -> String {
        let elements = (0..<videos).map { seed in
            """
            {"aspectRatio":"VIDEO_ASPECT_RATIO_LANDSCAPE","seed":\(seed),"textInput":{"prompt":"a proof"},\
            "videoModelKey":"\(model)","metadata":{"sceneId":"\(key)"}}
            """
        }
        return """
            {"clientContext":{"userPaygateTier":"PAYGATE_TIER_ONE"},"requests":[\(elements.joined(separator: ","))]}
            """
    }

    /// Sends an order under its key until it is answered for good, or patience is at its end.
    private func place(_ order: Order, _ chance: Chance) async {
        var chance = chance
        for _ in 0..<12 {
            let hangsUp = Int.random(in: 0..<8, using: &chance) == 0
            let patience = hangsUp ? Int64.random(in: 1...400, using: &chance) : 20_000
            guard let reply = await send(order, patience, &chance) else {
                record.state.withLock { _ = $0.doubtful.insert(order.key) }
                if record.isOver { return }
                try? await Task.sleep(for: .milliseconds(Int.random(in: 5...80, using: &chance)))
                continue
            }
            note(reply, order)
            if reply.status == 504 {
                record.state.withLock { _ = $0.doubtful.insert(order.key) }
            }
            switch reply.status {
            case 429, 502, 503, 504:
                try? await Task.sleep(for: .milliseconds(Int.random(in: 50...400, using: &chance)))
                if record.isOver || Int.random(in: 0..<3, using: &chance) == 0 { return }
            default: return
            }
        }
    }

    /// Sends what may have been charged once more, now that it is decided.
    func repeatDoubtful(_ seed: UInt64) async {
        var chance = Chance(seed: seed)
        while true {
            let order = record.state.withLock { state in
                state.doubtful.popFirst().flatMap { state.orders[$0] }
            }
            guard let order else { return }
            guard record.state.withLock({ $0.accepted[order.key] }) == nil else { continue }
            var caller = self
            caller.member = order.member
            guard let reply = await caller.send(order, 20_000, &chance) else { continue }
            caller.note(reply, order)
            record.count("doubtful and repeated: \(reply.status)")
        }
    }

    private func send(
        _ order: Order,
        _ patience: Int64,
        _ chance: inout Chance
    ) async -> Reply? {
        await call(Self.submit, order.body, key: order.key, patience, &chance)
    }

    /// Compares an answer to an earlier one under its key.
    private func note(_ reply: Reply, _ order: Order) {
        guard reply.status == 200 else {
            let text = String(decoding: reply.body, as: UTF8.self)
            let earlier = record.state.withLock { $0.accepted[order.key] }
            if reply.status == 401 || reply.status == 500 && text.contains("PURSER_")
                || earlier != nil && reply.status == 409
            {
                findings.add("\(order.key): \(reply.status) \(text)")
            }
            return
        }
        let isFirst = record.state.withLock { state in
            reply.isRepeat || state.originals.insert(order.key).inserted
        }
        if !isFirst { findings.add("\(order.key): a repeat was answered like a first request") }
        let jobs = try? JSONDecoder().decode(Jobs.self, from: Data(reply.body))
        guard let account = reply.account, let jobs = jobs?.operations, !jobs.isEmpty else {
            return record.count("200 without jobs")
        }
        let accepted = GatewayRecord.Accepted(
            body: reply.body,
            account: account,
            operations: jobs.map(\.operation.name)
        )
        let earlier = record.state.withLock { state in
            defer { state.accepted[order.key] = state.accepted[order.key] ?? accepted }
            return state.accepted[order.key]
        }
        guard let earlier else { return }
        if earlier.body != reply.body {
            findings.add("\(order.key): another answer to a repeat")
        }
        record.count("answered again")
    }

    /// Another body under a key that was answered.
    private func misuse(_ order: Order, _ chance: inout Chance) async {
        guard record.state.withLock({ $0.accepted[order.key] }) != nil else { return }
        let other = Order(
            key: order.key,
            member: member,
            videos: order.videos,
            body: order.body.replacing("a proof", with: "other")
        )
        guard let reply = await send(other, 20_000, &chance) else { return }
        if reply.status != 409 {
            findings.add("\(order.key): another body under a used key got \(reply.status)")
        }
    }

    /// Asks about a job of its own, and cancels it now and then.
    private func look(_ order: Order, _ chance: inout Chance) async {
        guard let accepted = record.state.withLock({ $0.accepted[order.key] }) else { return }
        let names = accepted.operations.map { "{\"operation\":{\"name\":\"\($0)\"}}" }
        let reply = await call(
            "/v1/video:batchCheckAsyncVideoGenerationStatus",
            "{\"operations\":[\(names.joined(separator: ","))]}",
            key: nil,
            20_000,
            &chance
        )
        if let reply, reply.status == 404 {
            findings.add("\(order.key): its job is not known")
        }
        guard Int.random(in: 0..<3, using: &chance) == 0 else { return }
        let cancelled = await call(
            "/v1/flowMedia:cancelGeneration",
            "{\"mediaId\":\"\(accepted.operations[0])\"}",
            key: nil,
            20_000,
            &chance
        )
        if let cancelled { record.count("cancelled: \(cancelled.status)") }
        if cancelled?.status == 404 {
            findings.add("\(order.key): its job cannot be cancelled, for it is not known")
        }
    }

    /// One call; `nil` when there was no answer.
    private func call(
        _ path: String,
        _ body: String,
        key: String?,
        _ patience: Int64,
        _ chance: inout Chance
    ) async -> Reply? {
        let (addresses, memberKey) = record.state.withLock {
            ($0.addresses, $0.keys[member.name] ?? member.key)
        }
        guard let address = addresses.randomElement(using: &chance) else { return nil }
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(memberKey)")
        request.headers.add(name: "Content-Type", value: "application/json")
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        request.body = .bytes(ByteBuffer(string: body))
        do {
            let response = try await http.execute(request, timeout: .milliseconds(patience))
            let bytes = try await response.body.collect(upTo: 1 << 20)
            record.count("\(response.status.code)")
            return Reply(
                status: Int(response.status.code),
                account: response.headers.first(name: "Purser-Account"),
                isRepeat: response.headers.contains(name: "Idempotency-Hit"),
                body: Array(bytes.readableBytesView)
            )
        } catch {
            record.count("unanswered")
            return nil
        }
    }
}
