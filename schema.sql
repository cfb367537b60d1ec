-- The complete present schema of Les Ateliers d'Ada, the one truth.
--
-- Instants are RFC 3339 text in UTC to the second ('2027-05-08T12:00:00Z'), dates are 'YYYY-MM-DD',
-- money is whole cents, booleans are 0 or 1. "folded" columns hold a lower-case form without accents,
-- made in Go (SQLite folds ASCII only), for searching and for telling two spellings of one address apart.
-- Each table is written by one package, named above it; any package may read.
--
-- The tables that every booking writes spell a choice among three or more values with OR: for IN, SQLite makes a
-- temporary table at each insert (ten of them were a tenth of the time of a booking).

------------------------------------------------------------------------------- account

-- A member of the team or a facilitator. Families have no row here.
CREATE TABLE users (
    id             INTEGER PRIMARY KEY,
    email          TEXT NOT NULL,
    email_folded   TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    phone          TEXT NOT NULL DEFAULT '',
    role           TEXT NOT NULL CHECK (role IN ('facilitator', 'communication', 'staff', 'admin')),
    password_hash  TEXT NOT NULL,       -- '': invited, no password chosen yet
    -- Raised to end every sign-in of this person at once (role changed, disabled, password changed).
    sign_in_epoch  INTEGER NOT NULL DEFAULT 1,
    -- The day of the certificate that says they may work with children; NULL: none was shown. Only the day is kept.
    honorability_on       TEXT,
    honorability_told_at  TEXT,         -- when the team was told that this certificate ends
    feed_version   INTEGER NOT NULL DEFAULT 1,  -- raised to revoke the secret link to the calendar of what they lead
    created_at     TEXT NOT NULL,
    disabled_at    TEXT
) STRICT;

-- Links by which somebody of the team chooses a password, mailed to them: an invitation, or after it was forgotten. The token is not
-- kept, only its SHA-256. An address that nobody of the team has gets a row too (without a user), so that both cost the same.
CREATE TABLE password_links (
    token_hash   BLOB PRIMARY KEY,
    user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
    expires_at   TEXT NOT NULL,
    outcome      TEXT CHECK (outcome IN ('used', 'superseded', 'withdrawn')),
    ended_at     TEXT CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX password_links_by_user ON password_links (user_id);
CREATE INDEX password_links_by_expiry ON password_links (expires_at);

-- The second factor of somebody of the team: codes of an app (TOTP, RFC 6238). Its key is kept nowhere: it is made of the seed and of the
-- secret of the data folder, so that neither alone makes a code.
CREATE TABLE second_factors (
    user_id    INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    seed       TEXT NOT NULL,
    last_step  INTEGER NOT NULL,    -- of the code that was used last: each is good once
    since      TEXT NOT NULL
) STRICT;

-- Codes for who has lost the app, each good once; only keyed hashes.
CREATE TABLE recovery_codes (
    code_hash  BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used_at    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- Signed-in browsers (scs). Only the SHA-256 of the cookie's token is kept.
CREATE TABLE sign_ins (
    token_hash  TEXT PRIMARY KEY,
    data        BLOB NOT NULL,
    expires_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

-- Links by which guardians sign in, mailed when somebody asks for one. The token is not kept, only its SHA-256, and the address
-- only as a keyed digest: an address that nobody booked with has a row too (without a guardian), so that both cost the same.
CREATE TABLE sign_in_links (
    token_hash   BLOB PRIMARY KEY,
    mailbox      BLOB NOT NULL,
    guardian_id  INTEGER REFERENCES guardians (id) ON DELETE SET NULL,
    young_id     INTEGER REFERENCES young_holders (child_id) ON DELETE SET NULL,    -- instead of guardian_id
    next         TEXT NOT NULL DEFAULT '',          -- the path to go on to
    expires_at   TEXT NOT NULL,
    outcome      TEXT CHECK (outcome IN ('used', 'superseded')),
    ended_at     TEXT CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_links_open ON sign_in_links (mailbox) WHERE outcome IS NULL;
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);
CREATE INDEX sign_in_links_by_guardian ON sign_in_links (guardian_id);
CREATE INDEX sign_in_links_by_young ON sign_in_links (young_id) WHERE young_id IS NOT NULL;

-- One-time keys of forms, consumed by success only: the same key with the same body gives the first result again.
CREATE TABLE form_keys (
    nonce       TEXT PRIMARY KEY,
    body_hash   BLOB NOT NULL,
    result      TEXT NOT NULL,
    expires_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------- settings

CREATE TABLE settings (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The signature that certificates bear: one row, or none. A picture that we made of the one that was sent, never that file.
CREATE TABLE signature (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    png         BLOB NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT;

-- The logo that letterheads bear: one row, or none. A picture that we made of the one that was sent, never that file.
CREATE TABLE logo (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    png         BLOB NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT;

------------------------------------------------------------------------------- outbox

-- Messages to send, written in the transaction of the change they tell about. Kind, language and
-- values, never rendered text. send_after leaves room to withdraw (undo of a cancellation).
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    language     TEXT NOT NULL CHECK (language GLOB '[a-z][a-z]'),  -- a folder of internal/words
    recipient    TEXT NOT NULL,
    guardian_id  INTEGER REFERENCES guardians (id) ON DELETE SET NULL,
    payload      TEXT NOT NULL CHECK (json_valid(payload)),
    message_id   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    send_after   TEXT NOT NULL,
    state        TEXT NOT NULL DEFAULT 'pending'
                 CHECK (state = 'pending' OR state = 'claimed' OR state = 'sent' OR state = 'failed' OR state = 'withdrawn'),
    attempts     INTEGER NOT NULL DEFAULT 0,
    last_error   TEXT NOT NULL DEFAULT '',
    done_at      TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (send_after) WHERE state IN ('pending', 'claimed');
-- What is being sent or tried again: later messages to the same person wait for it. New rows are not in it,
-- so adding one costs nothing here.
CREATE INDEX outbox_retrying ON outbox (recipient, id) WHERE attempts > 0 AND state IN ('pending', 'claimed');
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
CREATE INDEX outbox_by_guardian ON outbox (guardian_id);
-- What went to an address that may be of no guardian: who erases an address looks through these.
CREATE INDEX outbox_to_addresses ON outbox (id, recipient) WHERE recipient <> '' AND kind IN ('draft_saved', 'sign_in_link', 'sign_in_unknown', 'guardian_invited', 'young_invited');

-- While its one row is there no message leaves: a restored database may tell again what was told already, so a human looks first.
CREATE TABLE outbox_pause (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    since  TEXT NOT NULL                            -- when the database was restored
) STRICT;

------------------------------------------------------------------------------- alert

-- What is or was wrong with the installation. The team is told when it begins and when it is over.
CREATE TABLE alerts (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('mails_late', 'backup_late', 'backup_not_sent', 'disk_low', 'breaches')),
    count     INTEGER NOT NULL,                     -- of mails, breaches, percent of the disk; 0 for the others
    began_at  TEXT NOT NULL,
    ended_at  TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (kind) WHERE ended_at IS NULL;

------------------------------------------------------------------------------- numbering

-- Series of papers that give no number of a year since the database was restored: the last one that was sent is not known.
CREATE TABLE number_locks (
    series  TEXT NOT NULL CHECK (series IN ('quote', 'invoice', 'credit_note', 'certificate', 'receipt')),
    year    INTEGER NOT NULL,
    since   TEXT NOT NULL,
    PRIMARY KEY (series, year)
) STRICT, WITHOUT ROWID;

-- Numbers of papers that were sent and then lost. They are never given again.
CREATE TABLE void_numbers (
    series     TEXT NOT NULL CHECK (series IN ('quote', 'invoice', 'credit_note', 'certificate', 'receipt')),
    year       INTEGER NOT NULL,
    number     INTEGER NOT NULL CHECK (number > 0),
    voided_at  TEXT NOT NULL,
    PRIMARY KEY (series, year, number)
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------- audit

-- Who changed what. Ids, names of fields and values that are not personal; never a child's name or health.
CREATE TABLE audit (
    id           INTEGER PRIMARY KEY,
    at           TEXT NOT NULL,
    actor        TEXT NOT NULL,     -- 'user:3', 'guardian:12', 'guest', 'system', 'command'
    action       TEXT NOT NULL,     -- 'booking.book', 'session.cancel', …
    record       TEXT NOT NULL,     -- 'session:12'
    details      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details))
) STRICT;

-- When mails left again after a restore: an offer that ended before could not be known of (booking).
CREATE INDEX audit_of_resumes ON audit (at) WHERE action = 'outbox.resume';

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit rows never change');
END;

-- The present is the clock or the last line, whichever is later: a program whose clock was moved lives by its own.
CREATE TRIGGER audit_kept_12_months BEFORE DELETE ON audit
WHEN max(julianday('now'), julianday((SELECT at FROM audit ORDER BY id DESC LIMIT 1))) - julianday(OLD.at) < 365
BEGIN
    SELECT RAISE(ABORT, 'audit rows are kept 12 months');
END;

-- Who looked at a sheet with health data, who exported what. The one table that a GET may write.
CREATE TABLE access_log (
    id      INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    record  TEXT NOT NULL
) STRICT;

------------------------------------------------------------------------------- catalog

-- What is taught.
CREATE TABLE workshops (
    id                INTEGER PRIMARY KEY,
    title             TEXT NOT NULL,
    level             TEXT NOT NULL,
    discipline        TEXT NOT NULL CHECK (discipline IN ('code', 'robotique', 'musique', 'jeu', 'fabrication')),
    min_age           INTEGER NOT NULL CHECK (min_age BETWEEN 3 AND 25),
    max_age           INTEGER NOT NULL CHECK (max_age BETWEEN min_age AND 25),
    summary           TEXT NOT NULL DEFAULT '',     -- one sentence for cards
    description       TEXT NOT NULL DEFAULT '',     -- what one does
    skills            TEXT NOT NULL DEFAULT '',     -- what one learns, one per line
    tools             TEXT NOT NULL DEFAULT '',
    bring             TEXT NOT NULL DEFAULT '',
    capacity          INTEGER NOT NULL DEFAULT 12 CHECK (capacity BETWEEN 1 AND 500),
    price_cents       INTEGER NOT NULL DEFAULT 0 CHECK (price_cents >= 0),
    duration_minutes  INTEGER NOT NULL DEFAULT 120 CHECK (duration_minutes BETWEEN 15 AND 1440),
    created_at        TEXT NOT NULL,
    updated_at        TEXT NOT NULL,
    UNIQUE (title, level)
) STRICT;

CREATE TABLE venues (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    address      TEXT NOT NULL,
    postcode     TEXT NOT NULL,
    city         TEXT NOT NULL,
    access       TEXT NOT NULL DEFAULT '',          -- how to get there, which door
    step_free    TEXT NOT NULL DEFAULT 'unknown' CHECK (step_free IN ('yes', 'no', 'unknown')),
    capacity     INTEGER NOT NULL DEFAULT 12 CHECK (capacity BETWEEN 1 AND 500),
    time_zone    TEXT NOT NULL DEFAULT 'Europe/Paris',
    closed_from  TEXT NOT NULL DEFAULT '',          -- the first day, there, on which nothing takes place any more; '': none
    listed       INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),   -- 0: the place of an organisation, for its request alone
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (name, postcode)
) STRICT;

-- School holidays of a zone, first and last day both included. Public holidays are computed.
CREATE TABLE school_holidays (
    id           INTEGER PRIMARY KEY,
    zone         TEXT NOT NULL CHECK (zone IN ('A', 'B', 'C')),
    name         TEXT NOT NULL,
    first_day    TEXT NOT NULL,
    last_day     TEXT NOT NULL CHECK (last_day >= first_day),
    known_since  TEXT NOT NULL,                      -- what was planned before fell into them unseen
    UNIQUE (zone, first_day, last_day, name)
) STRICT;

-- Sessions that follow one another (« cycle »): who came to several has one certificate for them all.
CREATE TABLE series (
    id          INTEGER PRIMARY KEY,
    title       TEXT NOT NULL UNIQUE,
    -- What a child's place in the whole series costs, once, however many of its sessions that are sold so it takes.
    price_cents INTEGER NOT NULL DEFAULT 0 CHECK (price_cents >= 0),
    created_at  TEXT NOT NULL
) STRICT;

-- What made sessions, such as « each Wednesday outside the holidays »: unlike a series it says nothing of who books them.
CREATE TABLE schedules (
    id          INTEGER PRIMARY KEY,
    weekdays    TEXT NOT NULL CHECK (weekdays <> ''),   -- '3' is Wednesday, '36' Wednesday and Saturday
    every       INTEGER NOT NULL CHECK (every IN (1, 2)),               -- week, or other week
    first_day   TEXT NOT NULL,
    last_day    TEXT NOT NULL CHECK (last_day >= first_day),
    created_at  TEXT NOT NULL
) STRICT;

-- One workshop at one venue at one time. Places left are counted from bookings, never stored.
CREATE TABLE sessions (
    id             INTEGER PRIMARY KEY,
    workshop_id    INTEGER NOT NULL REFERENCES workshops (id),
    venue_id       INTEGER NOT NULL REFERENCES venues (id),
    starts_at      TEXT NOT NULL,
    ends_at        TEXT NOT NULL CHECK (ends_at > starts_at),
    capacity       INTEGER NOT NULL CHECK (capacity BETWEEN 1 AND 500),
    -- Seats of these kept for the families of a partner, such as a social centre, until an instant; then they join the others.
    reserved_seats INTEGER NOT NULL DEFAULT 0 CHECK (reserved_seats BETWEEN 0 AND 500),
    reserved_for   TEXT NOT NULL DEFAULT '' CHECK ((reserved_for = '') = (reserved_seats = 0)),
    reserved_until TEXT CHECK ((reserved_until IS NULL) = (reserved_seats = 0)),
    -- How it is priced, one way at a time: a seat costs price_cents (0: free); or a place in the whole series does, what the
    -- series says; or the family chooses among price_steps and any amount from price_min_cents, and price_cents is suggested.
    pricing        TEXT NOT NULL DEFAULT 'session' CHECK (pricing IN ('session', 'series', 'chosen')),
    price_cents    INTEGER NOT NULL CHECK (price_cents >= 0),
    price_min_cents INTEGER NOT NULL DEFAULT 0 CHECK (price_min_cents >= 0),
    price_steps    TEXT NOT NULL DEFAULT '',        -- cents, ascending, separated by spaces
    payment_url   TEXT NOT NULL DEFAULT '',        -- empty: paid on the spot
    status         TEXT NOT NULL CHECK (status IN ('draft', 'published', 'cancelled')),
    opens_at       TEXT NOT NULL,                   -- bookable from
    closes_at      TEXT NOT NULL,                   -- bookable until; by default the start
    ical_sequence  INTEGER NOT NULL DEFAULT 0,
    cancel_reason  TEXT NOT NULL DEFAULT '',
    cancelled_at   TEXT,
    cancelled_from TEXT CHECK (cancelled_from IN ('draft', 'published')),  -- what it was: for ten minutes it can be again
    list_closed_at TEXT,                            -- since when nobody new may join the waiting list
    -- The group request that this session is for: it is private, and appears nowhere in the public catalogue.
    request_id     INTEGER REFERENCES group_requests (id),
    series_id      INTEGER REFERENCES series (id),
    schedule_id    INTEGER REFERENCES schedules (id),
    funding        TEXT NOT NULL DEFAULT '',        -- who pays for it, as the association calls it; empty: nobody in particular
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL,
    CHECK (request_id IS NULL OR series_id IS NULL AND schedule_id IS NULL AND reserved_seats = 0),
    CHECK (pricing <> 'series' OR series_id IS NOT NULL),
    CHECK ((pricing = 'chosen') = (price_steps <> ''))
) STRICT;
CREATE INDEX sessions_by_start ON sessions (starts_at);
CREATE INDEX sessions_by_request ON sessions (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX sessions_by_series ON sessions (series_id, starts_at) WHERE series_id IS NOT NULL;
CREATE INDEX sessions_by_schedule ON sessions (schedule_id, starts_at) WHERE schedule_id IS NOT NULL;
CREATE INDEX sessions_by_release ON sessions (reserved_until) WHERE reserved_until IS NOT NULL;
CREATE INDEX sessions_by_workshop ON sessions (workshop_id);
CREATE INDEX sessions_by_venue ON sessions (venue_id);

CREATE TABLE session_facilitators (
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (session_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_facilitators_by_user ON session_facilitators (user_id, session_id);

-- Sessions of plans that fell into holidays which became known later, and that the team leaves where they are. Written by catalog.
CREATE TABLE left_in_holidays (
    session_id  INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    starts_at   TEXT NOT NULL,                                  -- of the session then: once it is moved this says nothing
    left_at     TEXT NOT NULL,
    left_by     INTEGER NOT NULL REFERENCES users (id)
) STRICT;

-- Equipment that travels together, such as "12 Thymio". Two sessions at the same hour never use more than the copies.
CREATE TABLE kits (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    contents    TEXT NOT NULL DEFAULT '',
    copies      INTEGER NOT NULL DEFAULT 1 CHECK (copies BETWEEN 0 AND 100),
    children    INTEGER NOT NULL DEFAULT 0 CHECK (children BETWEEN 0 AND 500),  -- that one copy is for; 0: it limits nobody
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT;

CREATE TABLE session_kits (
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    kit_id      INTEGER NOT NULL REFERENCES kits (id),
    copies      INTEGER NOT NULL DEFAULT 1 CHECK (copies BETWEEN 1 AND 100),
    PRIMARY KEY (session_id, kit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_kits_by_kit ON session_kits (kit_id, session_id);

-- When somebody can lead sessions, week by week, on the clock of the association. Who has no row has not said.
CREATE TABLE availabilities (
    id       INTEGER PRIMARY KEY,
    user_id  INTEGER NOT NULL REFERENCES users (id),
    weekday  INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),      -- 1 is Monday
    starts   TEXT NOT NULL,                                         -- '09:00'
    ends     TEXT NOT NULL CHECK (ends > starts),
    UNIQUE (user_id, weekday, starts)
) STRICT;

-- Days on which somebody cannot, both included.
CREATE TABLE absences (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    first_day  TEXT NOT NULL,
    last_day   TEXT NOT NULL CHECK (last_day >= first_day)
) STRICT;
CREATE INDEX absences_by_user ON absences (user_id);

------------------------------------------------------------------------------- family

-- A guardian with their own contacts. Several rows may share an address until the mailbox is proved;
-- among proved guardians an address is unique.
CREATE TABLE guardians (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,  -- the journal and open pages name a row that a merge removed: no other one has its number
    name             TEXT NOT NULL,
    email            TEXT NOT NULL,                 -- empty: a family without e-mail, booked by phone
    email_folded     TEXT NOT NULL,
    phone            TEXT NOT NULL,                 -- as typed
    emergency_name   TEXT NOT NULL DEFAULT '',      -- empty: the guardian themself
    emergency_phone  TEXT NOT NULL DEFAULT '',
    language         TEXT NOT NULL DEFAULT 'fr' CHECK (language GLOB '[a-z][a-z]'),  -- of their messages
    proved_at        TEXT,                          -- when a POST came from a link mailed to email
    -- Names an erasure in a list that outlives backups, and nobody: random, and told to no one.
    erasure_id       TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
    sign_in_epoch    INTEGER NOT NULL DEFAULT 1,    -- raised to end every sign-in of this guardian at once
    last_contact_at  TEXT NOT NULL,
    created_at       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX guardians_proved ON guardians (email_folded) WHERE proved_at IS NOT NULL AND email_folded <> '';
CREATE INDEX guardians_by_email ON guardians (email_folded);

-- Rows of guests that became one with a guardian: a backup may still hold them apart, and who is erased is erased there too. Pages of the desk lead from the one that went
-- to the one that stays.
CREATE TABLE merged_guardians (
    erasure_id   TEXT PRIMARY KEY,                  -- of the row that went
    was_id       INTEGER NOT NULL UNIQUE,           -- its id
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_guardians_by_guardian ON merged_guardians (guardian_id);

CREATE TABLE children (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,  -- as that of a guardian
    first_name    TEXT NOT NULL,
    last_name     TEXT NOT NULL,
    name_folded   TEXT NOT NULL,                    -- "last first", for sorting and searching
    birth_date    TEXT NOT NULL,
    health_state  TEXT NOT NULL
                  CHECK (health_state = 'none' OR health_state = 'described' OR health_state = 'refused' OR health_state = 'to_ask'),
    health_text   TEXT NOT NULL DEFAULT '' CHECK ((health_state = 'described') = (health_text <> '')),
    gender        TEXT CHECK (gender = 'girl' OR gender = 'boy' OR gender = 'other' OR gender = 'unsaid'),  -- NULL: not asked yet
    postal_code   TEXT,
    qpv           TEXT CHECK (qpv = 'yes' OR qpv = 'no' OR qpv = 'unknown'),    -- as the family says, of its address, which nobody keeps
    qpv_zoning    INTEGER,                          -- the year of the map of districts that a yes or a no is about
    qpv_method    TEXT CHECK (qpv_method = 'declared' OR qpv_method = 'looked_up'),     -- how the family knows: looked up by its address
    created_at    TEXT NOT NULL
) STRICT;

CREATE TABLE guardianships (
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id),
    child_id     INTEGER NOT NULL REFERENCES children (id),
    PRIMARY KEY (guardian_id, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guardianships_by_child ON guardianships (child_id);

-- Who else may pick a child up, named by one guardian.
CREATE TABLE pickup_persons (
    id           INTEGER PRIMARY KEY,
    child_id     INTEGER NOT NULL REFERENCES children (id),
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id),
    name         TEXT NOT NULL
) STRICT;
CREATE INDEX pickup_persons_by_child ON pickup_persons (child_id);

-- Consents: each its own, dated, versioned; the latest per guardian counts, any refusal of image rights wins. The newsletter
-- is for the guardian, all else about one child; where pictures may be shown refines 'image'.
CREATE TABLE consents (
    id            INTEGER PRIMARY KEY,
    child_id      INTEGER REFERENCES children (id) CHECK ((child_id IS NULL) = (purpose = 'newsletter')),
    guardian_id   INTEGER NOT NULL REFERENCES guardians (id),
    purpose       TEXT NOT NULL CHECK (purpose = 'image' OR purpose = 'leave_alone' OR purpose = 'health' OR purpose = 'newsletter'
                                       OR purpose = 'image_site' OR purpose = 'image_social' OR purpose = 'image_press' OR purpose = 'image_print'),
    answer        TEXT NOT NULL CHECK (answer = 'yes' OR answer = 'no' OR answer = 'later'),
    text_version  TEXT NOT NULL,
    given_at      TEXT NOT NULL
) STRICT;
CREATE INDEX consents_by_child ON consents (child_id, purpose);
CREATE INDEX consents_by_guardian ON consents (guardian_id);

-- Two records of one guardian, or of one child, that the team made one of, for as long as it can be undone. What moved is named by id
-- alone; what a family says anew of such a child ends it (see the triggers), and so do 30 days.
-- Two records that look alike, and the team said that they are of two people: no list of likely doubles shows them again. The same guardian twice:
-- of two children of the same name, who are two.
CREATE TABLE different_families (
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,  -- the older row
    other_id     INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,
    said_at      TEXT NOT NULL,
    said_by      INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (guardian_id, other_id),
    CHECK (guardian_id <= other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX different_families_by_other ON different_families (other_id);

CREATE TABLE merges (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,     -- never used again: an old page must not undo another merge
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,  -- who stays
    from_id      INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,  -- whose record joined it; with children alone, the other guardian
    same_person  INTEGER NOT NULL CHECK (same_person IN (0, 1)),                -- 0: of the children alone, both guardians stay
    merged_at    TEXT NOT NULL,
    merged_by    INTEGER NOT NULL REFERENCES users (id)
) STRICT;
CREATE INDEX merges_by_guardian ON merges (guardian_id);
CREATE INDEX merges_by_from ON merges (from_id);

CREATE TABLE merge_rows (
    merge_id  INTEGER NOT NULL REFERENCES merges (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL,                        -- of what moved: 'group', 'booking', 'consent', …
    row_id    ANY NOT NULL,
    was       INTEGER NOT NULL,                     -- the guardian or child that it was of; 0: it was made by the merge
    PRIMARY KEY (merge_id, kind, row_id, was)
) STRICT, WITHOUT ROWID;

-- The records as they were: that of who joined, which is empty until then, and that of who stays.
CREATE TABLE guardians_before_merge (
    merge_id         INTEGER NOT NULL REFERENCES merges (id) ON DELETE CASCADE,
    guardian_id      INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,
    name             TEXT NOT NULL,
    email            TEXT NOT NULL,
    phone            TEXT NOT NULL,
    emergency_name   TEXT NOT NULL,
    emergency_phone  TEXT NOT NULL,
    language         TEXT NOT NULL,
    proved_at        TEXT,
    last_contact_at  TEXT NOT NULL,
    PRIMARY KEY (merge_id, guardian_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guardians_before_merge_by_guardian ON guardians_before_merge (guardian_id);

CREATE TABLE children_before_merge (
    merge_id      INTEGER NOT NULL REFERENCES merges (id) ON DELETE CASCADE,
    child_id      INTEGER NOT NULL REFERENCES children (id) ON DELETE CASCADE,
    became        INTEGER NOT NULL REFERENCES children (id) ON DELETE CASCADE,  -- its own id: the one that stays
    first_name    TEXT NOT NULL,
    last_name     TEXT NOT NULL,
    birth_date    TEXT NOT NULL,
    health_state  TEXT NOT NULL,
    health_text   TEXT NOT NULL,
    gender        TEXT,
    postal_code   TEXT,
    qpv           TEXT,
    qpv_zoning    INTEGER,
    qpv_method    TEXT,
    PRIMARY KEY (merge_id, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX children_before_merge_by_child ON children_before_merge (child_id);
CREATE INDEX children_before_merge_by_became ON children_before_merge (became);

-- The empty record of a child goes with what could fill it again.
CREATE TRIGGER merges_leave_no_child AFTER DELETE ON children_before_merge
BEGIN
    DELETE FROM children WHERE id = OLD.child_id AND name_folded = '' AND id NOT IN (SELECT child_id FROM guardianships);
END;

-- Nothing of who is erased, or of what was said of health before, stays in what was kept to undo a merge.
CREATE TRIGGER merges_end_with_guardian AFTER UPDATE OF name ON guardians WHEN NEW.name = ''
BEGIN
    DELETE FROM merges WHERE guardian_id = NEW.id OR from_id = NEW.id;
END;

CREATE TRIGGER merges_end_with_child AFTER UPDATE OF name_folded, health_state, health_text ON children
WHEN NEW.name_folded = '' OR NEW.health_state <> OLD.health_state OR NEW.health_text <> OLD.health_text
BEGIN
    DELETE FROM merges WHERE id IN (SELECT merge_id FROM children_before_merge WHERE became = NEW.id);
END;

CREATE TRIGGER merges_end_with_pickups AFTER DELETE ON pickup_persons
BEGIN
    DELETE FROM merges WHERE id IN (SELECT merge_id FROM children_before_merge WHERE became = OLD.child_id);
END;

CREATE TRIGGER merges_end_with_guardianships AFTER DELETE ON guardianships
BEGIN
    DELETE FROM merges WHERE id IN (SELECT merge_id FROM children_before_merge WHERE became = OLD.child_id);
END;

-- What the team notes about a guardian, or about one of their children, for itself: no family sees it unless somebody released it on
-- request. It belongs to that guardian alone.
CREATE TABLE family_notes (
    id           INTEGER PRIMARY KEY,
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,
    child_id     INTEGER REFERENCES children (id) ON DELETE CASCADE,
    text         TEXT NOT NULL CHECK (text <> ''),
    written_at   TEXT NOT NULL,
    written_by   INTEGER NOT NULL REFERENCES users (id),
    released_at  TEXT,
    released_by  INTEGER REFERENCES users (id) CHECK ((released_by IS NULL) = (released_at IS NULL))
) STRICT;
CREATE INDEX family_notes_by_guardian ON family_notes (guardian_id);
CREATE INDEX family_notes_by_child ON family_notes (child_id) WHERE child_id IS NOT NULL;

CREATE TRIGGER notes_end_with_guardian AFTER UPDATE OF name ON guardians WHEN NEW.name = ''
BEGIN
    DELETE FROM family_notes WHERE guardian_id = NEW.id;
END;

CREATE TRIGGER notes_end_with_child AFTER UPDATE OF name_folded ON children WHEN NEW.name_folded = ''
BEGIN
    DELETE FROM family_notes WHERE child_id = NEW.id;
END;

-- A guardian who left a child's family, or is no longer in it, is noted of nothing about that child.
CREATE TRIGGER notes_end_with_guardianship AFTER DELETE ON guardianships
BEGIN
    DELETE FROM family_notes WHERE guardian_id = OLD.guardian_id AND child_id = OLD.child_id;
END;

-- A young person from 15 whom a guardian gave a space of their own: it shows them alone, and they may book for themselves.
CREATE TABLE young_holders (
    child_id       INTEGER PRIMARY KEY REFERENCES children (id) ON DELETE CASCADE,
    guardian_id    INTEGER REFERENCES guardians (id) ON DELETE SET NULL,   -- who gave it: what they book is in that name
    email          TEXT NOT NULL,
    email_folded   TEXT NOT NULL UNIQUE,
    proved_at      TEXT,
    sign_in_epoch  INTEGER NOT NULL DEFAULT 1,
    created_at     TEXT NOT NULL
) STRICT;

-- A guardian who took themself out of a child's family: what they booked before stays theirs, and what they refused stays refused.
CREATE TABLE former_guardianships (
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,
    child_id     INTEGER NOT NULL REFERENCES children (id) ON DELETE CASCADE,
    left_at      TEXT NOT NULL,
    PRIMARY KEY (guardian_id, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_guardianships_by_child ON former_guardianships (child_id);

-- A second guardian whom the first one asks, by mail, to join. Name and address go as soon as it is answered or over.
CREATE TABLE invitations (
    id           INTEGER PRIMARY KEY,
    token_hash   BLOB NOT NULL UNIQUE,
    guardian_id  INTEGER NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,   -- who invites
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    outcome      TEXT CHECK (outcome IN ('accepted', 'withdrawn', 'expired')),
    ended_at     TEXT CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CHECK ((outcome IS NULL) = (email <> ''))
) STRICT;
CREATE INDEX invitations_by_guardian ON invitations (guardian_id);

CREATE TABLE invitation_children (
    invitation_id  INTEGER NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    child_id       INTEGER NOT NULL REFERENCES children (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_children_by_child ON invitation_children (child_id);

-- A new address of a guardian, until it is confirmed from its mailbox. One per guardian.
CREATE TABLE email_changes (
    guardian_id  INTEGER PRIMARY KEY REFERENCES guardians (id) ON DELETE CASCADE,
    token_hash   BLOB NOT NULL UNIQUE,
    email        TEXT NOT NULL,
    expires_at   TEXT NOT NULL
) STRICT;

------------------------------------------------------------------------------- booking

-- What a parent has answered so far, on one phone, for one session; never health text. Once booked,
-- answers are emptied and result leads to the booking, so that Back and a second tab end at the same page.
CREATE TABLE drafts (
    token_hash  BLOB NOT NULL,
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    guardian_id INTEGER REFERENCES guardians (id),      -- who was signed in: nobody else sees the answers on that browser
    answers     TEXT NOT NULL,
    version     INTEGER NOT NULL,
    result      TEXT NOT NULL DEFAULT '',
    expires_at  TEXT NOT NULL,
    UNIQUE (token_hash, session_id)     -- with a rowid: emptying a draft then touches a page that others touch too
) STRICT;

-- One act of booking or joining a list: one guardian, one session, one or several children.
CREATE TABLE booking_groups (
    id            INTEGER PRIMARY KEY,
    reference     TEXT NOT NULL UNIQUE,             -- 'ADA-7K3M9QXW': names a booking, never authorises
    session_id    INTEGER NOT NULL REFERENCES sessions (id),
    guardian_id   INTEGER NOT NULL REFERENCES guardians (id),
    seating       TEXT NOT NULL DEFAULT 'any' CHECK (seating IN ('any', 'together')),
    unasked       INTEGER NOT NULL DEFAULT 0 CHECK (unasked IN (0, 1)),     -- a freed seat is theirs at once
    -- The place of the same children that this one is a second choice to, or comes back from; always the first of them all.
    first_id      INTEGER REFERENCES booking_groups (id),
    link_version  INTEGER NOT NULL DEFAULT 1,       -- raised to revoke every link
    -- What the family chose to pay for a seat, or what one cost when the price of the session or of its series changed; NULL: what they say.
    seat_cents    INTEGER CHECK (seat_cents >= 0),
    -- What a booking left in a session when it moved to another one: the booking that moved on, with its reference.
    moved_id      INTEGER REFERENCES booking_groups (id),
    created_by    INTEGER REFERENCES users (id),    -- staff on behalf of a family
    created_at    TEXT NOT NULL,
    reminded_at   TEXT,                             -- when « toujours partants ? » was asked
    coming_at     TEXT,                             -- when the family said yes to it
    -- Let in at the door, or booked by a young person: what a booking asks of a guardian is asked by a link, until it is answered.
    to_complete   INTEGER NOT NULL DEFAULT 0 CHECK (to_complete IN (0, 1)),
    completed_at  TEXT CHECK (completed_at IS NULL OR to_complete),
    -- Where a young person booked for themselves: the address they gave for their copies, empty for who has a space of their own and once it is
    -- forgotten. NULL: a guardian booked, or the team.
    young_email   TEXT
) STRICT;
CREATE INDEX booking_groups_by_guardian ON booking_groups (guardian_id);
CREATE INDEX booking_groups_by_young ON booking_groups (young_email) WHERE young_email <> '';
CREATE INDEX booking_groups_by_first ON booking_groups (first_id) WHERE first_id IS NOT NULL;
CREATE INDEX booking_groups_by_moved ON booking_groups (moved_id) WHERE moved_id IS NOT NULL;

-- One child in one session. Live: waiting, offered, confirmed. Seats taken: offered, confirmed.
-- The waiting rank is derived from the order of ids.
CREATE TABLE bookings (
    id                 INTEGER PRIMARY KEY,
    group_id           INTEGER NOT NULL REFERENCES booking_groups (id),
    session_id         INTEGER NOT NULL REFERENCES sessions (id),
    child_id           INTEGER NOT NULL REFERENCES children (id),
    status             TEXT NOT NULL CHECK (status = 'waiting' OR status = 'offered' OR status = 'confirmed'
                                            OR status = 'cancelled' OR status = 'declined' OR status = 'lapsed'),
    -- Tells one unproved child from another: HMAC of session, folded e-mail, name and birth date.
    guest_key          BLOB,
    cancelled_by       TEXT CHECK (cancelled_by = 'family' OR cancelled_by = 'team' OR cancelled_by = 'organiser'),
    cancelled_at       TEXT,
    -- What the organiser took away with the session: for ten minutes it can be given back.
    called_off_from    TEXT CHECK (called_off_from = 'waiting' OR called_off_from = 'offered' OR called_off_from = 'confirmed'),
    -- Why a family gave a seat up late, where it said so: one of a few answers, since free text would collect illnesses.
    cancel_reason      TEXT NOT NULL DEFAULT '' CHECK (cancel_reason = '' OR cancelled_by = 'family' AND
                           (cancel_reason = 'unforeseen' OR cancel_reason = 'appointment' OR cancel_reason = 'unwilling' OR
                            cancel_reason = 'distance' OR cancel_reason = 'other')),
    -- Takes one of the seats that are kept for a partner of the session.
    reserved           INTEGER NOT NULL DEFAULT 0 CHECK (reserved = 0 OR reserved = 1),
    -- Made as a place on the list: afterwards nothing else tells who left it from who gave up a seat.
    joined_list        INTEGER NOT NULL DEFAULT 0 CHECK (joined_list = 0 OR joined_list = 1),
    unanswered_offers  INTEGER NOT NULL DEFAULT 0 CHECK (unanswered_offers >= 0),
    override_by        INTEGER REFERENCES users (id),
    override_reason    TEXT NOT NULL DEFAULT '' CHECK ((override_by IS NULL) = (override_reason = '')),
    ical_sequence      INTEGER NOT NULL DEFAULT 0,
    created_at         TEXT NOT NULL,
    updated_at         TEXT NOT NULL
) STRICT;
CREATE INDEX bookings_by_session ON bookings (session_id, status);
CREATE INDEX bookings_by_group ON bookings (group_id);
CREATE INDEX bookings_by_child ON bookings (child_id);
CREATE UNIQUE INDEX bookings_one_per_child ON bookings (child_id, session_id)
    WHERE (status = 'waiting' OR status = 'offered' OR status = 'confirmed');
CREATE UNIQUE INDEX bookings_one_per_guest ON bookings (guest_key)
    WHERE guest_key IS NOT NULL AND (status = 'waiting' OR status = 'offered' OR status = 'confirmed');

-- A freed seat kept for one waiting child until expires_at; or given at once, and then it never lived: to a family that
-- asked not to be asked, or that the team reached by phone.
CREATE TABLE offers (
    id           INTEGER PRIMARY KEY,
    booking_id   INTEGER NOT NULL REFERENCES bookings (id),
    made_at      TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    outcome      TEXT CHECK (outcome IN ('accepted', 'declined', 'expired', 'withdrawn', 'given')),
    ended_at     TEXT CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    made_by      INTEGER REFERENCES users (id),     -- NULL: by the rules of the list
    reason       TEXT NOT NULL DEFAULT '' CHECK (reason = '' OR made_by IS NOT NULL),   -- why against their order
    reminded_at  TEXT                               -- when the family was told that it ends soon
) STRICT;
CREATE UNIQUE INDEX offers_one_live ON offers (booking_id) WHERE outcome IS NULL;
CREATE INDEX offers_by_expiry ON offers (expires_at) WHERE outcome IS NULL;
CREATE INDEX offers_by_booking ON offers (booking_id);

-- What came of a call to a family. Whom to call is derived, never stored; subject is the row it was about, as the call
-- list names it: 'offer:12', 'mail:7', 'group:3'.
CREATE TABLE calls (
    id        INTEGER PRIMARY KEY,
    group_id  INTEGER NOT NULL REFERENCES booking_groups (id),
    subject   TEXT NOT NULL,
    outcome   TEXT NOT NULL CHECK (outcome IN ('accepted', 'declined', 'told', 'no_answer')),
    at        TEXT NOT NULL,
    by        INTEGER NOT NULL REFERENCES users (id)
) STRICT;
CREATE INDEX calls_by_group ON calls (group_id);

-- The demand for a session, written once when it is over and never changed: how many children and families had ever been
-- on its list, and what became of them. Figures alone; they outlive the families. Who is neither seated nor unmet left the
-- list, or had an offer and did not take it.
CREATE TABLE list_figures (
    session_id     INTEGER PRIMARY KEY REFERENCES sessions (id),
    held_on        TEXT NOT NULL,                    -- a day, at the venue
    discipline     TEXT NOT NULL,
    city           TEXT NOT NULL,                    -- of the venue
    families       INTEGER NOT NULL CHECK (families >= 0),      -- ever on the list
    children       INTEGER NOT NULL CHECK (children >= 0),
    seated         INTEGER NOT NULL CHECK (seated >= 0),        -- children who got a seat from it, be it that they gave it up
    unmet          INTEGER NOT NULL CHECK (unmet >= 0),         -- children who still waited at the end, and never had an offer
    unmet_families INTEGER NOT NULL CHECK (unmet_families BETWEEN 0 AND unmet),
    recorded_at    TEXT NOT NULL,
    CHECK (seated + unmet <= children)
) STRICT;
CREATE INDEX list_figures_by_day ON list_figures (held_on);

CREATE TRIGGER list_figures_never_change BEFORE UPDATE ON list_figures
BEGIN
    SELECT RAISE(ABORT, 'figures never change');
END;

CREATE TRIGGER list_figures_stay BEFORE DELETE ON list_figures
BEGIN
    SELECT RAISE(ABORT, 'figures never change');
END;

------------------------------------------------------------------------------- attendance

-- Whoever takes part in a session: of a booking, or of a class list. Marks and certificates point here.
CREATE TABLE participants (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    booking_id  INTEGER UNIQUE REFERENCES bookings (id),
    pupil_id    INTEGER UNIQUE REFERENCES pupils (id),
    CHECK ((booking_id IS NULL) <> (pupil_id IS NULL))
) STRICT;
CREATE INDEX participants_by_session ON participants (session_id);

-- The class list of a private session: first names alone, emptied once the certificates are printed.
CREATE TABLE pupils (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    position    INTEGER NOT NULL CHECK (position >= 1),     -- as the teacher wrote it
    first_name  TEXT NOT NULL,                              -- '' once erased
    created_at  TEXT NOT NULL,
    UNIQUE (session_id, position)
) STRICT;

-- How many came to a private session, by level and gender. No names.
CREATE TABLE headcounts (
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    level       TEXT NOT NULL,
    gender      TEXT NOT NULL CHECK (gender IN ('girl', 'boy', 'other', 'unsaid')),
    children    INTEGER NOT NULL CHECK (children BETWEEN 0 AND 500),
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (session_id, level, gender)
) STRICT, WITHOUT ROWID;

-- From when on what tablets kept is taken: a restore gives the numbers of children to others.
CREATE TABLE tablets (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    since  TEXT NOT NULL
) STRICT;

-- The journal of the register. The state of a participant is the fold of its entries.
CREATE TABLE marks (
    id              INTEGER PRIMARY KEY,
    entry_key       TEXT NOT NULL UNIQUE,           -- made by the client, so that sending twice is harmless
    participant_id  INTEGER NOT NULL REFERENCES participants (id),
    action          TEXT NOT NULL CHECK (action IN ('present', 'late', 'absent', 'excused', 'left', 'undo')),
    undoes          TEXT CHECK ((action = 'undo') = (undoes IS NOT NULL)),      -- entry_key of what is undone
    at              TEXT NOT NULL,                  -- when it happened
    recorded_at     TEXT NOT NULL,                  -- when we learnt of it
    author_id       INTEGER NOT NULL REFERENCES users (id),
    device          TEXT NOT NULL DEFAULT '',       -- a tablet that keeps a queue, by a random name; '': a form
    -- With whom a child left: by name as it was then, emptied when the family is erased.
    taken_by        TEXT CHECK (taken_by IN ('alone', 'guardian', 'person', 'other')),
    taken_name      TEXT NOT NULL DEFAULT '' CHECK (taken_name = '' OR taken_by IN ('guardian', 'person', 'other')),
    taken_reason    TEXT NOT NULL DEFAULT '',       -- what a guardian said on the phone, where nobody on the list came
    CHECK (taken_by IS NULL OR action = 'left')
) STRICT;
CREATE INDEX marks_by_participant ON marks (participant_id);
CREATE INDEX marks_by_undoes ON marks (undoes) WHERE undoes IS NOT NULL;

-- « Ne pas remettre à »: whom a child must not leave with, set by staff on the word of a guardian or a court. Never shown
-- to a family. Lifted, not deleted.
CREATE TABLE barred_persons (
    id         INTEGER PRIMARY KEY,
    child_id   INTEGER NOT NULL REFERENCES children (id),
    name       TEXT NOT NULL,
    note       TEXT NOT NULL DEFAULT '',
    set_by     INTEGER NOT NULL REFERENCES users (id),
    set_at     TEXT NOT NULL,
    lifted_by  INTEGER REFERENCES users (id),
    lifted_at  TEXT CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) STRICT;
CREATE INDEX barred_persons_by_child ON barred_persons (child_id);

-- Who erases a family needs not know where names of it stand beside marks.
CREATE TRIGGER children_erased AFTER UPDATE OF name_folded ON children WHEN NEW.name_folded = ''
BEGIN
    DELETE FROM barred_persons WHERE child_id = NEW.id;
    -- While a session is open to which the child came, its facts are still counted; closing that one makes them nobody's.
    DELETE FROM fact_bookings WHERE booking_id IN (SELECT id FROM bookings WHERE child_id = NEW.id) AND NOT EXISTS (
        SELECT 1 FROM bookings b JOIN sessions s ON s.id = b.session_id WHERE b.child_id = NEW.id AND b.status = 'confirmed' AND s.status = 'published'
           AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.session_id = s.id AND c.reopened_at IS NULL));
    UPDATE marks SET taken_name = '', taken_reason = '' WHERE taken_by IS NOT NULL AND participant_id IN (
        SELECT p.id FROM participants p JOIN bookings b ON b.id = p.booking_id WHERE b.child_id = NEW.id);
    UPDATE certificates SET revoke_reason = '' WHERE revoke_reason <> '' AND participant_id IN (
        SELECT p.id FROM participants p JOIN bookings b ON b.id = p.booking_id WHERE b.child_id = NEW.id);
END;

-- Names change and persons are replaced, so that a mark may hold one that is on no list any more: of the guardians and persons
-- beside marks only those stay whom another guardian of the child is, or names now.
CREATE TRIGGER guardians_erased AFTER UPDATE OF name ON guardians WHEN NEW.name = ''
BEGIN
    UPDATE marks SET taken_name = '', taken_reason = '' WHERE taken_by IN ('guardian', 'person') AND participant_id IN (
        SELECT p.id FROM bookings b JOIN participants p ON p.booking_id = b.id WHERE b.child_id IN (
            SELECT child_id FROM guardianships WHERE guardian_id = NEW.id UNION SELECT child_id FROM former_guardianships WHERE guardian_id = NEW.id))
      AND NOT EXISTS (
        SELECT 1 FROM participants p JOIN bookings b ON b.id = p.booking_id
        JOIN guardianships o ON o.child_id = b.child_id AND o.guardian_id <> NEW.id JOIN guardians g ON g.id = o.guardian_id
        WHERE p.id = marks.participant_id AND taken_name IN (
            SELECT g.name UNION ALL SELECT name FROM pickup_persons WHERE child_id = b.child_id AND guardian_id = g.id));
END;

CREATE TRIGGER child_left AFTER INSERT ON former_guardianships
BEGIN
    UPDATE marks SET taken_name = '', taken_reason = '' WHERE taken_by IN ('guardian', 'person') AND participant_id IN (
        SELECT p.id FROM bookings b JOIN participants p ON p.booking_id = b.id WHERE b.child_id = NEW.child_id)
      AND taken_name NOT IN (
        SELECT g.name FROM guardianships o JOIN guardians g ON g.id = o.guardian_id WHERE o.child_id = NEW.child_id AND g.id <> NEW.guardian_id
        UNION ALL SELECT name FROM pickup_persons WHERE child_id = NEW.child_id AND guardian_id <> NEW.guardian_id);
END;

-- A child took part in a session, or in a series: then the participant is of the last session of it that the child came to.
-- No name here: the public page joins the child, or shows none once erased. A revoked one stays, and another may be issued.
CREATE TABLE certificates (
    id              INTEGER PRIMARY KEY,
    participant_id  INTEGER NOT NULL REFERENCES participants (id),
    series_id       INTEGER REFERENCES series (id),
    minutes         INTEGER NOT NULL CHECK (minutes > 0),       -- that the child took part, as was known at the issue
    year            INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    code            TEXT NOT NULL UNIQUE,
    issued_at       TEXT NOT NULL,
    issued_by       INTEGER REFERENCES users (id),  -- NULL: by a command
    revoked_at      TEXT,
    revoked_by      INTEGER REFERENCES users (id) CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL),
    revoke_reason   TEXT NOT NULL DEFAULT '' CHECK (revoke_reason = '' OR revoked_at IS NOT NULL),     -- for the team; emptied with the family
    UNIQUE (year, number)
) STRICT;
CREATE INDEX certificates_by_participant ON certificates (participant_id);
CREATE INDEX certificates_by_series ON certificates (series_id) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX certificates_one_valid ON certificates (participant_id) WHERE series_id IS NULL AND revoked_at IS NULL;

-- Who of the team was at a session, as they or a colleague said.
CREATE TABLE team_presences (
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    noted_at    TEXT NOT NULL,
    noted_by    INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (session_id, user_id)
) STRICT, WITHOUT ROWID;

-- What happened at a session that staff must know. For staff alone; deleted after a while.
CREATE TABLE incidents (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    text        TEXT NOT NULL CHECK (text <> ''),
    written_at  TEXT NOT NULL,
    written_by  INTEGER NOT NULL REFERENCES users (id),
    seen_at     TEXT,
    seen_by     INTEGER REFERENCES users (id) CHECK ((seen_by IS NULL) = (seen_at IS NULL))
) STRICT;
CREATE INDEX incidents_by_session ON incidents (session_id);

------------------------------------------------------------------------------- message

-- What the team wrote to the families of some sessions, in one piece. Its texts are as typed, fields and all.
CREATE TABLE mailings (
    id        INTEGER PRIMARY KEY,
    audience  TEXT NOT NULL CHECK (audience = 'confirmed' OR audience = 'waiting' OR audience = 'all'),
    subject   TEXT NOT NULL,
    body      TEXT NOT NULL,
    sent_by   INTEGER REFERENCES users (id),
    sent_at   TEXT NOT NULL
) STRICT;

CREATE TABLE mailing_sessions (
    mailing_id  INTEGER NOT NULL REFERENCES mailings (id),
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    PRIMARY KEY (mailing_id, session_id)
) STRICT, WITHOUT ROWID;

-- A family that a mailing went to, with its mail; none where it has no address and the team calls.
CREATE TABLE mailing_families (
    id           INTEGER PRIMARY KEY,
    mailing_id   INTEGER NOT NULL REFERENCES mailings (id),
    guardian_id  INTEGER REFERENCES guardians (id) ON DELETE SET NULL,
    outbox_id    INTEGER REFERENCES outbox (id)
) STRICT;
CREATE INDEX mailing_families_by_mailing ON mailing_families (mailing_id);
CREATE INDEX mailing_families_by_guardian ON mailing_families (guardian_id);
CREATE INDEX mailing_families_by_message ON mailing_families (outbox_id) WHERE outbox_id IS NOT NULL;

-- Texts that the team wrote to use again.
CREATE TABLE kept_texts (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT;

------------------------------------------------------------------------------- privacy

-- A public session is closed once its register is complete: from then on its figures stand. Reopening ends a closing, and
-- closing again is a new one. What tablets bring later than last_mark is in the journal and in no figure.
CREATE TABLE closings (
    id           INTEGER PRIMARY KEY,
    session_id   INTEGER NOT NULL REFERENCES sessions (id),
    closed_at    TEXT NOT NULL,
    closed_by    INTEGER REFERENCES users (id),     -- NULL: by the timers
    last_mark    INTEGER NOT NULL,                  -- the last entry of the journal that counted; 0 for none
    reopened_at  TEXT,
    reopened_by  INTEGER REFERENCES users (id) CHECK ((reopened_by IS NULL) = (reopened_at IS NULL)),
    reason       TEXT NOT NULL DEFAULT '' CHECK (reason = '' OR reopened_at IS NOT NULL)    -- emptied after a while
) STRICT;
CREATE INDEX closings_by_session ON closings (session_id);
CREATE UNIQUE INDEX closings_one_live ON closings (session_id) WHERE reopened_at IS NULL;

CREATE TRIGGER closings_stay BEFORE DELETE ON closings
BEGIN
    SELECT RAISE(ABORT, 'closings never vanish');
END;

CREATE TRIGGER closings_never_change BEFORE UPDATE ON closings
WHEN OLD.reopened_at IS NOT NULL AND (NEW.reason <> '' OR NEW.reopened_at IS NOT OLD.reopened_at OR NEW.reopened_by IS NOT OLD.reopened_by)
  OR NEW.session_id <> OLD.session_id OR NEW.closed_at <> OLD.closed_at
  OR NEW.closed_by IS NOT OLD.closed_by OR NEW.last_mark <> OLD.last_mark
BEGIN
    SELECT RAISE(ABORT, 'a closing can only be ended');
END;

-- What funders need of each presence in a closed session: already generalised, no name, no number of a child, and in an
-- order that tells nothing. They stay as they are whatever becomes of the families.
CREATE TABLE facts (
    id           INTEGER PRIMARY KEY,
    closing_id   INTEGER NOT NULL REFERENCES closings (id),
    session_id   INTEGER NOT NULL REFERENCES sessions (id),
    held_on      TEXT NOT NULL,                     -- a day, at the venue
    discipline   TEXT NOT NULL,
    city         TEXT NOT NULL,                     -- of the venue
    funding      TEXT NOT NULL,                     -- who paid for the session, as the association calls it; empty: nobody in particular
    age_band     TEXT NOT NULL CHECK (age_band IN ('0-5', '6-8', '9-11', '12-14', '15-17', '18+')),
    gender       TEXT NOT NULL CHECK (gender IN ('girl', 'boy', 'other', 'unsaid')),
    -- Where the child lives: 69/69001, département and postcode, where at least five children of its age and gender do; else the
    -- département alone (ADR 9); empty when not said.
    home         TEXT NOT NULL,
    qpv          TEXT NOT NULL CHECK (qpv IN ('yes', 'no', 'unknown')),
    qpv_zoning   INTEGER NOT NULL CHECK (qpv_zoning = 0 OR qpv IN ('yes', 'no')),   -- the year of its map; 0: not known
    qpv_method   TEXT NOT NULL CHECK (qpv_method = '' AND qpv = 'unknown' OR qpv_method IN ('declared', 'looked_up') AND qpv <> 'unknown'),
    -- In which spans the child had not come before: 1 ever, 2 in the calendar year, 4 in the school year, 8 in the quarter, added up.
    -- Over a span their number is that of the children, and no row can be told to be another's. Four bits for each set of sessions that
    -- reports look at: of all, and shifted by 4 × (1 those of the city, 2 of the discipline, 4 of the funding, added up).
    first        INTEGER NOT NULL CHECK (first BETWEEN 0 AND 4294967295),
    maybe_known  INTEGER NOT NULL CHECK (maybe_known IN (0, 1)),    -- a child of nearly the same name and the same birth date came before
    minutes      INTEGER NOT NULL CHECK (minutes > 0)
) STRICT;
CREATE INDEX facts_by_day ON facts (held_on);
CREATE INDEX facts_by_closing ON facts (closing_id);

-- Whose fact it is, until the child is erased: an earlier session may be closed later, or corrected, and then what a child's later
-- presences were the first of is counted anew.
CREATE TABLE fact_bookings (
    booking_id  INTEGER PRIMARY KEY REFERENCES bookings (id),
    fact_id     INTEGER NOT NULL UNIQUE REFERENCES facts (id) ON DELETE CASCADE
) STRICT;

-- The same session in figures, with those who did not come.
CREATE TABLE session_facts (
    closing_id  INTEGER PRIMARY KEY REFERENCES closings (id),
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    held_on     TEXT NOT NULL,
    discipline  TEXT NOT NULL,
    city        TEXT NOT NULL,
    funding     TEXT NOT NULL,
    minutes     INTEGER NOT NULL CHECK (minutes > 0),
    capacity    INTEGER NOT NULL,
    came        INTEGER NOT NULL CHECK (came >= 0),
    absent      INTEGER NOT NULL CHECK (absent >= 0),       -- had a seat, and did not come without a word
    excused     INTEGER NOT NULL CHECK (excused >= 0),
    late        INTEGER NOT NULL CHECK (late >= 0)          -- seats that families gave up too late for another one to come
) STRICT;
CREATE INDEX session_facts_by_day ON session_facts (held_on);

CREATE TRIGGER facts_never_change
BEFORE UPDATE OF id, closing_id, session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, minutes ON facts
BEGIN
    SELECT RAISE(ABORT, 'figures never change');
END;

CREATE TRIGGER facts_of_nobody_never_change BEFORE UPDATE ON facts WHEN NOT EXISTS (SELECT 1 FROM fact_bookings WHERE fact_id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'figures of who was erased never change');
END;

CREATE TRIGGER facts_stay BEFORE DELETE ON facts WHEN (SELECT reopened_at IS NULL FROM closings WHERE id = OLD.closing_id)
BEGIN
    SELECT RAISE(ABORT, 'figures of a closed session stay');
END;

CREATE TRIGGER session_facts_never_change BEFORE UPDATE ON session_facts
BEGIN
    SELECT RAISE(ABORT, 'figures never change');
END;

CREATE TRIGGER session_facts_stay BEFORE DELETE ON session_facts WHEN (SELECT reopened_at IS NULL FROM closings WHERE id = OLD.closing_id)
BEGIN
    SELECT RAISE(ABORT, 'figures of a closed session stay');
END;

-- What each nightly run of the retention did: how many of what, and never of whom.
CREATE TABLE retention_reports (
    id       INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    counts   TEXT NOT NULL CHECK (json_valid(counts))   -- by step
) STRICT;

------------------------------------------------------------------------------- school

-- The official directory of schools and education offices, as 'ateliers import schools' read it last. A school on
-- several places has one UAI and a row for each, told apart by site.
CREATE TABLE directory (
    id            INTEGER PRIMARY KEY,
    uai           TEXT NOT NULL,
    site          TEXT NOT NULL DEFAULT '',         -- its name and city where the UAI has several; else empty
    name          TEXT NOT NULL,
    type          TEXT NOT NULL DEFAULT '',         -- 'Ecole', 'Collège', …, as published
    sector        TEXT NOT NULL CHECK (sector IN ('public', 'private', '')),
    address       TEXT NOT NULL DEFAULT '',
    postcode      TEXT NOT NULL DEFAULT '',
    city          TEXT NOT NULL DEFAULT '',
    commune_code  TEXT NOT NULL DEFAULT '',         -- INSEE
    siret         TEXT NOT NULL DEFAULT '',
    priority      TEXT NOT NULL CHECK (priority IN ('', 'REP', 'REP+')),
    pupils        INTEGER,
    is_open       INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    names         TEXT NOT NULL,                    -- to search: words of the name
    places        TEXT NOT NULL,                    -- to search: words of the city, postcode and UAI
    UNIQUE (uai, site)
) STRICT;
CREATE VIRTUAL TABLE directory_search USING fts5 (names, places, content = 'directory', content_rowid = 'id', prefix = '2 3 4', tokenize = 'unicode61 remove_diacritics 2');

-- Who asks, as it was when it asked. From the directory when uai is not empty, else as typed.
CREATE TABLE organisations (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('school', 'library', 'social_centre', 'town_hall', 'association', 'company')),
    uai           TEXT NOT NULL DEFAULT '',
    name          TEXT NOT NULL,
    address       TEXT NOT NULL,
    postcode      TEXT NOT NULL,
    city          TEXT NOT NULL,
    commune_code  TEXT NOT NULL DEFAULT '',
    sector        TEXT NOT NULL DEFAULT '' CHECK (sector IN ('public', 'private', '')),
    priority      TEXT NOT NULL DEFAULT '' CHECK (priority IN ('', 'REP', 'REP+')),
    siret         TEXT NOT NULL DEFAULT '',
    created_at    TEXT NOT NULL
) STRICT;
CREATE INDEX organisations_by_uai ON organisations (uai) WHERE uai <> '';

-- One request for group workshops. Its links are signatures over reference and link_version.
CREATE TABLE group_requests (
    id               INTEGER PRIMARY KEY,
    reference        TEXT NOT NULL UNIQUE,          -- 'GRP-7K3M9QXW': names a request, never authorises
    link_version     INTEGER NOT NULL DEFAULT 1,    -- raised to revoke every link
    organisation_id  INTEGER NOT NULL REFERENCES organisations (id),
    contact_name     TEXT NOT NULL,
    contact_role     TEXT NOT NULL,
    contact_email    TEXT NOT NULL,                 -- '' once forgotten, 3 years after the end
    contact_phone    TEXT NOT NULL,
    workshop_id      INTEGER REFERENCES workshops (id),
    wish             TEXT NOT NULL DEFAULT '',      -- something else, in words
    aim              TEXT NOT NULL DEFAULT '',
    level            TEXT NOT NULL,                 -- 'CE2', 'CM1-CM2', …
    children         INTEGER NOT NULL CHECK (children BETWEEN 1 AND 500),
    adults           INTEGER NOT NULL CHECK (adults BETWEEN 0 AND 100),
    period           TEXT NOT NULL DEFAULT '',      -- in words, with or instead of wanted_dates
    place            TEXT NOT NULL CHECK (place IN ('theirs', 'ours')),
    room             TEXT NOT NULL DEFAULT '',
    equipment        TEXT NOT NULL DEFAULT '',
    wifi             TEXT NOT NULL DEFAULT 'unknown' CHECK (wifi IN ('yes', 'no', 'unknown')),
    accessibility    TEXT NOT NULL DEFAULT '',
    funding          TEXT NOT NULL CHECK (funding <> ''),   -- a kind that all know, or the name of one of the association's own (settings)
    adage_reference  TEXT NOT NULL DEFAULT '',
    message          TEXT NOT NULL DEFAULT '',
    language         TEXT NOT NULL DEFAULT 'fr' CHECK (language GLOB '[a-z][a-z]'),  -- of the messages to contact and payer
    state            TEXT NOT NULL CHECK (state IN ('received', 'proposed', 'quoted', 'accepted', 'agreed', 'done', 'closed',
                                                    'declined', 'withdrawn')),
    state_since      TEXT NOT NULL,
    -- Since when the team owes the next step; NULL while it is the organisation's turn, or nobody's.
    waiting_since    TEXT,
    assigned_to      INTEGER REFERENCES users (id),
    next_action      TEXT NOT NULL DEFAULT '',
    next_action_on   TEXT,                          -- a day
    started_from     INTEGER REFERENCES group_requests (id),
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    forgotten_at     TEXT,                          -- when the contact was erased
    CHECK (workshop_id IS NOT NULL OR wish <> '' OR forgotten_at IS NOT NULL)
) STRICT;
CREATE INDEX group_requests_by_state ON group_requests (state, waiting_since);

-- The dates that an organisation would like, the best first.
CREATE TABLE wanted_dates (
    request_id  INTEGER NOT NULL REFERENCES group_requests (id),
    position    INTEGER NOT NULL CHECK (position BETWEEN 1 AND 5),
    day         TEXT NOT NULL,
    half        TEXT NOT NULL CHECK (half IN ('morning', 'afternoon', 'day')),
    PRIMARY KEY (request_id, position)
) STRICT, WITHOUT ROWID;

-- What happened to a request, as people read it. kind 'note' is for the team alone.
CREATE TABLE request_events (
    id          INTEGER PRIMARY KEY,
    request_id  INTEGER NOT NULL REFERENCES group_requests (id),
    at          TEXT NOT NULL,
    by          TEXT NOT NULL CHECK (by IN ('team', 'contact', 'payer', 'system')),
    user_id     INTEGER REFERENCES users (id),
    kind        TEXT NOT NULL,                      -- 'note', 'received', 'proposed', …: the text school.event.KIND
    text        TEXT NOT NULL DEFAULT ''            -- what was written with it: a note, a reason, other dates
) STRICT;
CREATE INDEX request_events_by_request ON request_events (request_id, id);

-- Unfinished requests, by the cookie of the browser.
CREATE TABLE request_drafts (
    token_hash  BLOB PRIMARY KEY,
    answers     TEXT NOT NULL,
    version     INTEGER NOT NULL,
    result      TEXT NOT NULL DEFAULT '',           -- the reference, once sent
    expires_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- An option proposed to one organisation: one or several times with the same team and equipment. Accepting it makes
-- the private sessions; it holds nobody and nothing before.
CREATE TABLE slots (
    id           INTEGER PRIMARY KEY,
    request_id   INTEGER NOT NULL REFERENCES group_requests (id),
    workshop_id  INTEGER NOT NULL REFERENCES workshops (id),
    venue_id     INTEGER NOT NULL REFERENCES venues (id),
    capacity     INTEGER NOT NULL CHECK (capacity BETWEEN 1 AND 500),
    state        TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    created_by   INTEGER REFERENCES users (id),
    created_at   TEXT NOT NULL,
    ended_at     TEXT CHECK ((ended_at IS NULL) = (state = 'open'))
) STRICT;
CREATE INDEX slots_by_request ON slots (request_id);
CREATE UNIQUE INDEX slots_one_accepted ON slots (request_id) WHERE state = 'accepted';

CREATE TABLE slot_times (
    slot_id    INTEGER NOT NULL REFERENCES slots (id),
    starts_at  TEXT NOT NULL,
    ends_at    TEXT NOT NULL CHECK (ends_at > starts_at),
    PRIMARY KEY (slot_id, starts_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE slot_facilitators (
    slot_id  INTEGER NOT NULL REFERENCES slots (id),
    user_id  INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (slot_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE slot_kits (
    slot_id  INTEGER NOT NULL REFERENCES slots (id),
    kit_id   INTEGER NOT NULL REFERENCES kits (id),
    copies   INTEGER NOT NULL CHECK (copies BETWEEN 1 AND 100),
    PRIMARY KEY (slot_id, kit_id)
) STRICT, WITHOUT ROWID;

-- Who pays, when it is not who asks. Its own link is a signature over the request's reference and link_version.
CREATE TABLE payers (
    request_id     INTEGER PRIMARY KEY REFERENCES group_requests (id),
    name           TEXT NOT NULL,
    address        TEXT NOT NULL,
    postcode       TEXT NOT NULL,
    city           TEXT NOT NULL,
    siret          TEXT NOT NULL DEFAULT '',
    is_public      INTEGER NOT NULL CHECK (is_public IN (0, 1)),    -- invoices go through Chorus Pro
    service_code   TEXT NOT NULL DEFAULT '',
    contact_name   TEXT NOT NULL,
    contact_email  TEXT NOT NULL,                   -- '' once forgotten
    contact_phone  TEXT NOT NULL DEFAULT '',
    link_version   INTEGER NOT NULL DEFAULT 1,
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL
) STRICT;

-- Quotes. A draft has no number; issuing freezes content for good. A new version keeps the number and replaces the last.
CREATE TABLE quotes (
    id            INTEGER PRIMARY KEY,
    request_id    INTEGER NOT NULL REFERENCES group_requests (id),
    version       INTEGER NOT NULL CHECK (version >= 1),
    year          INTEGER,
    number        INTEGER,
    state         TEXT NOT NULL CHECK (state IN ('draft', 'issued', 'replaced', 'accepted', 'refused')),
    lines         TEXT NOT NULL CHECK (json_valid(lines)),          -- of the draft
    note          TEXT NOT NULL DEFAULT '',
    valid_until   TEXT,                                             -- a day
    total_cents   INTEGER NOT NULL DEFAULT 0,
    content       TEXT CHECK (json_valid(content)),                 -- all that the paper says, as issued
    content_hash  TEXT NOT NULL DEFAULT '',                         -- SHA-256 of content, hexadecimal
    issued_at     TEXT,
    issued_by     INTEGER REFERENCES users (id),
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    UNIQUE (request_id, version),
    UNIQUE (year, number, version),
    CHECK ((state = 'draft') = (issued_at IS NULL)),
    CHECK ((issued_at IS NULL) = (content IS NULL) AND (issued_at IS NULL) <= (content_hash = '')),
    CHECK ((year IS NULL) = (number IS NULL))
) STRICT;

-- Invoices and credit notes, frozen when they are issued.
CREATE TABLE invoices (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    request_id    INTEGER NOT NULL REFERENCES group_requests (id),
    quote_id      INTEGER REFERENCES quotes (id),
    credits       INTEGER REFERENCES invoices (id) CHECK ((kind = 'credit_note') = (credits IS NOT NULL)),
    year          INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    total_cents   INTEGER NOT NULL CHECK (total_cents >= 0),
    content       TEXT NOT NULL CHECK (json_valid(content)),
    content_hash  TEXT NOT NULL,
    due_on        TEXT,
    issued_at     TEXT NOT NULL,
    issued_by     INTEGER REFERENCES users (id),
    UNIQUE (kind, year, number)
) STRICT;
CREATE INDEX invoices_by_request ON invoices (request_id);

-- Agreements: the text of the settings with its fields filled in, kept by version.
CREATE TABLE agreements (
    id            INTEGER PRIMARY KEY,
    request_id    INTEGER NOT NULL REFERENCES group_requests (id),
    version       INTEGER NOT NULL CHECK (version >= 1),
    state         TEXT NOT NULL CHECK (state IN ('issued', 'replaced', 'signed')),
    content       TEXT NOT NULL CHECK (json_valid(content)),        -- all that the paper says: parties, blocks of text
    content_hash  TEXT NOT NULL,                    -- SHA-256 of content, hexadecimal
    issued_at     TEXT NOT NULL,
    issued_by     INTEGER REFERENCES users (id),
    UNIQUE (request_id, version)
) STRICT;

-- Somebody agreed to a quote or an agreement. It counts once confirmed: from the mailbox, or by the team after
-- reading the signed paper.
CREATE TABLE acceptances (
    id            INTEGER PRIMARY KEY,
    request_id    INTEGER NOT NULL REFERENCES group_requests (id),
    quote_id      INTEGER REFERENCES quotes (id),
    agreement_id  INTEGER REFERENCES agreements (id),
    party         TEXT NOT NULL CHECK (party IN ('contact', 'payer')),
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    stated_on     TEXT NOT NULL,                    -- the day that the signatory wrote
    engagement    TEXT NOT NULL DEFAULT '',         -- number of the public buyer's commitment
    mailbox       TEXT NOT NULL,                    -- where the confirmation was asked
    content_hash  TEXT NOT NULL,                    -- of what was agreed to
    upload_id     INTEGER REFERENCES uploads (id),
    stated_at     TEXT NOT NULL,
    confirmed_at  TEXT,
    confirmed_by  INTEGER REFERENCES users (id),    -- NULL: from the mailbox
    CHECK ((quote_id IS NULL) <> (agreement_id IS NULL))
) STRICT;
CREATE INDEX acceptances_by_request ON acceptances (request_id);

-- Signed papers that came in. Bytes are kept as they came and only ever leave as an attachment.
CREATE TABLE uploads (
    id           INTEGER PRIMARY KEY,
    request_id   INTEGER NOT NULL REFERENCES group_requests (id),
    name         TEXT NOT NULL UNIQUE,              -- random, of our making
    size         INTEGER NOT NULL CHECK (size > 0),
    sha256       TEXT NOT NULL,
    content      BLOB NOT NULL,
    sent_by      TEXT NOT NULL CHECK (sent_by IN ('contact', 'payer', 'team')),
    user_id      INTEGER REFERENCES users (id),
    uploaded_at  TEXT NOT NULL
) STRICT;
CREATE INDEX uploads_by_request ON uploads (request_id);

-- Two questions to the teacher, after the workshop.
CREATE TABLE feedbacks (
    request_id  INTEGER PRIMARY KEY REFERENCES group_requests (id),
    rating      INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),
    comment     TEXT NOT NULL DEFAULT '',
    given_at    TEXT NOT NULL
) STRICT;

-- What funders need of group workshops, written when a request is done and never changed: no names, no contact.
CREATE TABLE group_facts (
    session_id    INTEGER NOT NULL REFERENCES sessions (id),
    level         TEXT NOT NULL,
    gender        TEXT NOT NULL,
    held_on       TEXT NOT NULL,                    -- a day, at the venue
    minutes       INTEGER NOT NULL CHECK (minutes > 0),
    children      INTEGER NOT NULL CHECK (children >= 0),
    discipline    TEXT NOT NULL,
    kind          TEXT NOT NULL,                    -- of the organisation
    uai           TEXT NOT NULL,
    sector        TEXT NOT NULL,
    priority      TEXT NOT NULL,
    commune_code  TEXT NOT NULL,
    city          TEXT NOT NULL,
    funding       TEXT NOT NULL,
    PRIMARY KEY (session_id, level, gender)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_facts_by_day ON group_facts (held_on);

CREATE TRIGGER group_facts_never_change BEFORE UPDATE ON group_facts
BEGIN
    SELECT RAISE(ABORT, 'figures never change');
END;

CREATE TRIGGER group_facts_stay BEFORE DELETE ON group_facts
BEGIN
    SELECT RAISE(ABORT, 'figures never change');
END;

------------------------------------------------------------------------------- payment

-- What was paid, on an invoice or by a family. Append-only: a mistake is corrected by a row that reverses it.
CREATE TABLE payments (
    id           INTEGER PRIMARY KEY,
    invoice_id   INTEGER REFERENCES invoices (id),
    guardian_id  INTEGER REFERENCES guardians (id) CHECK ((invoice_id IS NULL) <> (guardian_id IS NULL)),
    recorded_for INTEGER,                           -- the guardian whose it was then: a merge that is undone gives it back
    cents        INTEGER NOT NULL CHECK (cents <> 0),               -- negative: a reversal
    mode         TEXT NOT NULL CHECK (mode IN ('transfer', 'cheque', 'cash', 'helloasso', 'pass_culture', 'other')),
    reference    TEXT NOT NULL DEFAULT '',
    received_on  TEXT NOT NULL,                     -- a day
    reverses     INTEGER UNIQUE REFERENCES payments (id) CHECK ((cents < 0) = (reverses IS NOT NULL)),
    -- Why a payment of a family was taken back: one of a few answers, since a free text would collect what is nobody's business.
    reason       TEXT NOT NULL DEFAULT '' CHECK (reason IN ('', 'mistake', 'unpaid', 'refund', 'other') AND (reason <> '') = (reverses IS NOT NULL AND guardian_id IS NOT NULL)),
    recorded_by  INTEGER NOT NULL REFERENCES users (id),
    recorded_at  TEXT NOT NULL
) STRICT;
CREATE INDEX payments_by_invoice ON payments (invoice_id);
CREATE INDEX payments_by_guardian ON payments (guardian_id) WHERE guardian_id IS NOT NULL;
CREATE INDEX payments_by_first_guardian ON payments (recorded_for) WHERE recorded_for IS NOT NULL;
CREATE INDEX payments_by_day ON payments (received_on);

-- Which bookings a payment of a family is for. What is left of it, and what a booking costs no more, pays the others, oldest first.
CREATE TABLE payment_parts (
    payment_id  INTEGER NOT NULL REFERENCES payments (id),
    group_id    INTEGER NOT NULL REFERENCES booking_groups (id),
    cents       INTEGER NOT NULL CHECK (cents > 0),
    PRIMARY KEY (payment_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_parts_by_group ON payment_parts (group_id);

-- A carnet is bought with a payment, all of it, and pays so many seats that are priced one by one. What is left is counted, never stored.
CREATE TABLE carnets (
    payment_id  INTEGER PRIMARY KEY REFERENCES payments (id),
    units       INTEGER NOT NULL CHECK (units BETWEEN 1 AND 50)
) STRICT;

-- A seat that was given up late and that the team counts all the same: never by itself. What was given up again since is not counted by it.
CREATE TABLE late_charges (
    booking_id  INTEGER PRIMARY KEY REFERENCES bookings (id),
    charged_by  INTEGER NOT NULL REFERENCES users (id),
    charged_at  TEXT NOT NULL
) STRICT;

-- The receipt of each payment of a family, frozen when the payment is recorded.
CREATE TABLE receipts (
    payment_id    INTEGER PRIMARY KEY REFERENCES payments (id),
    year          INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    total_cents   INTEGER NOT NULL CHECK (total_cents > 0),
    content       TEXT NOT NULL CHECK (json_valid(content)),        -- all that the paper says
    content_hash  TEXT NOT NULL,                    -- SHA-256 of content, hexadecimal
    issued_at     TEXT NOT NULL,
    UNIQUE (year, number)
) STRICT;

CREATE TRIGGER payments_never_change
BEFORE UPDATE OF id, invoice_id, cents, mode, received_on, reverses, reason, recorded_by, recorded_at ON payments
BEGIN
    SELECT RAISE(ABORT, 'payments never change');
END;

-- Ten years on the reference goes, which may name somebody.
CREATE TRIGGER payments_references_only_go BEFORE UPDATE OF reference ON payments WHEN NEW.reference <> ''
BEGIN
    SELECT RAISE(ABORT, 'payments never change');
END;

CREATE TRIGGER payments_never_vanish BEFORE DELETE ON payments
BEGIN
    SELECT RAISE(ABORT, 'payments never vanish');
END;

CREATE TRIGGER payment_parts_never_change BEFORE UPDATE ON payment_parts
BEGIN
    SELECT RAISE(ABORT, 'payments never change');
END;

CREATE TRIGGER payment_parts_never_vanish BEFORE DELETE ON payment_parts
BEGIN
    SELECT RAISE(ABORT, 'payments never vanish');
END;

CREATE TRIGGER carnets_never_change BEFORE UPDATE ON carnets
BEGIN
    SELECT RAISE(ABORT, 'payments never change');
END;

CREATE TRIGGER carnets_never_vanish BEFORE DELETE ON carnets
BEGIN
    SELECT RAISE(ABORT, 'payments never vanish');
END;

CREATE TRIGGER receipts_never_vanish BEFORE DELETE ON receipts
BEGIN
    SELECT RAISE(ABORT, 'receipts never vanish');
END;

-- What was paid goes with whose it is, and to nobody else: with a guest's row or another record that becomes one with that of a guardian, back
-- where the team undoes that (merges), and with the bookings that it is for, once all of them are of one guardian: what also pays for a booking of
-- somebody else stays whose it is, with its receipt. No package below payment knows of it, hence triggers.
CREATE TRIGGER payments_stay_theirs BEFORE UPDATE OF guardian_id ON payments
WHEN NEW.reverses IS NULL AND NEW.guardian_id IS NOT OLD.recorded_for
 AND NEW.guardian_id IS NOT (SELECT m.guardian_id FROM guardians g JOIN merged_guardians m ON m.erasure_id = g.erasure_id WHERE g.id = OLD.guardian_id)
 AND NEW.guardian_id NOT IN (SELECT bg.guardian_id FROM payment_parts t JOIN booking_groups bg ON bg.id = t.group_id WHERE t.payment_id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'payments never change');
END;

CREATE TRIGGER payments_follow_guests BEFORE DELETE ON guardians
BEGIN
    UPDATE payments SET guardian_id = (SELECT guardian_id FROM merged_guardians WHERE erasure_id = OLD.erasure_id) WHERE guardian_id = OLD.id;
    UPDATE payments SET recorded_for = guardian_id WHERE recorded_for = OLD.id;
END;

CREATE TRIGGER mailings_follow_guests BEFORE DELETE ON guardians
BEGIN
    UPDATE mailing_families SET guardian_id = (SELECT guardian_id FROM merged_guardians WHERE erasure_id = OLD.erasure_id) WHERE guardian_id = OLD.id;
END;

CREATE TRIGGER payments_follow_merges AFTER INSERT ON merges WHEN NEW.same_person
BEGIN
    UPDATE payments SET guardian_id = NEW.guardian_id WHERE guardian_id = NEW.from_id;
END;

CREATE TRIGGER payments_return AFTER UPDATE OF name ON guardians WHEN OLD.name = '' AND NEW.name <> ''
BEGIN
    UPDATE payments SET guardian_id = NEW.id WHERE recorded_for = NEW.id;
END;

CREATE TRIGGER payments_follow_bookings AFTER UPDATE OF guardian_id ON booking_groups
BEGIN
    UPDATE payments SET guardian_id = NEW.guardian_id
     WHERE id IN (SELECT payment_id FROM payment_parts WHERE group_id = NEW.id)
       AND NOT EXISTS (SELECT 1 FROM payment_parts t JOIN booking_groups bg ON bg.id = t.group_id WHERE t.payment_id = payments.id AND bg.guardian_id <> NEW.guardian_id);
    UPDATE payments SET guardian_id = (SELECT p.guardian_id FROM payments p WHERE p.id = payments.reverses)
     WHERE reverses IN (SELECT payment_id FROM payment_parts WHERE group_id = NEW.id);
END;

PRAGMA user_version = 1;
