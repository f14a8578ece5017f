import PurserCore

extension CreditDemand {
    /// What was charged for on the whole days before one; models that are in no catalogue any more are left out.
    ///
    /// It stays the same until the day ends, for charges are booked on the day they are made: whoever reads it reckons as claims do. But
    /// one that is booked late, for the day before, is missing until the next day where the days were read already.
    static func load(
        for day: CalendarDay,
        _ options: StoreOptions,
        _ sql: Connection
    ) throws -> CreditDemand {
        var demand = CreditDemand()
        guard options.policy == .balanced else { return demand }
        let videos = try sql.all(
            """
            SELECT model_id, sum(videos) FROM usage_pair
            WHERE over = 'account' AND day >= ?1 AND day < ?2 GROUP BY model_id
            """,
            .int(day.number - CreditDemand.days),
            .int(day.number)
        ) { ($0.text(0), $0.int(1)) }
        for (model, count) in videos {
            guard let model = options.catalogue.model(forKey: model) else { continue }
            demand.add(model, videos: Int(count))
        }
        return demand
    }
}

extension Books {
    /// Tells the router once a day what the days before asked for.
    func rememberDemand(at now: Timestamp) throws {
        let day = CalendarDay(now)
        guard memory.demandDay != day.number else { return }
        memory.snapshot.demand = try CreditDemand.load(for: day, surroundings.options, sql)
        memory.demandDay = day.number
    }
}
