import PurserCore
import PurserEngine
import PurserSandbox

/// The demo's story, one step after another; every line it shows was printed by the program itself.
struct DemoStory {
    let stage: DemoStage
    let sandbox: Sandbox

    func tell() async throws {
        try await makeHome()
        try await sendOne()
        try await failOne()
        try await loseOne()
        try await rotate()
        try await closeBooks()
    }

    private func makeHome() async throws {
        stage.headline(
            "1. A home: an encrypted vault, and two accounts whose tokens go straight into it"
        )
        try await stage.purser(
            "init --passphrase-file /dev/stdin --key-file demo.key --quiet",
            input: "a demo passphrase\n"
        )
        try await stage.purser(
            "accounts add ultra-1 --tier ultra --monthly-credits 1000 --renews-on 5 --token-stdin",
            input: "sandbox-ultra\n"
        )
        try await stage.purser(
            "accounts add pro-1 --tier tier-one --monthly-credits 1000 --renews-on 5 --token-stdin",
            input: "sandbox-tier-one\n"
        )
    }

    private func sendOne() async throws {
        stage.headline("2. The capture's request: who would serve it, and why; then send it")
        try await stage.purser("route request.json")
        try await stage.purser("send request.json --wait --idempotency-key shot-1")
        showWhatArrived()
        stage.headline("   The same key again: the first answer, no second charge")
        try await stage.purser("send request.json --idempotency-key shot-1")
    }

    /// What the service saw, told by the service's side.
    private func showWhatArrived() {
        guard let seen = sandbox.requests().last(where: { $0.path.contains("batchAsyncGenerate") })
        else { return }
        stage.headline("   What the service saw")
        for field in ["userPaygateTier", "videoModelKey", "prompt"] {
            let line = seen.body.split(separator: "\n").first { $0.contains("\"\(field)\"") }
            stage.console.out("  \((line ?? "").trimmingPrefix { $0 == " " })")
        }
    }

    private func failOne() async throws {
        stage.headline("3. A job that fails is given back by the service, and booked once")
        try sandbox.arm(SandboxFault(preset: "fail-jobs"))
        try await stage.purser("send request.json --wait", expecting: 82)
        try await stage.purser("jobs check")
    }

    private func loseOne() async throws {
        stage.headline(
            "4. The connection breaks after the charge: the hold stays until a reading decides"
        )
        try sandbox.arm(SandboxFault(preset: "cut-after-charge"))
        try await stage.purser("send request.json", expecting: 83)
        try await stage.purser("jobs check")
    }

    private func rotate() async throws {
        stage.headline("5. A fresh token, in place in one step")
        try sandbox.setToken(of: "ultra", to: "sandbox-ultra-2", keepOld: true)
        try await stage.purser("accounts rotate ultra-1 --token-stdin", input: "sandbox-ultra-2\n")
        try await stage.purser("accounts versions ultra-1")
    }

    private func closeBooks() async throws {
        stage.headline("6. The books")
        try await stage.purser("credits")
        try await stage.purser("credits --by model")
        try await stage.purser("credits statement ultra-1")
        try await stage.purser("ledger verify --unlocked")
        let real = sandbox.state().accounts.map { "\($0.label) \($0.credits)" }
        stage.console.out("")
        stage.console.out("the service itself says: \(real.joined(separator: ", "))")
    }
}
