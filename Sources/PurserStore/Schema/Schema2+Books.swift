extension Schema2 {
    /// Sums by month, kept by the sums by day whoever writes those; and checkpoints that hold on to each other.
    static let books = """
        CREATE TABLE usage_month (
            -- The month's first day.
            month INTEGER NOT NULL,
            account_id BLOB NOT NULL REFERENCES account (id),
            member_id BLOB NOT NULL REFERENCES member (id),
            model_id TEXT NOT NULL,
            videos INTEGER NOT NULL,
            charged INTEGER NOT NULL,
            refunded INTEGER NOT NULL,
            PRIMARY KEY (month, account_id, member_id, model_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_month
            SELECT strftime('%s', day * 86400, 'unixepoch', 'start of month') / 86400,
                account_id, member_id, model_id, sum(videos), sum(charged), sum(refunded)
            FROM usage_day GROUP BY 1, 2, 3, 4;
        CREATE TRIGGER usage_day_begins AFTER INSERT ON usage_day BEGIN
            INSERT INTO usage_month VALUES (
                strftime('%s', NEW.day * 86400, 'unixepoch', 'start of month') / 86400,
                NEW.account_id, NEW.member_id, NEW.model_id, NEW.videos, NEW.charged, NEW.refunded)
            ON CONFLICT DO UPDATE SET videos = videos + excluded.videos,
                charged = charged + excluded.charged, refunded = refunded + excluded.refunded;
        END;
        CREATE TRIGGER usage_day_grows AFTER UPDATE OF videos, charged, refunded ON usage_day BEGIN
            UPDATE usage_month SET videos = videos + NEW.videos - OLD.videos,
                charged = charged + NEW.charged - OLD.charged,
                refunded = refunded + NEW.refunded - OLD.refunded
            WHERE month = strftime('%s', NEW.day * 86400, 'unixepoch', 'start of month') / 86400
                AND account_id = NEW.account_id AND member_id = NEW.member_id
                AND model_id = NEW.model_id;
        END;
        CREATE TRIGGER usage_day_stays BEFORE DELETE ON usage_day
            BEGIN SELECT RAISE(ABORT, 'sums never go'); END;
        CREATE TRIGGER usage_day_is_whose BEFORE UPDATE OF day, account_id, member_id, model_id
            ON usage_day BEGIN SELECT RAISE(ABORT, 'sums never move'); END;

        -- NULL in checkpoints of version 1, which name every head and no other checkpoint.
        ALTER TABLE ledger_checkpoint ADD COLUMN audit_seq INTEGER;
        ALTER TABLE ledger_checkpoint ADD COLUMN audit_hash BLOB;
        ALTER TABLE ledger_checkpoint ADD COLUMN previous BLOB;

        """
}
