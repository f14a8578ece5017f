import HTTPTypes
import Hummingbird
import NIOCore
import PurserCore

extension GatewayResponder {
    /// The body of a call of the service: of an upload, what must not be in memory is in a file.
    func payload(
        of request: Request,
        for call: ProviderCall,
        _ context: GatewayContext,
        in place: Admission.Place
    ) async throws -> Payload {
        let limit = call.largestBody(limits)
        guard case .upload = call else {
            return Payload(try await body(of: request, upTo: limit, context, in: place))
        }
        let promised = try promised(by: request, upTo: limit)
        // Refused at once, where it would be refused half way.
        if promised > PayloadSieve.longestRun { try place.reserve(.disk, promised) }
        try await context.askForBody(of: request)
        var intake = UploadIntake(in: folder, place: place)
        var count = 0
        for try await part in request.body {
            count += part.readableBytes
            guard count <= limit else { throw Problem.bodyTooLarge(limit) }
            try await intake.take(Array(buffer: part))
        }
        return try await intake.payload()
    }

    /// The whole body: at most what the limits allow, and only while there is room for it.
    func body(
        of request: Request,
        upTo limit: Int,
        _ context: GatewayContext,
        in place: Admission.Place
    ) async throws -> [UInt8] {
        let promised = try promised(by: request, upTo: limit)
        try place.reserve(.memory, promised)
        try await context.askForBody(of: request)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(promised)
        for try await part in request.body {
            let count = bytes.count + part.readableBytes
            guard count <= limit else { throw Problem.bodyTooLarge(limit) }
            try place.reserve(.memory, count)
            bytes += part.readableBytesView
        }
        return bytes
    }

    private func promised(by request: Request, upTo limit: Int) throws(Problem) -> Int {
        let promised = RequestFields(request).contentLength ?? 0
        guard promised <= limit else { throw .bodyTooLarge(limit) }
        return promised
    }
}

extension GatewayContext {
    /// Tells a client that waits for a word before it sends a body that it is read now.
    func askForBody(of request: Request) async throws {
        guard request.headers[.expect] != nil else { return }
        do {
            try await channel.triggerUserOutboundEvent(RequestEvent.bodyWanted)
        } catch is ChannelError {
            // The client has left.
            throw CancellationError()
        }
    }
}

extension ResponseBody {
    /// An answer's bytes, which a client may take slowly: a large one goes out in pieces, so that `ConnectionGuard` sees
    /// each that is taken, and counts in `place` until it is gone.
    static func bytes(_ buffer: ByteBuffer, in place: Admission.Place?) -> ResponseBody {
        guard buffer.readableBytes > piece else { return ResponseBody(byteBuffer: buffer) }
        place?.hold(answer: buffer.readableBytes)
        return ResponseBody(contentLength: buffer.readableBytes) { writer in
            var rest = buffer
            while let next = rest.readSlice(length: min(piece, rest.readableBytes)),
                next.readableBytes > 0
            {
                try await writer.write(next)
            }
            await place?.untilTaken()
            try await writer.finish(nil)
        }
    }

    private static let piece = 16 << 10
}
