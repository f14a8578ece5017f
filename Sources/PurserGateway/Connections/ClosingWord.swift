import NIOCore
import NIOHTTP1

/// Has a request that ends its connection say so as everything behind looks for it.
///
/// HTTP/1.0 says it by saying nothing, HTTP/1.1 in letters of any case and among other words.
final class ClosingWord: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), !head.isKeepAlive else {
            return context.fireChannelRead(data)
        }
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
