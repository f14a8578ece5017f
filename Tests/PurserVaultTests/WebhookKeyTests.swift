import PurserVault
import Testing

struct WebhookKeyTests {
    private func key(_ text: String) throws -> WebhookKey {
        try WebhookKey(Secret(copying: text.utf8))
    }

    /// Computed with another implementation.
    @Test func `a signature is the one that others compute`() throws {
        let signature = try key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8)
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(arguments: [24, 25, 26, 32, 64])
    func `secrets of 24 to 64 bytes are taken`(count: Int) throws {
        let groups = (count + 2) / 3
        let padding = groups * 3 - count
        let digits = String(repeating: "A", count: groups * 4 - padding)
        _ = try key("whsec_" + digits + String(repeating: "=", count: padding))
    }

    @Test(arguments: [
        "", "whsec_", "whsec", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-_Sw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa=w",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La====", "whsec_====",
        "whsec_" + String(repeating: "A", count: 88),
    ])
    func `anything else is refused, and not repeated`(text: String) throws {
        let error = #expect(throws: WebhookKeyError.self) { try key(text) }
        #expect(error?.message.contains("MfKQ") == false)
    }
}
