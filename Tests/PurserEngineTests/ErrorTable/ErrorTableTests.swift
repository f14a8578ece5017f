import PurserCore
import PurserEngine
import PurserSandbox
import PurserTestSupport
import Testing

/// Each row of the service's error table, over HTTP, against real books.
struct ErrorTableTests {
    @Test func `every answer the sandbox can refuse with is a row`() {
        let others: Set = ["omit-remaining", "stale-credits", "fail-jobs"]
        #expect(
            Set(TableRow.all.map(\.preset)) == Set(SandboxFault.presets.keys).subtracting(others)
        )
    }

    @Test(arguments: TableRow.all)
    func `an answer leads to what its row says`(_ row: TableRow) async throws {
        try await withService { service in
            var fault = try SandboxFault(preset: row.preset)
            fault.account = "ultra-1"
            try service.sandbox.arm(fault)
            let before = service.clock.now

            try await checkCaller(row, service)

            #expect(service.clock.now - before == (row.next == .later ? .seconds(2) : .zero))
            try await checkBooks(row, service)
            try await checkAccounts(row, service, from: before)
        }
    }

    private func checkCaller(_ row: TableRow, _ service: ServiceHome) async throws {
        switch row.next {
        case .unknown:
            await #expect(throws: DispatchError.self) {
                try await service.home.send(.capture, key: "k")
            }
            #expect(service.asked == ["ultra-1"])
        case .givenBack:
            let receipt = try await service.home.send(.capture, key: "k")
            #expect(String(receipt.answer.status) == row.evidence.prefix(3))
            #expect(receipt.charged == .zero)
            #expect(receipt.earlier.isEmpty)
            #expect(service.asked == ["ultra-1"])
        case .another, .later:
            let receipt = try await service.home.send(.capture, key: "k")
            #expect(receipt.isAccepted)
            #expect(receipt.earlier.count == 1)
            #expect(service.asked == ["ultra-1", row.next == .later ? "ultra-1" : "ultra-2"])
        }
        guard row.isKept else { return }
        let again = try await service.home.send(.capture, key: "k")
        #expect(again.isRepeat && String(again.answer.status) == row.evidence.prefix(3))
        #expect(service.asked.count == 1)
    }

    private func checkBooks(_ row: TableRow, _ service: ServiceHome) async throws {
        let kinds = try await service.home.entries("ultra-1").map(\.kind)
        if row.next == .unknown {
            // What may have been charged stays held; nothing decides it but readings.
            #expect(kinds == [.open, .hold, .unknown])
            #expect(try await service.home.balance("ultra-1") == .init(posted: 690, held: 10))
            let evidence = try await service.evidence("ultra-1")
            #expect(evidence?.hasPrefix(row.evidence) == true)
            return
        }
        #expect(kinds.prefix(3) == [.open, .hold, .void])
        let void = try await service.home.entries("ultra-1").first { $0.kind == .void }
        #expect(void?.detail == row.evidence)
        #expect(try await service.home.totalHeld() == 0)
        for account in service.sandbox.state().accounts {
            let posted = try await service.home.balance(account.label)?.posted.amount
            #expect(posted == Int64(account.credits))
        }
    }

    private func checkAccounts(
        _ row: TableRow,
        _ service: ServiceHome,
        from before: Timestamp
    ) async throws {
        let rests = try await service.rests()
        let everyone = row.resting?.scope == .everyone
        for name in ["ultra-1", "ultra-2"] {
            let found = rests[name] ?? []
            guard let expected = row.resting, name == "ultra-1" || everyone else {
                #expect(found.isEmpty)
                continue
            }
            #expect(found.map(\.reason) == [expected.reason])
            let model = expected.scope == .model ? ModelID("veo_3_0_r2v_fast") : nil
            #expect(found.map { $0.modelID != nil } == [model != nil])
            let midnight = CalendarDay(number: CalendarDay(before).number + 1).start
            // The second of a tier comes back from a rest of all a little later.
            let start = name == "ultra-1" ? before : before + RestRule.wave
            #expect(found.map(\.until) == [expected.span.map { start + $0 } ?? midnight])
        }
        #expect(try await service.home.account("ultra-2").state == .enabled)
        let words = try await service.words("ultra-1")
        switch (row.standing, try await service.home.account("ultra-1").state) {
        case (.enabled, .enabled): #expect(words.isEmpty == (row.resting == nil))
        case (.paused, .paused(let reason)):
            #expect(words == ["paused: \(reason)"])
            #expect(try await service.told() == ["account.pause ultra-1"])
        case (.needsRotation, .needsRotation(let reason)):
            #expect(words == ["needs a fresh token: \(reason)"])
            #expect(try await service.told() == ["account.token_dead ultra-1"])
        case (_, let state): Issue.record("\(row.preset) leaves ultra-1 \(state)")
        }
    }

    @Test(arguments: [0, 1, 5, 16])
    func `a reason counts wherever it stands in the details`(_ index: Int) async throws {
        try await withService(["ultra-1"]) { service in
            var fault = try SandboxFault(preset: "throttled")
            fault.reasonIndex = index
            try service.sandbox.arm(fault)
            _ = try await service.home.send(.capture)
            #expect(try await service.rests()["ultra-1"]?.map(\.reason) == [.throttled])
        }
    }

    // MARK: The same reasons inside a failed job

    static let jobRows: [(reason: String, rest: RestReason?, isPaused: Bool)] = [
        ("UNSAFE_GENERATION", nil, false), ("PROMINENT_PEOPLE_FILTER_FAILED", nil, false),
        ("MINOR_FILTER_FAILED", nil, false), ("SEXUAL", nil, false),
        ("VIOLENCE_FILTER_FAILED", nil, false), ("DANGER_FILTER_FAILED", nil, false),
        ("IP_INPUT_IMAGE", nil, false), ("AUDIO_FILTERED", nil, false),
        ("HIGH_TRAFFIC", nil, false), ("MODEL_OVERLOADED", nil, false),
        ("NEVER_HEARD_OF", nil, false), ("MODEL_ACCESS_DENIED", nil, false),
        ("USER_REQUESTS_THROTTLED", .throttled, false),
        ("PER_MODEL_DAILY_QUOTA_REACHED", .dailyModelQuota, false),
        ("USER_QUOTA_REACHED", .outOfCredits, false),
        ("WORKSPACE_ACCOUNT_QUOTA_REACHED", .outOfCredits, false),
        ("CONCURRENT_LIMIT_REACHED", .concurrencyLimit, false),
        ("GENERATION_ALREADY_IN_PROGRESS", .concurrencyLimit, false),
        ("UNUSUAL_ACTIVITY_TOO_MUCH_TRAFFIC", .tooMuchTraffic, false),
        ("UNUSUAL_ACTIVITY", nil, true), ("USER_REGION_DISALLOWED", nil, true),
        ("USER_MINOR", nil, true), ("APP_UNAVAILABLE", nil, true),
    ]

    @Test(arguments: jobRows, [SandboxScenario.ResponseShape.operations, .media])
    func `a reason inside a failed job means what it means in an answer`(
        _ row: (reason: String, rest: RestReason?, isPaused: Bool),
        _ shape: SandboxScenario.ResponseShape
    ) async throws {
        try await withService(shape: shape) { service in
            let reason = "PUBLIC_ERROR_\(row.reason)"
            try service.sandbox.arm(SandboxFault(.failJobs, account: "ultra-1", reason: reason))
            _ = try await service.home.send(.capture)
            service.clock.advance(by: .seconds(61))

            let ended = try await JobDesk(service.home.engine).ask(JobFilter()).ended

            #expect(ended.map(\.state) == [.failed])
            #expect(ended.first?.failure?.contains(reason) == true)
            let rests = try await service.rests()
            #expect(rests["ultra-1"]?.map(\.reason) == (row.rest.map { [$0] } ?? []))
            let isForAll = row.rest == .tooMuchTraffic
            #expect(rests["ultra-2"]?.map(\.reason) == (isForAll ? [.tooMuchTraffic] : []))
            let state = try await service.home.account("ultra-1").state
            #expect((state != .enabled) == row.isPaused)
            // Charged at submission; the price is owed from now on and nothing was sent again.
            #expect(try await service.home.overview("ultra-1").refundsDue.amount == 10)
            #expect(service.asked == ["ultra-1"])

            // Asked again, an ended job starts nothing anew.
            service.clock.advance(by: .seconds(86_400))
            _ = try await JobDesk(service.home.engine).ask(JobFilter())
            #expect(try await service.rests()["ultra-1"] == [])
        }
    }
}
