import CStorageProbe
import Glibc

/// Leads one proof, `purser-prove NAME`.
///
/// `Scripts/prove` leads them all; `Documentation/Proof.md` says what they prove.
@main
struct PurserProve {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            guard let name = words.first else { throw ProofError("name a proof") }
            let findings = Findings()
            try await run(name, Array(words.dropFirst()), findings)
            exit(findings.isEmpty ? 0 : 1)
        } catch {
            Findings.say("purser-prove: error: \(error)")
            exit(2)
        }
    }

    private static func run(_ name: String, _ words: [String], _ findings: Findings) async throws {
        switch name {
        case "machine": machine()
        case "power": try await PowerProof(findings: findings).run()
        case "faults": try await FaultProof(findings: findings).runDisk()
        case "memory": try await FaultProof(findings: findings).runMemory()
        case "full": try await FullProof(findings: findings).run()
        case "full-mounted": try await FullProof(findings: findings).runOnSmallDisk(words)
        case "kill": try await KillProof(findings: findings).run()
        case "kill-victim": try await KillVictim(words).run()
        case "crowd": try await CrowdProof(findings: findings).run()
        case "crowd-member": try await CrowdMember(words).run()
        case "flips": try await FlipProof(findings: findings).run()
        case "flips-part": try await FlipPart(words).run(findings)
        case "reset": try await ResetProof(findings: findings).run()
        case "upgrade": try await UpgradeProof(findings: findings, words).run()
        case "gateway": try await GatewayProof(findings: findings).run()
        case "reset-part": try await ResetPart(words).run()
        default: throw ProofError("'\(name)' is no proof")
        }
    }

    private static func machine() {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let version = probe_sqlite_version()
        let sqlite = "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
        let kernel = String(
            decoding: Scratch.firstLine(of: "/proc/sys/kernel/osrelease"),
            as: UTF8.self
        )
        Findings.say("\(cores) cores, Linux \(kernel), SQLite \(sqlite)")
    }
}
