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
    password_hash  TEXT NOT NULL,
    -- Raised to end every sign-in of this person at once (role changed, disabled, password changed).
    sign_in_epoch  INTEGER NOT NULL DEFAULT 1,
    created_at     TEXT NOT NULL,
    disabled_at    TEXT
) STRICT;

-- Signed-in browsers (scs). Only the SHA-256 of the cookie's token is kept.
CREATE TABLE sign_ins (
    token_hash  TEXT PRIMARY KEY,
    data        BLOB NOT NULL,
    expires_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

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

------------------------------------------------------------------------------- outbox

-- Messages to send, written in the transaction of the change they tell about. Kind, language and
-- values, never rendered text. send_after leaves room to withdraw (undo of a cancellation).
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    language     TEXT NOT NULL CHECK (language IN ('fr', 'en')),
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

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit rows never change');
END;

CREATE TRIGGER audit_kept_12_months BEFORE DELETE ON audit
WHEN julianday('now') - julianday(OLD.at) < 365
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
    listed       INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),   -- 0: the place of an organisation, for its request alone
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (name, postcode)
) STRICT;

-- One workshop at one venue at one time. Places left are counted from bookings, never stored.
CREATE TABLE sessions (
    id             INTEGER PRIMARY KEY,
    workshop_id    INTEGER NOT NULL REFERENCES workshops (id),
    venue_id       INTEGER NOT NULL REFERENCES venues (id),
    starts_at      TEXT NOT NULL,
    ends_at        TEXT NOT NULL CHECK (ends_at > starts_at),
    capacity       INTEGER NOT NULL CHECK (capacity BETWEEN 1 AND 500),
    price_cents    INTEGER NOT NULL CHECK (price_cents >= 0),
    payment_url    TEXT NOT NULL DEFAULT '',        -- empty: paid on the spot
    status         TEXT NOT NULL CHECK (status IN ('draft', 'published', 'cancelled')),
    opens_at       TEXT NOT NULL,                   -- bookable from
    closes_at      TEXT NOT NULL,                   -- bookable until; by default the start
    ical_sequence  INTEGER NOT NULL DEFAULT 0,
    cancel_reason  TEXT NOT NULL DEFAULT '',
    cancelled_at   TEXT,
    -- The group request that this session is for: it is private, and appears nowhere in the public catalogue.
    request_id     INTEGER REFERENCES group_requests (id),
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_start ON sessions (starts_at);
CREATE INDEX sessions_by_request ON sessions (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX sessions_by_workshop ON sessions (workshop_id);
CREATE INDEX sessions_by_venue ON sessions (venue_id);

CREATE TABLE session_facilitators (
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (session_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_facilitators_by_user ON session_facilitators (user_id, session_id);

-- Equipment that travels together, such as "12 Thymio". Two sessions at the same hour never use more than the copies.
CREATE TABLE kits (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    contents    TEXT NOT NULL DEFAULT '',
    copies      INTEGER NOT NULL DEFAULT 1 CHECK (copies BETWEEN 0 AND 100),
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
    id               INTEGER PRIMARY KEY,
    name             TEXT NOT NULL,
    email            TEXT NOT NULL,                 -- empty: a family without e-mail, booked by phone
    email_folded     TEXT NOT NULL,
    phone            TEXT NOT NULL,                 -- as typed
    emergency_name   TEXT NOT NULL DEFAULT '',      -- empty: the guardian themself
    emergency_phone  TEXT NOT NULL DEFAULT '',
    language         TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en')),
    proved_at        TEXT,                          -- when a POST came from a link mailed to email
    last_contact_at  TEXT NOT NULL,
    created_at       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX guardians_proved ON guardians (email_folded) WHERE proved_at IS NOT NULL AND email_folded <> '';
CREATE INDEX guardians_by_email ON guardians (email_folded);

CREATE TABLE children (
    id            INTEGER PRIMARY KEY,
    first_name    TEXT NOT NULL,
    last_name     TEXT NOT NULL,
    name_folded   TEXT NOT NULL,                    -- "last first", for sorting and searching
    birth_date    TEXT NOT NULL,
    health_state  TEXT NOT NULL
                  CHECK (health_state = 'none' OR health_state = 'described' OR health_state = 'refused' OR health_state = 'to_ask'),
    health_text   TEXT NOT NULL DEFAULT '' CHECK ((health_state = 'described') = (health_text <> '')),
    gender        TEXT CHECK (gender = 'girl' OR gender = 'boy' OR gender = 'other' OR gender = 'unsaid'),  -- NULL: not asked yet
    postal_code   TEXT,
    qpv           TEXT CHECK (qpv = 'yes' OR qpv = 'no' OR qpv = 'unknown'),
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

-- Consents: each its own, dated, versioned; the latest per guardian counts, any refusal of image rights wins.
CREATE TABLE consents (
    id            INTEGER PRIMARY KEY,
    child_id      INTEGER NOT NULL REFERENCES children (id),
    guardian_id   INTEGER NOT NULL REFERENCES guardians (id),
    purpose       TEXT NOT NULL CHECK (purpose = 'image' OR purpose = 'leave_alone' OR purpose = 'health'),
    answer        TEXT NOT NULL CHECK (answer = 'yes' OR answer = 'no' OR answer = 'later'),
    text_version  TEXT NOT NULL,
    given_at      TEXT NOT NULL
) STRICT;
CREATE INDEX consents_by_child ON consents (child_id, purpose);

------------------------------------------------------------------------------- booking

-- What a parent has answered so far, on one phone, for one session; never health text. Once booked,
-- answers are emptied and result leads to the booking, so that Back and a second tab end at the same page.
CREATE TABLE drafts (
    token_hash  BLOB NOT NULL,
    session_id  INTEGER NOT NULL REFERENCES sessions (id),
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
    link_version  INTEGER NOT NULL DEFAULT 1,       -- raised to revoke every link
    created_by    INTEGER REFERENCES users (id),    -- staff on behalf of a family
    created_at    TEXT NOT NULL
) STRICT;
CREATE INDEX booking_groups_by_guardian ON booking_groups (guardian_id);

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
    unanswered_offers  INTEGER NOT NULL DEFAULT 0 CHECK (unanswered_offers >= 0),
    override_by        INTEGER REFERENCES users (id),
    override_reason    TEXT NOT NULL DEFAULT '' CHECK ((override_by IS NULL) = (override_reason = '')),
    ical_sequence      INTEGER NOT NULL DEFAULT 0,
    created_at         TEXT NOT NULL,
    updated_at         TEXT NOT NULL
) STRICT;
CREATE INDEX bookings_by_session ON bookings (session_id, status);
CREATE INDEX bookings_by_group ON bookings (group_id);
CREATE UNIQUE INDEX bookings_one_per_child ON bookings (child_id, session_id)
    WHERE (status = 'waiting' OR status = 'offered' OR status = 'confirmed');
CREATE UNIQUE INDEX bookings_one_per_guest ON bookings (guest_key)
    WHERE guest_key IS NOT NULL AND (status = 'waiting' OR status = 'offered' OR status = 'confirmed');

-- A freed seat kept for one waiting child until expires_at.
CREATE TABLE offers (
    id          INTEGER PRIMARY KEY,
    booking_id  INTEGER NOT NULL REFERENCES bookings (id),
    made_at     TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    outcome     TEXT CHECK (outcome IN ('accepted', 'declined', 'expired', 'withdrawn')),
    ended_at    TEXT CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE UNIQUE INDEX offers_one_live ON offers (booking_id) WHERE outcome IS NULL;
CREATE INDEX offers_by_expiry ON offers (expires_at) WHERE outcome IS NULL;
CREATE INDEX offers_by_booking ON offers (booking_id);

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

-- The journal of the register. The state of a participant is the fold of its entries.
CREATE TABLE marks (
    id              INTEGER PRIMARY KEY,
    entry_key       TEXT NOT NULL UNIQUE,           -- made by the client, so that sending twice is harmless
    participant_id  INTEGER NOT NULL REFERENCES participants (id),
    action          TEXT NOT NULL CHECK (action IN ('present', 'late', 'absent', 'excused', 'left', 'undo')),
    undoes          TEXT CHECK ((action = 'undo') = (undoes IS NOT NULL)),      -- entry_key of what is undone
    at              TEXT NOT NULL,                  -- when it happened
    recorded_at     TEXT NOT NULL,                  -- when we learnt of it
    author_id       INTEGER NOT NULL REFERENCES users (id)
) STRICT;
CREATE INDEX marks_by_participant ON marks (participant_id);

-- A child took part. No name here: the public page joins the child, or shows none once erased.
CREATE TABLE certificates (
    id              INTEGER PRIMARY KEY,
    participant_id  INTEGER NOT NULL UNIQUE REFERENCES participants (id),
    year            INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    code            TEXT NOT NULL UNIQUE,
    issued_at       TEXT NOT NULL,
    issued_by       INTEGER REFERENCES users (id),  -- NULL: by a command
    revoked_at      TEXT,
    UNIQUE (year, number)
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
    funding          TEXT NOT NULL CHECK (funding IN ('own', 'pass_culture', 'cite_educative', 'free', 'unknown')),
    adage_reference  TEXT NOT NULL DEFAULT '',
    message          TEXT NOT NULL DEFAULT '',
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

-- What was paid on invoices. Append-only: a mistake is corrected by a row that reverses it.
CREATE TABLE payments (
    id           INTEGER PRIMARY KEY,
    invoice_id   INTEGER NOT NULL REFERENCES invoices (id),
    cents        INTEGER NOT NULL CHECK (cents <> 0),               -- negative: a reversal
    mode         TEXT NOT NULL CHECK (mode IN ('transfer', 'cheque', 'cash', 'pass_culture', 'other')),
    reference    TEXT NOT NULL DEFAULT '',
    received_on  TEXT NOT NULL,                     -- a day
    reverses     INTEGER UNIQUE REFERENCES payments (id) CHECK ((cents < 0) = (reverses IS NOT NULL)),
    recorded_by  INTEGER NOT NULL REFERENCES users (id),
    recorded_at  TEXT NOT NULL
) STRICT;
CREATE INDEX payments_by_invoice ON payments (invoice_id);

CREATE TRIGGER payments_never_change BEFORE UPDATE ON payments
BEGIN
    SELECT RAISE(ABORT, 'payments never change');
END;

CREATE TRIGGER payments_never_vanish BEFORE DELETE ON payments
BEGIN
    SELECT RAISE(ABORT, 'payments never vanish');
END;

PRAGMA user_version = 1;
