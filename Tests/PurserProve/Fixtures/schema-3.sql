CREATE TABLE account (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    created_at_ms INTEGER NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    tier TEXT NOT NULL CHECK (tier IN ('free', 'tier-one', 'ultra')),
    state TEXT NOT NULL CHECK (state IN ('enabled', 'paused', 'needs_rotation')),
    state_reason TEXT NOT NULL,
    project_id TEXT,
    max_in_flight INTEGER NOT NULL CHECK (max_in_flight >= 0),
    reserve INTEGER NOT NULL CHECK (reserve BETWEEN 0 AND 9007199254740992),
    monthly_credits INTEGER CHECK (monthly_credits BETWEEN 0 AND 9007199254740992),
    renews_on_day INTEGER CHECK (renews_on_day BETWEEN 1 AND 31),
    tags TEXT NOT NULL,
    credential_version INTEGER NOT NULL,
    token_expires_at_ms INTEGER,
    -- By how much the last reading lay outside what the books allow.
    drift INTEGER,
    -- Grows with each change that routing must see and that writes no entry.
    revision INTEGER NOT NULL,
    removed_at_ms INTEGER
, quiet_at_ms INTEGER, token_exposed_at_ms INTEGER, has_token_command INTEGER NOT NULL DEFAULT 0
    CHECK (has_token_command IN (0, 1)), token_command_failures INTEGER NOT NULL DEFAULT 0
    CHECK (token_command_failures >= 0), token_command_after_ms INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO account VALUES(X'63c65c313e5b1b90dcdcf3359f6b7860',1795262400000,'two','ultra','enabled','',NULL,1000,0,NULL,NULL,'kept',1,NULL,NULL,5,NULL,1795262400000,NULL,0,0,NULL);
INSERT INTO account VALUES(X'85ccd43cedeac7ccd40f38f5dfbfd718',1795298666599,'sand','ultra','enabled','',NULL,4,0,NULL,NULL,'kept',1,NULL,NULL,10,1795298703539,NULL,NULL,0,0,NULL);
INSERT INTO account VALUES(X'fad804b05f04411221d4c1be6296ed86',1795262400000,'one','ultra','enabled','',NULL,1000000,0,NULL,NULL,'',2,NULL,NULL,3,NULL,1795262400000,NULL,0,0,NULL);
CREATE TABLE rest (
    account_id BLOB NOT NULL REFERENCES account (id),
    -- '' covers every model.
    model_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    strikes INTEGER NOT NULL CHECK (strikes >= 0), since_ms INTEGER NOT NULL DEFAULT 0, price INTEGER NOT NULL DEFAULT 0 CHECK (price >= 0), successes INTEGER NOT NULL DEFAULT 0 CHECK (successes >= 0),
    PRIMARY KEY (account_id, model_id, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE member (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    created_at_ms INTEGER NOT NULL,
    has_budget INTEGER NOT NULL CHECK (has_budget IN (0, 1))
, role TEXT NOT NULL DEFAULT 'member'
    CHECK (role IN ('owner', 'operator', 'member', 'auditor')), revoked_at_ms INTEGER, tiers TEXT, tags TEXT, models TEXT) STRICT, WITHOUT ROWID;
INSERT INTO member VALUES(X'1120b3d00955f032b6d46a242257c018','owner',1795262400000,0,'owner',NULL,NULL,NULL,NULL);
INSERT INTO member VALUES(X'426db58ceaf32a956c3fb1058bc4ceda','carl',1795298664339,0,'member',1795298664422,NULL,NULL,NULL);
INSERT INTO member VALUES(X'6e372283acb06862b4133692fb1847a0','ada',1795262400000,1,'member',NULL,NULL,NULL,NULL);
INSERT INTO member VALUES(X'9a3dd60c8cd8683e0f8c4b8fdc3320f7','bea',1795298664001,0,'operator',NULL,'ultra','kept',NULL);
CREATE TABLE submission (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    member_id BLOB NOT NULL REFERENCES member (id),
    idempotency_key TEXT CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    fingerprint BLOB NOT NULL,
    path TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('under_way', 'finished', 'unknown')),
    account_id BLOB NOT NULL REFERENCES account (id),
    price INTEGER NOT NULL CHECK (price BETWEEN 0 AND 9007199254740992),
    model_keys TEXT NOT NULL,
    answer_status INTEGER,
    answer_content_type TEXT,
    answer_epoch INTEGER,
    answer BLOB
) STRICT;
INSERT INTO submission VALUES(X'dcd3a0329c34f75d43441e4227a55ad6',X'6e372283acb06862b4133692fb1847a0',NULL,X'01','video:test',1795262400000,'unknown',X'63c65c313e5b1b90dcdcf3359f6b7860',10,'veo_ultra',NULL,NULL,NULL,NULL);
INSERT INTO submission VALUES(X'd337182499b334c825fd6814938d8a2a',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7',NULL,X'090fea28ca1aa3c546b84b748d6139cffda10056858f0465f99f4e1852041995','video:batchAsyncGenerateVideoText',1795298681129,'finished',X'85ccd43cedeac7ccd40f38f5dfbfd718',10,'veo_3_1_t2v_fast_ultra',200,'application/json; charset=UTF-8',1,X'b8399e697ce399b66e33ca2a1af11c195f8ddb4e92b1bb6a37e3352349f5a2f6f48db47da735ea46fbc7c8547c97b7f4c9dd775af4feba826e8d7ab9311bac5b5fa6f6aedd1e64d2b6391821a94d6cfed60a41f5cdb9c664eb80a9316c088931e31fc0e1290c545adce3aee4ffa599b8683695811d2afededfc9b740c67563e2a08424ef970cf6055696c147175c19f262556b17328c859657c533a4e0c6b6ab3a80625d4aea1f6f06e7136e26d24c2348691b4f80b6d6cf600b681cbe7561c10723c654dae5574935b59b93e554af70204ba10360dd774be51c640a2080553bb36304a0c001046de14cbe6d72b26377df648b40197822272e7115b8691e920a98e09ad7b44a36a09442baa352a05e6c5a2b23e885cefa574ba16fc736d08c8ac671a9ac6d85e2ff1e');
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    submission_id BLOB NOT NULL REFERENCES submission (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    account_id BLOB NOT NULL REFERENCES account (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    instance_id BLOB NOT NULL,
    hold_seq INTEGER NOT NULL,
    budget_hold_seq INTEGER,
    price INTEGER NOT NULL CHECK (price BETWEEN 0 AND 9007199254740992),
    charged INTEGER NOT NULL DEFAULT 0,
    element_count INTEGER NOT NULL,
    elements TEXT NOT NULL,
    decision TEXT NOT NULL,
    held_at_ms INTEGER NOT NULL,
    unknown_since_ms INTEGER,
    state TEXT NOT NULL CHECK (
        state IN ('held', 'unknown', 'settled', 'voided', 'charged', 'freed')),
    UNIQUE (submission_id, number)
) STRICT;
INSERT INTO attempt VALUES(1,X'dcd3a0329c34f75d43441e4227a55ad6',1,X'63c65c313e5b1b90dcdcf3359f6b7860',X'6e372283acb06862b4133692fb1847a0',X'88ecc40cee2777cf54e58a5e388649a4',2,2,10,0,1,'veo_test	veo_ultra	10','it was asked for: 10 credits of 1000 available',1795262400000,1795288458161,'unknown');
INSERT INTO attempt VALUES(2,X'd337182499b334c825fd6814938d8a2a',1,X'85ccd43cedeac7ccd40f38f5dfbfd718',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7',X'9a082e106c62326635054cc13be1d562',2,NULL,10,10,1,'veo_3_1_t2v_fast	veo_3_1_t2v_fast_ultra	10','it was asked for: 10 credits at a worth of 1.00',1795298681129,NULL,'settled');
CREATE TABLE job (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    operation_name TEXT NOT NULL,
    shape TEXT NOT NULL CHECK (shape IN ('operations', 'media')),
    scene_id TEXT,
    project_id TEXT,
    account_id BLOB NOT NULL REFERENCES account (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    submission_id BLOB NOT NULL REFERENCES submission (id),
    attempt_id INTEGER NOT NULL REFERENCES attempt (id),
    credential_version INTEGER NOT NULL,
    model_id TEXT NOT NULL,
    model_key TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price BETWEEN 0 AND 9007199254740992),
    created_at_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    ended_at_ms INTEGER,
    failure TEXT,
    media TEXT NOT NULL,
    refund TEXT NOT NULL CHECK (refund IN ('none', 'due', 'refunded')),
    refund_amount INTEGER NOT NULL DEFAULT 0 CHECK (refund_amount BETWEEN 0 AND price),
    refund_due_ms INTEGER, alias TEXT,
    UNIQUE (account_id, operation_name)
) STRICT;
INSERT INTO job VALUES(X'ac87973f81ba50df9534a3b9362eb7ff','0fe30e8eb16e0f96024812ab24fed840','operations','a',NULL,X'85ccd43cedeac7ccd40f38f5dfbfd718',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7',X'd337182499b334c825fd6814938d8a2a',2,1,'veo_3_1_t2v_fast','veo_3_1_t2v_fast_ultra',10,1795298681147,'SUCCESSFUL',1795298686167,NULL,'CAUSb63a3e3427fe4440a7f81115f48d3031','none',0,NULL,NULL);
CREATE TABLE media (
    id TEXT PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    seen_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO media VALUES('CAUSb63a3e3427fe4440a7f81115f48d3031',X'85ccd43cedeac7ccd40f38f5dfbfd718',1795298686167);
CREATE TABLE usage_day (
    day INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    model_id TEXT NOT NULL,
    videos INTEGER NOT NULL,
    charged INTEGER NOT NULL CHECK (charged BETWEEN 0 AND 9007199254740992),
    refunded INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND 9007199254740992),
    PRIMARY KEY (day, account_id, member_id, model_id)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_day VALUES(20778,X'85ccd43cedeac7ccd40f38f5dfbfd718',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7','veo_3_1_t2v_fast',1,10,0);
CREATE TABLE instance (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    started_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO instance VALUES(X'9a082e106c62326635054cc13be1d562',1795298681129);
CREATE TABLE audit_entry (
    seq INTEGER PRIMARY KEY CHECK (seq >= 1),
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_entry VALUES(1,1795262400000,'prove','vault.create','vault','',X'd8a8306e1e02d086281ac61aebe58e1c26a247072818f8e35d6f62519f559819');
INSERT INTO audit_entry VALUES(2,1795262400000,'prove','member.add','ada','budget 1000',X'3ef2f93543b08e032e0f5b32116efe37d9e4b74c6135d6e3327fc0233a145cce');
INSERT INTO audit_entry VALUES(3,1795262400000,'prove','account.add','one','ULTRA, 1000 credits told by the operator',X'4089ddccf4a55dd0484ad612db3c1a14dd7d5d9005400b19af6b6f7a648f1efa');
INSERT INTO audit_entry VALUES(4,1795262400000,'prove','account.add','two','ULTRA, 1000 credits told by the operator',X'53fea331ca96edbbab45a4ce785e62895ee3afb932e13a21d67ae21e0fdf9d59');
INSERT INTO audit_entry VALUES(5,1795262400000,'prove','vault.key.add','guest','',X'd018dffad4f5ee3060956d971257ff5a5186916301c08f5de283faa8007ebe66');
INSERT INTO audit_entry VALUES(6,1795262400000,'prove','account.rotate','one','',X'e4b84b6171deabd633d16a09428434d6ac37d1e8bdc4864bf38c022be1adc64e');
INSERT INTO audit_entry VALUES(7,1795288457911,'cli:root','account.set','two','max-in-flight 1000, tags kept',X'06bc49948ebcacee9340dff20e024ef4ea104edd1dd24bcf3e766017c37d7992');
INSERT INTO audit_entry VALUES(8,1795288458030,'cli:root','vault.open','prove','',X'd93e8a3d3e2a2c7213e5d764ba40969b317c5216eeddd430eaad71a07660cadc');
INSERT INTO audit_entry VALUES(9,1795298664001,'cli:root','member.add','bea','operator, no budget, tiers ultra, tags kept, 500 a day (warning at 80 %), key Y8i7mfKu',X'92e3758bf4e37a034ec2ee5b15a67cf52b3e4fc9911f2eed2eb045860802f3f9');
INSERT INTO audit_entry VALUES(10,1795298664130,'cli:root','member.rotate','bea','key RKojRsIW',X'0feec536796ab5fc6a6a1baa19279d28d96e74295efdced195b56e1292beb72c');
INSERT INTO audit_entry VALUES(11,1795298664221,'cli:root','team.set','team','100000 a month (warning at 90 %)',X'735ceccf76f0c16db8a8aa338f03c7c9d2daac1ee6bb47efb12a0b65019fc1f8');
INSERT INTO audit_entry VALUES(12,1795298664339,'cli:root','member.add','carl','member, no budget, key r1VjNTLm',X'26acc0f2513b3c5dcd6d02f2ac7c14e04f168ab796d4b8121578a8bb3e9e98a7');
INSERT INTO audit_entry VALUES(13,1795298664422,'cli:root','member.revoke','carl','all keys',X'64e618c377c1106217b70836a077175edb0d401c6c08a58554906b7a6930b92c');
INSERT INTO audit_entry VALUES(14,1795298666600,'cli:root','account.add','sand','ultra, 690 credits read from the service',X'17922292bef801f6a40cafddc64c5dd67ecd898fd14cca849af72ec1fd20aa28');
INSERT INTO audit_entry VALUES(15,1795298680919,'cli:root','account.set','sand','tags kept',X'438ce564e0674439af30ba96327539559ce7ce2ea8fa2d52d7fb74e91953b2ca');
INSERT INTO audit_entry VALUES(16,1795298703539,'cli:root','account.remove','sand','',X'30d96f3adce97306a3b40465fde34c71b70497defc46f524af8306bee83d56a5');
CREATE TABLE ledger_account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('credits', 'budget')),
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    UNIQUE (owner, kind)
) STRICT;
INSERT INTO ledger_account VALUES(1,'budget:6e372283acb06862b4133692fb1847a0','budget',X'6e372283acb06862b4133692fb1847a0');
INSERT INTO ledger_account VALUES(2,'credits:fad804b05f04411221d4c1be6296ed86','credits',X'fad804b05f04411221d4c1be6296ed86');
INSERT INTO ledger_account VALUES(3,'credits:63c65c313e5b1b90dcdcf3359f6b7860','credits',X'63c65c313e5b1b90dcdcf3359f6b7860');
INSERT INTO ledger_account VALUES(4,'credits:85ccd43cedeac7ccd40f38f5dfbfd718','credits',X'85ccd43cedeac7ccd40f38f5dfbfd718');
CREATE TABLE ledger_head (
    ledger_account INTEGER PRIMARY KEY REFERENCES ledger_account (id),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    posted INTEGER NOT NULL CHECK (posted BETWEEN -9007199254740992 AND 9007199254740992),
    held INTEGER NOT NULL CHECK (held BETWEEN 0 AND 9007199254740992),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO ledger_head VALUES(1,3,1000,10,X'4c69d048a3e5d96903422f544d23730d66da65271fae9a8ff60eea47fe722dd1');
INSERT INTO ledger_head VALUES(2,1,1000,0,X'701ff687214630bc59338953b1f68fc373def8285bd4580603931e0da6a2743c');
INSERT INTO ledger_head VALUES(3,3,1000,10,X'187c619419769c9e85d8b6b6de58652376f13bacac72b2f7160c17065b67427c');
INSERT INTO ledger_head VALUES(4,5,680,0,X'd74f78e5eaedccd5dc335ac2462eac9c894d9b8b441fc38e33d3c81c8e3f8851');
CREATE TABLE ledger_entry (
    id INTEGER PRIMARY KEY,
    ledger_account INTEGER NOT NULL REFERENCES ledger_head (ledger_account),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    op_id BLOB NOT NULL CHECK (length(op_id) = 16),
    kind TEXT NOT NULL,
    d_posted INTEGER NOT NULL CHECK (d_posted BETWEEN -9007199254740992 AND 9007199254740992),
    d_held INTEGER NOT NULL CHECK (d_held BETWEEN -9007199254740992 AND 9007199254740992),
    posted INTEGER NOT NULL CHECK (posted BETWEEN -9007199254740992 AND 9007199254740992),
    held INTEGER NOT NULL CHECK (held BETWEEN 0 AND 9007199254740992),
    hold_seq INTEGER,
    submission_id BLOB CHECK (length(submission_id) = 16),
    job_id BLOB CHECK (length(job_id) = 16),
    at_ms INTEGER NOT NULL,
    observed INTEGER CHECK (observed BETWEEN -9007199254740992 AND 9007199254740992),
    cause TEXT,
    detail TEXT NOT NULL,
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (ledger_account, seq),
    CONSTRAINT shape CHECK (CASE kind
        WHEN 'hold' THEN d_posted = 0 AND d_held >= 0 AND hold_seq IS NULL
        WHEN 'settle' THEN d_posted <= 0 AND d_held <= 0 AND hold_seq < seq
        WHEN 'void' THEN d_posted = 0 AND d_held <= 0 AND hold_seq < seq
        WHEN 'unknown' THEN d_posted = 0 AND d_held = 0 AND hold_seq < seq
        WHEN 'charge' THEN d_posted <= 0 AND d_held <= 0 AND hold_seq < seq AND detail <> ''
        WHEN 'free' THEN d_posted = 0 AND d_held <= 0 AND hold_seq < seq AND detail <> ''
        WHEN 'refund_due' THEN
            d_posted = 0 AND d_held = 0 AND hold_seq < seq AND job_id IS NOT NULL
        WHEN 'refund' THEN
            d_posted > 0 AND d_held = 0 AND hold_seq < seq AND job_id IS NOT NULL
        WHEN 'open' THEN seq = 1 AND d_held = 0
        WHEN 'refill' THEN d_posted >= 0 AND d_held = 0 AND detail GLOB '????-??-??*'
        WHEN 'period_close' THEN d_posted <= 0 AND d_held = 0 AND detail GLOB '????-??-??*'
        WHEN 'observe' THEN d_posted = 0 AND d_held = 0 AND observed IS NOT NULL
        WHEN 'adjust' THEN d_held = 0 AND cause IS NOT NULL
        ELSE 0 END),
    CONSTRAINT begins_open CHECK (seq > 1 OR kind = 'open'),
    CONSTRAINT hold_available CHECK (kind <> 'hold' OR d_held = 0 OR posted >= held)
) STRICT;
INSERT INTO ledger_entry VALUES(1,1,1,X'1efede435c3b0b96eb0965aa261406d9','open',1000,0,1000,0,NULL,NULL,NULL,1795262400000,NULL,NULL,'granted by prove',X'0000000000000000000000000000000000000000000000000000000000000000',X'efa510d81bdb6196baaccd98efd75be1a1542f60de30749a144fba4bfc48b216');
INSERT INTO ledger_entry VALUES(2,2,1,X'b5dd45419fec549484e0a7fc513d4a3d','open',1000,0,1000,0,NULL,NULL,NULL,1795262400000,NULL,NULL,'told by the operator',X'0000000000000000000000000000000000000000000000000000000000000000',X'701ff687214630bc59338953b1f68fc373def8285bd4580603931e0da6a2743c');
INSERT INTO ledger_entry VALUES(3,3,1,X'd406db67f213f69e06b35b86fdb12ff5','open',1000,0,1000,0,NULL,NULL,NULL,1795262400000,NULL,NULL,'told by the operator',X'0000000000000000000000000000000000000000000000000000000000000000',X'6057cdf700011ef62f27b56d8bc2f5b5fd34a52d5deddb304645517d32b24763');
INSERT INTO ledger_entry VALUES(4,3,2,X'0dc51707d06bcc223196555b2d622ee7','hold',0,10,1000,10,NULL,X'dcd3a0329c34f75d43441e4227a55ad6',NULL,1795262400000,NULL,NULL,'',X'6057cdf700011ef62f27b56d8bc2f5b5fd34a52d5deddb304645517d32b24763',X'9baead35eeb45eefe4b71a165cf4d9bc0b14ad70d84bfdce08baa09659acecc5');
INSERT INTO ledger_entry VALUES(5,1,2,X'1136924eb5cdc07490969d1c94aa6fae','hold',0,10,1000,10,NULL,X'dcd3a0329c34f75d43441e4227a55ad6',NULL,1795262400000,NULL,NULL,'',X'efa510d81bdb6196baaccd98efd75be1a1542f60de30749a144fba4bfc48b216',X'0f626a40953da4b76b6667d48b3b75574cc9363ac7d4d5382ddece301eada1af');
INSERT INTO ledger_entry VALUES(6,3,3,X'04187582bbba901e76a642d131e31ece','unknown',0,0,1000,10,2,X'dcd3a0329c34f75d43441e4227a55ad6',NULL,1795288458161,NULL,NULL,'its process is gone',X'9baead35eeb45eefe4b71a165cf4d9bc0b14ad70d84bfdce08baa09659acecc5',X'187c619419769c9e85d8b6b6de58652376f13bacac72b2f7160c17065b67427c');
INSERT INTO ledger_entry VALUES(7,1,3,X'871e5c1536997ed733540cc304bb5b9c','unknown',0,0,1000,10,2,X'dcd3a0329c34f75d43441e4227a55ad6',NULL,1795288458161,NULL,NULL,'its process is gone',X'0f626a40953da4b76b6667d48b3b75574cc9363ac7d4d5382ddece301eada1af',X'4c69d048a3e5d96903422f544d23730d66da65271fae9a8ff60eea47fe722dd1');
INSERT INTO ledger_entry VALUES(8,4,1,X'6ade906de0919444deb032eabf2bc4c8','open',690,0,690,0,NULL,NULL,NULL,1795298666600,690,NULL,'read from the service',X'0000000000000000000000000000000000000000000000000000000000000000',X'650674f855cf7eab17dd4ea756ad8073c703e70ee01830d7bf757ada4e27012d');
INSERT INTO ledger_entry VALUES(9,4,2,X'3dab992812d7309300e34e6a23512cd9','hold',0,10,690,10,NULL,X'd337182499b334c825fd6814938d8a2a',NULL,1795298681129,NULL,NULL,'',X'650674f855cf7eab17dd4ea756ad8073c703e70ee01830d7bf757ada4e27012d',X'1a9cc1c0f873db0cd3957c562d487500a19aaf7b912519199e482f611a77f1d0');
INSERT INTO ledger_entry VALUES(10,4,3,X'78ef2d9ff6aabac16d5c909a70a93ba4','settle',-10,-10,680,0,2,X'd337182499b334c825fd6814938d8a2a',NULL,1795298681147,NULL,NULL,'veo_3_1_t2v_fast_ultra, accepted (200)',X'1a9cc1c0f873db0cd3957c562d487500a19aaf7b912519199e482f611a77f1d0',X'6f7555f82e8c40c001839732e086ce4a38c0c52ab36e07d2ba78a8cb794bac25');
INSERT INTO ledger_entry VALUES(11,4,4,X'87b43fd1f746f7db200f14fd69a28155','observe',0,0,680,0,NULL,NULL,NULL,1795298681147,680,NULL,'in the answer to a submission',X'6f7555f82e8c40c001839732e086ce4a38c0c52ab36e07d2ba78a8cb794bac25',X'd22e65b2792cd6c251a1a55bf6aa3c7911502886c5fa010572511548c00f755d');
INSERT INTO ledger_entry VALUES(12,4,5,X'f293339683622c67cbbd11df2b2f2dff','observe',0,0,680,0,NULL,NULL,NULL,1795298686173,680,NULL,'read from the service',X'd22e65b2792cd6c251a1a55bf6aa3c7911502886c5fa010572511548c00f755d',X'd74f78e5eaedccd5dc335ac2462eac9c894d9b8b441fc38e33d3c81c8e3f8851');
CREATE TABLE ledger_checkpoint (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    last_entry INTEGER NOT NULL,
    heads TEXT NOT NULL,
    mac BLOB NOT NULL
, audit_seq INTEGER, audit_hash BLOB, previous BLOB) STRICT;
INSERT INTO ledger_checkpoint VALUES(1,1795288458180,7,'budget:6e372283acb06862b4133692fb1847a0	3	4c69d048a3e5d96903422f544d23730d66da65271fae9a8ff60eea47fe722dd1	credits:63c65c313e5b1b90dcdcf3359f6b7860	3	187c619419769c9e85d8b6b6de58652376f13bacac72b2f7160c17065b67427c	credits:fad804b05f04411221d4c1be6296ed86	1	701ff687214630bc59338953b1f68fc373def8285bd4580603931e0da6a2743c',X'18a3fba9c5532696a0cce1de3f454a0deab17d2ac56948ec31c5b372a21c4854',8,X'd93e8a3d3e2a2c7213e5d764ba40969b317c5216eeddd430eaad71a07660cadc',X'');
INSERT INTO ledger_checkpoint VALUES(2,1795298666635,8,'credits:85ccd43cedeac7ccd40f38f5dfbfd718	1	650674f855cf7eab17dd4ea756ad8073c703e70ee01830d7bf757ada4e27012d',X'9511906ee94808f0045417c39679f4fb277c038e337e0484b388670adea128da',14,X'17922292bef801f6a40cafddc64c5dd67ecd898fd14cca849af72ec1fd20aa28',X'e17dd9bf15688d085dcd0337b4862f9d081916892dfc065db82407c4e6778a10');
CREATE TABLE vault_header (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    bytes BLOB NOT NULL
) STRICT;
INSERT INTO vault_header VALUES(1,X'505552534552560a0001000100000178000001a1385893fb9cc9a5f37ccf5a2f873081bae50fa96f52bce01c08920b468016e5dd017c45ee3ce78c20b61ccd84ff7c1487d400000000000000020000000151015c6b8f5a9f0d5d73ef80be9d1670b0946a2ca1de9c797db1462a6a605724000001a1fdfa4600b818ddb8ae22ec0469475d07bbedff360c6d1e7f58bd0e4aa57335f7289121130003005809006a26c7c0e9cc02020567756573742b03d26b32b8884a134e24ad31c747c707d8567e49bbdcbc133a9e59cc408467f90eb5852f60476e83de70d4a24ab80b6e1a7fa1f70b29da67e59cd52690c90e000001a1fdfa4600005b2b3527669dd15db40401087265636f766572793a461f6c07f6ae47857610981d99caac48a002e5538ccd82b464f41d867e153fb735ca584e18e6220d9511ca8de91b1463e6ce9d64cffc2d5b4d3cee3b32619c000001a1fdfa4600005876e1b305f589060503010570726f766525f009846319df45b86a8e0f7e8a73f4504e49b837bc2e94f73f08dccf2c98485ccb8f37a6bf64dac5d1826d5b8956d08d67e018b9e4d3be6600c6b68eafdf23000001a1fdfa4600008900cd50326124ab702e5415bb570266483f25eefbf3fa1a8665791ede64695a003c12a776399d309698eb7434a757e9cc1fa15e2e807a1bfe2d979754b60e22d9ad2c9249bf74c4acb2da39c2266ccafa175c84f1c2dd9a00e676cb8f8b7acdcde63129b53c934e29e545a949229836a2740d848ad2488ddb839eab578a2c7afb1e5cead965ba15b6f30089007b6cf330a9b7fff44c067c399f9f1002acd08bb76168f2f214bbbf3942e3d76e9390f7f70ce6a07a216387345ca75e435a8dd1de76e054edd24a37368e3a3553191e74c7bebe62b1fa4f7bdbee37f3c18ade2e7da0c3efa19e14d16a9157e0497c1712bc8ad9e669927f675f87185d0cb840c5745190bd2fa0d2f7873f242018547c7259f58a209f008900006d806ddb2272abf9fb6edf234b78b60145f263cc1dc0856f9b69e464d0954b5a2a8aebc92233f0ef172fa2772244927ec7807fd92828eba8b550f4d7cb35a363d86d1e4eeb458043b2d5c4a3c7e11196b7969d70b1697e392c6612ff53a7bfa2e1ebc3cb70b5bc616093070c17b6407339075f4657a6cbe95bddfd1256f7c0286f348d67cc34f50df8d701c5684c96265142e019d39c33d50111b3c8cba496981528eee3a8fa3476e1b305f5890605bcd6767e727097535f766b5f5934a9e8bcb51d8cd4ad1323a2e09d67864feda4922e8eba366efb053fb74542a9fda813fcb557e0f5f5557e26819bff060c980d');
CREATE TABLE header_log (
    seq INTEGER PRIMARY KEY,
    header_id BLOB NOT NULL CHECK (length(header_id) = 32),
    bytes BLOB NOT NULL
) STRICT;
INSERT INTO header_log VALUES(1,X'51015c6b8f5a9f0d5d73ef80be9d1670b0946a2ca1de9c797db1462a6a605724',X'505552534552560a000100010000011e00000116017c45ee3ce78c20b61ccd84ff7c1487d40000000000000001000000010000000000000000000000000000000000000000000000000000000000000000000001a1fdfa4600c7e8bdb16e405aed1b09c9a7033fdb73c0c5f7d2db7196ae92d160e392a5638e0002005b2b3527669dd15db40401087265636f766572793a461f6c07f6ae47857610981d99caac48a002e5538ccd82b464f41d867e153fb735ca584e18e6220d9511ca8de91b1463e6ce9d64cffc2d5b4d3cee3b32619c000001a1fdfa4600005876e1b305f589060503010570726f766525f009846319df45b86a8e0f7e8a73f4504e49b837bc2e94f73f08dccf2c98485ccb8f37a6bf64dac5d1826d5b8956d08d67e018b9e4d3be6600c6b68eafdf23000001a1fdfa4600cec6c076db7467e75c12728d95929e70fa2b71e73164469456698615d20384ff76e1b305f589060596b0ba7ca71009dcdd9f90f17f6ea3e9959707f4d3b5b6bfa2326287915068f8bb31439c7689967c95c49283db8c4d34ac4d416355cb26f55c0be0153660a609');
INSERT INTO header_log VALUES(2,X'd236e5389afa3a3b13d0edc85d8ecfd7d53af12fcb6f2f008b5a39ba30492a42',X'505552534552560a0001000100000178000001a1017c45ee3ce78c20b61ccd84ff7c1487d400000000000000020000000151015c6b8f5a9f0d5d73ef80be9d1670b0946a2ca1de9c797db1462a6a605724000001a1fdfa4600b818ddb8ae22ec0469475d07bbedff360c6d1e7f58bd0e4aa57335f7289121130003005809006a26c7c0e9cc02020567756573742b03d26b32b8884a134e24ad31c747c707d8567e49bbdcbc133a9e59cc408467f90eb5852f60476e83de70d4a24ab80b6e1a7fa1f70b29da67e59cd52690c90e000001a1fdfa4600005b2b3527669dd15db40401087265636f766572793a461f6c07f6ae47857610981d99caac48a002e5538ccd82b464f41d867e153fb735ca584e18e6220d9511ca8de91b1463e6ce9d64cffc2d5b4d3cee3b32619c000001a1fdfa4600005876e1b305f589060503010570726f766525f009846319df45b86a8e0f7e8a73f4504e49b837bc2e94f73f08dccf2c98485ccb8f37a6bf64dac5d1826d5b8956d08d67e018b9e4d3be6600c6b68eafdf23000001a1fdfa46000df8d701c5684c96265142e019d39c33d50111b3c8cba496981528eee3a8fa3476e1b305f5890605bcd6767e727097535f766b5f5934a9e8bcb51d8cd4ad1323a2e09d67864feda4922e8eba366efb053fb74542a9fda813fcb557e0f5f5557e26819bff060c980d');
CREATE TABLE vault_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state_seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    record_count INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;
INSERT INTO vault_state VALUES(1,7,1,5,X'6520f027687dd135734383b3a062697690a44985dd9d1b013c8cfb56f4f78aab');
CREATE TABLE vault_record (
    table_name TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    field TEXT NOT NULL,
    version INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (table_name, id, field, version)
) STRICT, WITHOUT ROWID;
INSERT INTO vault_record VALUES('credential',X'63c65c313e5b1b90dcdcf3359f6b7860','current',1,1,X'eeb24e14039bb54c21b4aeda274623975e67377b0dde78d4b4a6e5b240c0d9d060e18804444191b5ab245e627b7aebf5e40e9b368daf2535b7e3a3ea2c8e390d06f1b8586d1236ee233d54af7e6e437fda5327a9b4e19b5ff7dd33481bc369168ff08a58dc1434ef4687b911d1549a146cf14ffa48d78c842b3070e8cd55');
INSERT INTO vault_record VALUES('credential',X'63c65c313e5b1b90dcdcf3359f6b7860','token',1,1,X'd6fb405a54051a3a42e17d95f37c9ad31284a59cb0cb3e5a2b0078f64355e8e0e6dd54b1a1f376fff507672b18f82e8b0727725cdca4acf86366c92add9a0ffe2f08d98bfb49725e79f78ef3c4de725c52c73b09af5ec08dadda9740e1a86198c19fb77c4883ba7dc8c8bc342cf20035cc4207e96970dfc2b8070c8fbe9b80344cc7b46ebd13886bec9015a87155f8c882039c95c47df433e19c72c9f25e31613c12f82d6ea6969b66f7114496717957ce6b7095c013ccecc6c3930c5b731237d32377a33f0b6d0022600c9a7a1a8a1ae3abec94bd647da4849e1602487cc43c3e215af6e564830eba4993d11653575ba89c76a25918c626d0176b27abb6c19c40b02140d63b9b2f872e4710a62d4e1e095143a339ef011412d707d3860dedd18b149b106ef425dbe0b33a39206aeb9050c12311aeb4bea67c27c9ecd657bc1de1d7e3876dea1b0e2dcfd9fdc78f544ab52f67eb0f38');
INSERT INTO vault_record VALUES('credential',X'fad804b05f04411221d4c1be6296ed86','current',2,1,X'f9851c3eb8d08bb1add4a481a6bde5e580f0c75c93e981a117a00e0da0f8d125bdbcef79784398d80f4dbac9659cbda904b89c73f3b38c02e682edaa85b73d7b7430427740ff42ccbee8bfc82139e9068bb79d74d9c5f0beb7c74597728d0c72610c2f7757bdd396a0b71ec4cf940bc14a2e06e80a1a5c1f241e9d');
INSERT INTO vault_record VALUES('credential',X'fad804b05f04411221d4c1be6296ed86','token',1,1,X'49e66f4c57ec61edea8782ecfa2c1681757360cd7f49ce561b7c1cc6070572414a3f967f242cca839ec35b7bcdde495cff94871221c6b71682d4f768854898fc4f127777fc817b6b4ba7e1e270c1ee74150e25fa2e1671a6ab02507e6b10f999abd5749582b80a0b4267e7e12f4c35ef3d06d98d92f9568f96b28c1d50e4688160ace9afad80a17d9a32c24426931272eca00058723d103eb778ef567e4ff0fc5bfce15ba6a6b45f4a1b445802dbbf49c13f734192212d2dc6a7bb00221250421ef9ab9723d05915c6c482345c0f0340c2f7a4d8bf28c663fb37c16e031a4ef6087a8ce3d03db116b6f18aa22cbebac375d4ba0114622dcd179bbd471369b4d958af50a48c1cd45048160412edc261c0b94f77f2d694d593a10198b09fc616fdd5f94e00d8fd4e5bdfde131fed823670ba434fb4c5868e2d6b568592bce2b191d6632f3e91b6b519a8df7f335ae7c694aa3da8876ad9');
INSERT INTO vault_record VALUES('credential',X'fad804b05f04411221d4c1be6296ed86','token',2,1,X'de13c86a6737c401c7887b7918ce8c91e046f97e1155566ef0536bfac38fe026e7cb58331f8c099ce45307c162a685db80a5024721edc222400e9c12b62708eabbd5a264805e1469b21d0b1b6ac85fb595506f6d0b876cac94d1768fb4f5af1bd3375db00117e7b9972f764a9eaf2aab7ef69cfcdb6ea0bc8d48532c6bfc217c0e08c0f86f3936f7c44989511b6407bf7b7e3a71742a85d31e5bf48d691a3788591e3f5bcc26b8cb041f06cc87b4d2f06bc3cd05d7ff312a8b834e5699a5dcf0c589b8592412c1f6c4268975af569a8b66baa8d5065f9c9267f28249039426c64852c8ede5da1f71eb99efb78d158a908f7ab81b72ab123f9b13527a11ae695ee5791e7e983b4d9912436e240aa1ef61d0bbb459761f8f6ccc1c4d318c6730792b453c3a9b5d6b2993ccc648fdf6f07c8f399c46ed875558d31b0e4c001a178be7abdff372c0bbf00c6cd75ee2b2c53e1f1c9dadf9e5');
CREATE TABLE account_doubt (
    account_id BLOB NOT NULL REFERENCES account (id),
    about TEXT NOT NULL CHECK (about IN ('tier', 'use')),
    word TEXT NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    PRIMARY KEY (account_id, about)
) STRICT, WITHOUT ROWID;
CREATE TABLE ledger_checkpoint_mac (
    checkpoint_id INTEGER NOT NULL REFERENCES ledger_checkpoint (id),
    epoch INTEGER NOT NULL CHECK (epoch > 1),
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (checkpoint_id, epoch)
) STRICT, WITHOUT ROWID;
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
INSERT INTO usage_month VALUES(20758,X'85ccd43cedeac7ccd40f38f5dfbfd718',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7','veo_3_1_t2v_fast',1,10,0);
CREATE TABLE member_key (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 8),
    member_id BLOB NOT NULL REFERENCES member (id),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    revoked_at_ms INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO member_key VALUES('RKojRsIW',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7',X'd5c9f698cc06b05032024a4ea0297905c2ac1df8c68b455efe86d924cf1c590a',1795298664130,NULL,NULL);
INSERT INTO member_key VALUES('Y8i7mfKu',X'9a3dd60c8cd8683e0f8c4b8fdc3320f7',X'441d39d41dd7ffa21994d49df3f47970fa5d89f2b36acdda274eec72fe309819',1795298664001,1795385064130,NULL);
INSERT INTO member_key VALUES('r1VjNTLm',X'426db58ceaf32a956c3fb1058bc4ceda',X'9b02678ef52efe4879ace25cd8dc20ec31faee87caca954ade66784415db78bd',1795298664339,NULL,1795298664422);
CREATE TABLE spending_limit (
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('day', 'week', 'month', 'cycle', 'total')),
    cycle_day INTEGER CHECK (cycle_day BETWEEN 1 AND 28),
    credits INTEGER NOT NULL CHECK (credits BETWEEN 0 AND 9007199254740992),
    warn_at INTEGER CHECK (warn_at BETWEEN 1 AND 100),
    PRIMARY KEY (owner, kind),
    CHECK ((kind = 'cycle') = (cycle_day IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO spending_limit VALUES(X'00000000000000000000000000000000','month',NULL,100000,90);
INSERT INTO spending_limit VALUES(X'9a3dd60c8cd8683e0f8c4b8fdc3320f7','day',NULL,500,80);
CREATE TABLE spending_day (
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    day INTEGER NOT NULL,
    charged INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    PRIMARY KEY (owner, day)
) STRICT, WITHOUT ROWID;
INSERT INTO spending_day VALUES(X'00000000000000000000000000000000',20778,10,0);
INSERT INTO spending_day VALUES(X'9a3dd60c8cd8683e0f8c4b8fdc3320f7',20778,10,0);
CREATE TABLE member_revision (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO member_revision VALUES(1,10);
CREATE TABLE job_answer (
    job_id BLOB NOT NULL REFERENCES job (id),
    shape TEXT NOT NULL CHECK (shape IN ('operations', 'media')),
    epoch INTEGER NOT NULL,
    -- Sealed: it holds a member's content.
    answer BLOB NOT NULL,
    PRIMARY KEY (job_id, shape)
) STRICT;
INSERT INTO job_answer VALUES(X'ac87973f81ba50df9534a3b9362eb7ff','operations',1,X'65a408e4e9390b982ad0c2a4075eb8ad2878e7704064cd50274638430d6c4c7235a7bc145307d61d09305dc456c88cf403d45a818999602d1f7125cbb918e3aa28f3ab28960e8d8f969e4ffe9219c130d528b952a46e0963425a9cf36cb7f0e0b88f8b31db13cc97f9fb25c1ad7f17ec88fececd9d742fa5c850f8daf6d7d6aa35ceaa6bb42be93d7889d4f442c20fc4b353a8d5d3be22d4c51201f0c36f033bf9a99079185257b49eaa4ffcf11768a5487b0c897c432632338b52b251cae4a3d17a10ca2666e157490e27178be92a9a3ea04710875329c1ffc135e4ea7f1861375a7649f12099236669d45420a90828b17d9922b49f79434a9f71c66df47b0e0575971a2178ad337d3372fabc713330eaa41acab5067665eda104cb23ecf6eb8c50d86b4e41804d436e9a05ec02ed8444c55b3903ab583fdae1b5444531b9af804a234c241aafa486cd38b848132eec990bcda59fefdef449ed9c3e7d597990c79205398aaf0f754a50f13464358eff6ce7f5318d7148ea9f9dd4881f7f9ac9f2f957212b7b537d2b899df4811bc36f7faf00460b9b0613634d735cdf6abc6769d433a7731565509feb2ce7a24a1ce37d6d02168408e181580893b7e4006d28b49136df6dfba80ebced8e3a2f2691d5732fecba37a0a7e94aacf9b3287e3e42dc7e9faa8dc72a21d1d0e5e381fd96a0e61477967865447c2e230e0bbe642070a89e6c5b48d43ef747523928d555bde4cba98fdbbc7f968bda381d7caa78040d450ec009fbcb0a5162d5253123d978269ffcad1f9df2d64cd49a4add15f866c0fef81f9dd42f31fb10979c8ea864c6bd42925b3a6c7a74a7b4a5c1bd32420c1850a1bfff0ee1e7702e450bb33e74814fdbc10eb45111fe4b287dd483a2bd06c0621e874daee1a4ee7c6aba9113e1');
CREATE UNIQUE INDEX account_name ON account (name) WHERE removed_at_ms IS NULL;
CREATE INDEX account_revision ON account (revision);
CREATE UNIQUE INDEX submission_key ON submission (member_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX attempt_account ON attempt (account_id);
CREATE INDEX job_open ON job (account_id) WHERE ended_at_ms IS NULL;
CREATE INDEX job_refund ON job (account_id) WHERE refund = 'due';
CREATE INDEX job_submission ON job (submission_id);
CREATE INDEX job_created ON job (created_at_ms);
CREATE INDEX job_account ON job (account_id, created_at_ms);
CREATE INDEX job_member ON job (member_id, created_at_ms);
CREATE TRIGGER job_ended BEFORE UPDATE OF state, ended_at_ms ON job
    WHEN OLD.ended_at_ms IS NOT NULL AND
        (NEW.state IS NOT OLD.state OR NEW.ended_at_ms IS NOT OLD.ended_at_ms)
    BEGIN SELECT RAISE(ABORT, 'an ended job never goes back'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER ledger_account_begins AFTER INSERT ON ledger_account
    BEGIN INSERT INTO ledger_head VALUES (NEW.id, 0, 0, 0, zeroblob(32)); END;
CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
    BEGIN SELECT RAISE(ABORT, 'a ledger account never goes'); END;
CREATE UNIQUE INDEX ledger_entry_operation ON ledger_entry (op_id);
CREATE UNIQUE INDEX ledger_entry_terminal ON ledger_entry (ledger_account, hold_seq)
    WHERE kind IN ('settle', 'void', 'charge', 'free');
CREATE UNIQUE INDEX ledger_entry_unknown ON ledger_entry (ledger_account, hold_seq)
    WHERE kind = 'unknown';
CREATE UNIQUE INDEX ledger_entry_refund ON ledger_entry (ledger_account, kind, job_id)
    WHERE kind IN ('refund_due', 'refund');
CREATE INDEX ledger_entry_refunded ON ledger_entry (ledger_account, hold_seq)
    WHERE kind = 'refund';
CREATE UNIQUE INDEX ledger_entry_period
    ON ledger_entry (ledger_account, kind, substr(detail, 1, 10))
    WHERE kind IN ('refill', 'period_close');
CREATE INDEX ledger_entry_observed ON ledger_entry (ledger_account, seq)
    WHERE observed IS NOT NULL;
CREATE TRIGGER ledger_entry_chain BEFORE INSERT ON ledger_entry BEGIN
    SELECT CASE
        WHEN h.seq + 1 <> NEW.seq THEN RAISE(ABORT, 'the sequence is broken')
        WHEN h.hash <> NEW.prev_hash THEN RAISE(ABORT, 'the chain is broken')
        WHEN h.posted + NEW.d_posted <> NEW.posted OR h.held + NEW.d_held <> NEW.held
            THEN RAISE(ABORT, 'the running balance is broken')
    END FROM ledger_head h WHERE h.ledger_account = NEW.ledger_account;
END;
CREATE TRIGGER ledger_entry_advances AFTER INSERT ON ledger_entry BEGIN
    UPDATE ledger_head
    SET seq = NEW.seq, posted = NEW.posted, held = NEW.held, hash = NEW.hash
    WHERE ledger_account = NEW.ledger_account;
END;
CREATE TRIGGER ledger_entry_names_hold BEFORE INSERT ON ledger_entry
    WHEN NEW.kind IN ('settle', 'void', 'unknown', 'charge', 'free') BEGIN
    SELECT CASE
        WHEN NOT EXISTS (
            SELECT 1 FROM ledger_entry e
            WHERE e.ledger_account = NEW.ledger_account AND e.seq = NEW.hold_seq
                AND e.kind = 'hold' AND (NEW.kind = 'unknown' OR e.d_held = -NEW.d_held))
            THEN RAISE(ABORT, 'no such hold, or not its amount')
        WHEN NEW.kind = 'unknown' THEN CASE WHEN EXISTS (
            SELECT 1 FROM ledger_entry e
            WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                AND e.kind IN ('settle', 'void', 'charge', 'free'))
            THEN RAISE(ABORT, 'the hold is decided') END
        WHEN (NEW.kind IN ('charge', 'free')) <> EXISTS (
            SELECT 1 FROM ledger_entry e
            WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                AND e.kind = 'unknown')
            THEN RAISE(ABORT, 'charge and free decide unknown holds, settle and void the others')
    END;
END;
CREATE TRIGGER ledger_entry_refunds BEFORE INSERT ON ledger_entry
    WHEN NEW.kind IN ('refund_due', 'refund') BEGIN
    SELECT CASE WHEN NEW.d_posted > (
            SELECT -e.d_posted FROM ledger_entry e
            WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                AND e.kind IN ('settle', 'void', 'charge', 'free')
                AND e.kind IN ('settle', 'charge')
        ) - (
            SELECT coalesce(sum(e.d_posted), 0) FROM ledger_entry e
            WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                AND e.kind = 'refund'
        ) THEN RAISE(ABORT, 'a refund above the charge')
        WHEN NOT EXISTS (
            SELECT 1 FROM ledger_entry e
            WHERE e.ledger_account = NEW.ledger_account AND e.hold_seq = NEW.hold_seq
                AND e.kind IN ('settle', 'void', 'charge', 'free')
                AND e.kind IN ('settle', 'charge'))
            THEN RAISE(ABORT, 'a refund of what was not charged')
    END;
END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;
CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
CREATE TRIGGER header_log_no_update BEFORE UPDATE ON header_log
    BEGIN SELECT RAISE(ABORT, 'the header log is append-only'); END;
CREATE TRIGGER header_log_no_delete BEFORE DELETE ON header_log
    BEGIN SELECT RAISE(ABORT, 'the header log is append-only'); END;
CREATE TRIGGER ledger_checkpoint_mac_no_update BEFORE UPDATE ON ledger_checkpoint_mac
    BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
CREATE TRIGGER ledger_checkpoint_mac_no_delete BEFORE DELETE ON ledger_checkpoint_mac
    BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
CREATE INDEX audit_opening ON audit_entry (subject, actor, at_ms) WHERE verb = 'vault.open';
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
CREATE INDEX member_key_member ON member_key (member_id);
CREATE TRIGGER member_key_stays BEFORE DELETE ON member_key
    BEGIN SELECT RAISE(ABORT, 'keys never go'); END;
CREATE TRIGGER member_key_is_whose BEFORE UPDATE OF id, member_id, digest ON member_key
    BEGIN SELECT RAISE(ABORT, 'a key is never another'); END;
CREATE TRIGGER member_key_stays_revoked BEFORE UPDATE OF revoked_at_ms ON member_key
    WHEN OLD.revoked_at_ms IS NOT NULL AND NEW.revoked_at_ms IS NOT OLD.revoked_at_ms
    BEGIN SELECT RAISE(ABORT, 'a revoked key never works again'); END;
CREATE TRIGGER usage_day_is_spent AFTER INSERT ON usage_day BEGIN
    INSERT INTO spending_day
        VALUES (NEW.member_id, NEW.day, NEW.charged, NEW.refunded),
            (zeroblob(16), NEW.day, NEW.charged, NEW.refunded)
    ON CONFLICT DO UPDATE SET charged = charged + excluded.charged,
        refunded = refunded + excluded.refunded;
END;
CREATE TRIGGER usage_day_spends_more AFTER UPDATE OF charged, refunded ON usage_day BEGIN
    UPDATE spending_day SET charged = charged + NEW.charged - OLD.charged,
        refunded = refunded + NEW.refunded - OLD.refunded
    WHERE owner IN (NEW.member_id, zeroblob(16)) AND day = NEW.day;
END;
CREATE INDEX attempt_open ON attempt (account_id, state, member_id, price)
    WHERE state IN ('held', 'unknown');
CREATE TRIGGER member_changes AFTER UPDATE ON member
    BEGIN UPDATE member_revision SET revision = revision + 1; END;
CREATE TRIGGER member_key_begins AFTER INSERT ON member_key
    BEGIN UPDATE member_revision SET revision = revision + 1; END;
CREATE TRIGGER member_key_changes AFTER UPDATE ON member_key
    BEGIN UPDATE member_revision SET revision = revision + 1; END;
CREATE TRIGGER spending_limit_begins AFTER INSERT ON spending_limit
    BEGIN UPDATE member_revision SET revision = revision + 1; END;
CREATE TRIGGER spending_limit_changes AFTER UPDATE ON spending_limit
    BEGIN UPDATE member_revision SET revision = revision + 1; END;
CREATE TRIGGER spending_limit_ends AFTER DELETE ON spending_limit
    BEGIN UPDATE member_revision SET revision = revision + 1; END;
CREATE INDEX job_name ON job (operation_name);
CREATE INDEX job_alias ON job (alias) WHERE alias IS NOT NULL;
