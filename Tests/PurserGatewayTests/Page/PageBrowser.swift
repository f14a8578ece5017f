import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserPages
import Testing

@testable import PurserGateway

/// As much of a browser as the page needs: it keeps a cookie, follows nothing by itself, and says where a form is from.
struct PageBrowser: Sendable {
    let home: GatewayHome
    var scheme = "http"
    var host = "127.0.0.1"
    var client = Self.client
    /// `purser=…`; `nil`, it is signed out.
    var cookie: String?

    /// Lives as long as the process.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    var origin: (String, String) { ("Origin", "\(scheme)://\(host):\(home.port)") }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> Reply {
        try await send(.GET, path, nil, headers)
    }

    /// Sends a form; with the token that a page of the session holds unless told another.
    func submit(
        _ path: String,
        _ fields: [(FormField, String)] = [],
        formToken: String? = nil,
        headers: [(String, String)]? = nil
    ) async throws -> Reply {
        var fields = fields
        let secret = cookie.map { String($0.drop { $0 != "=" }.dropFirst()) }
        if let token = formToken ?? secret.map(SessionMark.formToken(of:)) {
            fields.append((.formToken, token))
        }
        let body = fields.map { "\($0.rawValue)=\(Self.escaped($1))" }.joined(separator: "&")
        return try await send(
            .POST,
            path,
            body,
            (headers ?? [origin]) + [("Content-Type", "application/x-www-form-urlencoded")]
        )
    }

    /// Signs in; the session's cookie is kept.
    mutating func signIn(_ key: String, next: String? = nil) async throws -> Reply {
        let reply = try await submit(
            PagePath.signIn.rawValue,
            [(.key, key)] + (next.map { [(.next, $0)] } ?? [])
        )
        cookie = reply.cookies.first.map { String($0.prefix { $0 != ";" }) }
        return reply
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String?,
        _ headers: [(String, String)]
    ) async throws -> Reply {
        try await home.send(
            method,
            path,
            body,
            key: nil,
            headers: headers + (cookie.map { [("Cookie", $0)] } ?? []),
            scheme: scheme,
            host: host,
            client: client
        )
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// What the server says on a stream of events, as it comes; it ends when `isEnough` says so, or the stream does.
    func hear(until isEnough: @Sendable (String) -> Bool) async throws -> String {
        var request = HTTPClientRequest(
            url: "\(scheme)://\(host):\(home.port)\(PagePath.events.rawValue)"
        )
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        let response = try await client.execute(request, timeout: .seconds(50))
        #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
        var heard = ""
        for try await part in response.body {
            heard += String(buffer: part)
            if isEnough(heard) { break }
        }
        return heard
    }
}

extension Reply {
    var cookies: [String] { headers["Set-Cookie"] }
    var location: String? { headers.first(name: "Location") }

    /// Whether it sends a browser to the form that asks for a key.
    var asksToSignIn: Bool { status == 303 && location?.hasPrefix("/page/sign-in") ?? false }
}

extension GatewayHome {
    /// A browser in which a new member of that role has signed in.
    func browser(_ name: String, role: MemberRole) async throws -> PageBrowser {
        var browser = PageBrowser(home: self)
        let reply = try await browser.signIn(try await member(name, role: role))
        #expect(reply.status == 303)
        return browser
    }

    func lines(of actor: String) async throws -> [String] {
        try await engine.store.audit(AuditFilter(actor: actor))
            .map { "\($0.record.verb) \($0.record.subject) \($0.record.detail)" }
    }
}
