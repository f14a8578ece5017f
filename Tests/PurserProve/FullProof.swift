import CStorageProbe
import Glibc
import PurserCore
import PurserStore

/// T8d: there is no room left, in three ways: a small disk, a limit on a file's size, a limit on the database's pages.
///
/// New work is refused with an error that says so, reading goes on, nothing that was acknowledged is lost, and
/// the same store writes again as soon as there is room.
struct FullProof {
    let findings: Findings

    func run() async throws {
        guard probe_install() == 0 else { throw ProofError("the probe could not be installed") }
        Findings.figure("seed", Tier.seed)
        try await fillSmallDisk()
        try await limitFiles()
        try await limitPages()
    }

    // MARK: The ways

    private func fillSmallDisk() async throws {
        let scratch = try Scratch(in: Scratch.disk)
        // A mount of this process's own; who is not root gets one in a namespace of their own.
        let script = "mount -t tmpfs -o size=6m none \"$1\" && exec \"$2\" full-mounted \"$1\""
        let own = "/proc/\(getpid())/exe"
        let child = try Child(
            program: "/usr/bin/unshare",
            ["-m"] + (geteuid() == 0 ? [] : ["-r"]) + ["sh", "-c", script, "sh", scratch.path, own]
        )
        for line in child.rest() {
            if line.hasPrefix("finding: ") {
                findings.add(String(line.dropFirst(9)))
            } else {
                Findings.say(line)
            }
        }
        if child.wait() != 0 { findings.add("the small disk could not be tried") }
    }

    /// In a process that sees the small disk at `words[0]`.
    func runOnSmallDisk(_ words: [String]) async throws {
        guard let folder = words.first else { throw ProofError("no folder") }
        let ballast = "\(folder)/ballast"
        try await run(
            "small disk",
            home: "\(folder)/home",
            squeeze: {
                let file = open(ballast, O_CREAT | O_WRONLY, 0o600)
                defer { close(file) }
                let block = [UInt8](repeating: 1, count: 4096)
                while write(file, block, block.count) > 0 {}
            },
            relax: { unlink(ballast) }
        )
    }

    private func limitFiles() async throws {
        let scratch = try Scratch(in: Scratch.disk)
        signal(SIGXFSZ, SIG_IGN)
        var unlimited = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &unlimited) == 0 else {
            throw ProofError.system("getrlimit")
        }
        let usual = unlimited
        let home = "\(scratch.path)/home"
        let log = "\(home)/\(Household.database)-wal"
        try await run(
            "file size",
            home: home,
            squeeze: {
                var status = stat()
                stat(log, &status)
                var limit = usual
                limit.rlim_cur = rlim_t(status.st_size)
                setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            },
            relax: {
                var limit = usual
                setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            }
        )
    }

    private func limitPages() async throws {
        let scratch = try Scratch(in: Scratch.memory)
        probe_remember_connections()
        defer { probe_forget_connections() }
        try await run(
            "pages",
            home: "\(scratch.path)/home",
            squeeze: { probe_limit_pages(1) },
            relax: { probe_limit_pages(1_000_000) }
        )
    }

    // MARK: What holds in all of them

    private func run(
        _ way: String,
        home: String,
        squeeze: () -> Void,
        relax: () -> Void
    ) async throws {
        let store = try await SQLiteStore.open(
            home: home,
            options: Household.options { $0.checkpointAbove = 200_000 }
        )
        var (household, key) = try await Household.create(in: store, seed: Tier.seed)
        try await household.addAccount("one", credits: 1_000_000)
        var held: Set<OperationID> = []
        for _ in 0..<20 { held.insert(try await household.hold()) }
        squeeze()
        defer { relax() }
        var refusals = 0
        for _ in 0..<2000 where refusals < 20 {
            do {
                held.insert(try await household.hold())
                refusals = 0
            } catch {
                refusals += 1
                check(error, way)
            }
        }
        if refusals < 20 { findings.add("\(way): holds were taken without room") }
        let faults = try await household.faults()
        for fault in faults { findings.add("\(way), while full: \(fault)") }
        relax()
        for _ in 0..<20 {
            do {
                held.insert(try await household.hold())
            } catch {
                findings.add("\(way): there is room again, and still \(error)")
            }
        }
        try await store.close()
        let again = try await SQLiteStore.open(home: home, options: Household.options())
        let found = try await Household(opening: again, key: key, seed: 1)
        for fault in try await found.faults() { findings.add("\(way), afterwards: \(fault)") }
        let present = Set(
            try await again.entries(EntryFilter()).filter { $0.kind == .hold }.map(\.operationID)
        )
        let lost = held.subtracting(present).count
        let invented = present.subtracting(held).count
        if invented > 0 { findings.add("\(way): \(invented) holds nobody was answered are there") }
        if lost > 0 { findings.add("\(way): \(lost) holds are gone") }
        try await again.close()
        Findings.figure("\(way):", "\(held.count) held, \(lost) lost")
    }

    private func check(_ error: any Error, _ way: String) {
        guard case StoreError.noRoom = error else {
            return findings.add("\(way): the error is \(error)")
        }
    }
}

extension Household {
    /// A hold by the owner; its operation.
    mutating func hold() async throws -> OperationID {
        let order = order(members[0])
        _ = try await claim(order)
        return order.operation
    }
}
