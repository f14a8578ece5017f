package import PurserCore

extension SQLiteStore {
    package func requestHistory(
        from: Timestamp?,
        to: Timestamp?
    ) async throws -> [PastRequest] {
        try await read { sql in
            // Jobs of one submission are made in one transaction, at one instant.
            try sql.all(
                """
                SELECT created_at_ms, model_id, count(*) FROM job
                WHERE created_at_ms >= ?1 AND created_at_ms < ?2
                GROUP BY created_at_ms, submission_id, model_id ORDER BY created_at_ms
                """,
                .int(from?.milliseconds ?? .min),
                .int(to?.milliseconds ?? .max)
            ) { row in
                PastRequest(
                    at: row.time(0),
                    modelID: ModelID(row.text(1)),
                    videos: Int(row.int(2))
                )
            }
        }
    }
}
