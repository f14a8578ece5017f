extension Schema5 {
    /// Sums that reports read, each kept by what it sums whoever writes that.
    static let reports = """
        -- usage_day over everything of one kind: over all accounts, all members or all models, whose column is then 16
        -- zero bytes or ''.
        CREATE TABLE usage_pair (
            over TEXT NOT NULL CHECK (over IN ('account', 'member', 'model')),
            day INTEGER NOT NULL,
            account_id BLOB NOT NULL,
            member_id BLOB NOT NULL,
            model_id TEXT NOT NULL,
            videos INTEGER NOT NULL,
            charged INTEGER NOT NULL,
            refunded INTEGER NOT NULL,
            PRIMARY KEY (over, day, account_id, member_id, model_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_pair
            SELECT 'account', day, zeroblob(16), member_id, model_id,
                sum(videos), sum(charged), sum(refunded) FROM usage_day GROUP BY 2, 4, 5
            UNION ALL
            SELECT 'member', day, account_id, zeroblob(16), model_id,
                sum(videos), sum(charged), sum(refunded) FROM usage_day GROUP BY 2, 3, 5
            UNION ALL
            SELECT 'model', day, account_id, member_id, '',
                sum(videos), sum(charged), sum(refunded) FROM usage_day GROUP BY 2, 3, 4;
        CREATE TRIGGER usage_day_is_paired AFTER INSERT ON usage_day BEGIN
            INSERT INTO usage_pair VALUES
                ('account', NEW.day, zeroblob(16), NEW.member_id, NEW.model_id,
                    NEW.videos, NEW.charged, NEW.refunded),
                ('member', NEW.day, NEW.account_id, zeroblob(16), NEW.model_id,
                    NEW.videos, NEW.charged, NEW.refunded),
                ('model', NEW.day, NEW.account_id, NEW.member_id, '',
                    NEW.videos, NEW.charged, NEW.refunded)
            ON CONFLICT DO UPDATE SET videos = videos + excluded.videos,
                charged = charged + excluded.charged, refunded = refunded + excluded.refunded;
        END;
        CREATE TRIGGER usage_day_pairs_more AFTER UPDATE OF videos, charged, refunded ON usage_day
        BEGIN
            INSERT INTO usage_pair VALUES
                ('account', NEW.day, zeroblob(16), NEW.member_id, NEW.model_id,
                    NEW.videos - OLD.videos, NEW.charged - OLD.charged, NEW.refunded - OLD.refunded),
                ('member', NEW.day, NEW.account_id, zeroblob(16), NEW.model_id,
                    NEW.videos - OLD.videos, NEW.charged - OLD.charged, NEW.refunded - OLD.refunded),
                ('model', NEW.day, NEW.account_id, NEW.member_id, '',
                    NEW.videos - OLD.videos, NEW.charged - OLD.charged, NEW.refunded - OLD.refunded)
            ON CONFLICT DO UPDATE SET videos = videos + excluded.videos,
                charged = charged + excluded.charged, refunded = refunded + excluded.refunded;
        END;

        -- What moved the books but for holds and their endings. The day is the floor of the instant.
        CREATE TABLE movement_day (
            day INTEGER NOT NULL,
            ledger_account INTEGER NOT NULL REFERENCES ledger_account (id),
            kind TEXT NOT NULL,
            -- '' but for adjustments.
            cause TEXT NOT NULL,
            entries INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            PRIMARY KEY (day, ledger_account, kind, cause)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO movement_day
            SELECT (at_ms - (at_ms % 86400000 + 86400000) % 86400000) / 86400000, ledger_account,
                kind, coalesce(cause, ''), count(*), sum(d_posted)
            FROM ledger_entry
            WHERE kind IN ('open', 'refill', 'period_close', 'refund', 'adjust') GROUP BY 1, 2, 3, 4;
        CREATE TRIGGER ledger_entry_moves AFTER INSERT ON ledger_entry
            WHEN NEW.kind IN ('open', 'refill', 'period_close', 'refund', 'adjust') BEGIN
            INSERT INTO movement_day VALUES (
                (NEW.at_ms - (NEW.at_ms % 86400000 + 86400000) % 86400000) / 86400000,
                NEW.ledger_account, NEW.kind, coalesce(NEW.cause, ''), 1, NEW.d_posted)
            ON CONFLICT DO UPDATE SET entries = entries + 1, amount = amount + excluded.amount;
        END;

        -- Jobs that ended badly, at their price.
        CREATE TABLE failure_day (
            day INTEGER NOT NULL,
            account_id BLOB NOT NULL REFERENCES account (id),
            member_id BLOB NOT NULL REFERENCES member (id),
            model_id TEXT NOT NULL,
            state TEXT NOT NULL,
            jobs INTEGER NOT NULL,
            price INTEGER NOT NULL,
            PRIMARY KEY (day, account_id, member_id, model_id, state)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO failure_day
            SELECT (ended_at_ms - (ended_at_ms % 86400000 + 86400000) % 86400000) / 86400000,
                account_id, member_id, model_id, state, count(*), sum(price)
            FROM job WHERE ended_at_ms IS NOT NULL AND state <> 'SUCCESSFUL' GROUP BY 1, 2, 3, 4, 5;
        CREATE TRIGGER job_fails AFTER UPDATE OF ended_at_ms ON job
            WHEN OLD.ended_at_ms IS NULL AND NEW.ended_at_ms IS NOT NULL
                AND NEW.state <> 'SUCCESSFUL' BEGIN
            INSERT INTO failure_day VALUES (
                (NEW.ended_at_ms - (NEW.ended_at_ms % 86400000 + 86400000) % 86400000) / 86400000,
                NEW.account_id, NEW.member_id, NEW.model_id, NEW.state, 1, NEW.price)
            ON CONFLICT DO UPDATE SET jobs = jobs + 1, price = price + excluded.price;
        END;
        CREATE TRIGGER job_begins_failed AFTER INSERT ON job
            WHEN NEW.ended_at_ms IS NOT NULL AND NEW.state <> 'SUCCESSFUL' BEGIN
            INSERT INTO failure_day VALUES (
                (NEW.ended_at_ms - (NEW.ended_at_ms % 86400000 + 86400000) % 86400000) / 86400000,
                NEW.account_id, NEW.member_id, NEW.model_id, NEW.state, 1, NEW.price)
            ON CONFLICT DO UPDATE SET jobs = jobs + 1, price = price + excluded.price;
        END;

        """
}
