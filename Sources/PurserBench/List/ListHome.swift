import Glibc

/// A home that `purser` itself has made, and the commands that are measured on it.
struct ListHome {
    let list: ChildProcess
    let doingNothing: ChildProcess
    let shell: ChildProcess?

    /// Makes a vault with a key file and adds accounts without asking the service.
    init(in scratch: ScratchFolder, accounts: Int) throws {
        let purser = try ChildProcess.purser()
        let home = scratch.path + "/home"
        let environment = [
            "PURSER_HOME=\(home)", "XDG_STATE_HOME=\(scratch.path)/state",
            "XDG_CONFIG_HOME=\(scratch.path)/config", "HOME=\(scratch.path)",
        ]
        let passphrase = try scratch.write("correct horse battery staple\n", to: "passphrase")
        for number in 1...accounts {
            _ = try scratch.write("token-of-no-account-\(number)\n", to: "token-\(number)")
        }
        let configuration = try scratch.write(Self.table(of: accounts), to: "accounts.toml")
        let initialize = [
            "init", "--passphrase-file", passphrase, "--key-file", scratch.path + "/key",
            "--config", configuration, "--quiet",
        ]
        _ = try ChildProcess(purser, initialize, environment).run()
        list = ChildProcess(purser, ["accounts", "list"], environment)
        doingNothing = ChildProcess("/usr/bin/true", [], environment)
        shell = Self.shell(of: home + "/purser.db", environment)
        let lines = try list.lines(writtenTo: scratch.path + "/listed")
        guard lines > accounts else {
            throw BenchmarkError(
                "purser accounts list wrote \(lines) lines for \(accounts) accounts"
            )
        }
    }

    private static func table(of accounts: Int) -> String {
        (1...accounts).map { number in
            """
            [[accounts]]
            name = "account-\(number)"
            tier = "ultra"
            token-file = "token-\(number)"
            monthly-credits = 12500
            renews-on = \(number % 28 + 1)
            offline = true
            credits = \(number * 7 % 12_500)

            """
        }.joined()
    }

    private static func shell(of database: String, _ environment: [String]) -> ChildProcess? {
        let program = "/usr/bin/sqlite3"
        guard access(program, X_OK) == 0 else { return nil }
        let sql = """
            SELECT a.name, a.tier, a.state, h.posted - h.held, h.held,
                (SELECT coalesce(sum(t.element_count), 0) FROM attempt t
                    WHERE t.account_id = a.id AND t.state IN ('held', 'unknown'))
                + (SELECT count(*) FROM job j WHERE j.account_id = a.id AND j.ended_at_ms IS NULL),
                a.monthly_credits, a.renews_on_day, a.token_expires_at_ms
            FROM account a
            LEFT JOIN ledger_account l ON l.owner = a.id AND l.kind = 'credits'
            LEFT JOIN ledger_head h ON h.ledger_account = l.id
            WHERE a.removed_at_ms IS NULL ORDER BY a.name
            """
        return ChildProcess(program, ["-readonly", "-column", database, sql], environment)
    }
}
