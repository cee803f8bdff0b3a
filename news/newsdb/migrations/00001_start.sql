-- Times are milliseconds of Unix time in UTC, 0 for none. Digests are 16
-- bytes. The words in braces differ between SQLite and PostgreSQL: kit/sqlkit
-- fills them in.

-- +goose Up
CREATE TABLE title (
    id       {id},
    slug     TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    home     TEXT NOT NULL,
    country  TEXT NOT NULL,
    language TEXT NOT NULL,
    section  TEXT NOT NULL,
    owner    TEXT NOT NULL,
    list     TEXT NOT NULL,
    colour   TEXT NOT NULL,
    show     TEXT NOT NULL,
    pages    BOOLEAN NOT NULL
);

CREATE TABLE feed (
    id            {id},
    title_id      BIGINT NOT NULL REFERENCES title (id),
    kind          TEXT NOT NULL,
    url           TEXT NOT NULL UNIQUE,
    section       TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    cookie        TEXT NOT NULL,
    header        TEXT NOT NULL, -- JSON object, '' for none
    status        TEXT NOT NULL,
    checked       BIGINT NOT NULL DEFAULT 0,
    changed       BIGINT NOT NULL DEFAULT 0,
    etag          {bytes} NOT NULL DEFAULT '', -- bytes, because a header need not be UTF-8
    last_modified {bytes} NOT NULL DEFAULT '',
    body          TEXT NOT NULL DEFAULT '',
    pace          BIGINT NOT NULL DEFAULT 0, -- milliseconds
    skip          BIGINT NOT NULL DEFAULT 0,
    reason        TEXT NOT NULL DEFAULT '',
    failures      BIGINT NOT NULL DEFAULT 0,
    error         TEXT NOT NULL DEFAULT '',
    http_status   BIGINT NOT NULL DEFAULT 0,
    format        TEXT NOT NULL DEFAULT '',
    mended        TEXT NOT NULL DEFAULT '',
    move_to       TEXT NOT NULL DEFAULT '',
    move_seen     BIGINT NOT NULL DEFAULT 0,
    move_first    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX feed_title ON feed (title_id);

CREATE TABLE subscription (
    feed_id   {key} PRIMARY KEY REFERENCES feed (id),
    hub       TEXT NOT NULL,
    topic     TEXT NOT NULL,
    token     TEXT NOT NULL UNIQUE,
    secret    TEXT NOT NULL,
    state     TEXT NOT NULL,
    expires   BIGINT NOT NULL,
    renew     BIGINT NOT NULL,
    error     TEXT NOT NULL
);

-- One line of work a host. While a host is leased, token is not 0 and due is
-- when the lease lapses; else due is when its first work is due, but not
-- before free.
CREATE TABLE host (
    name  TEXT PRIMARY KEY,
    due   BIGINT NOT NULL,
    free  BIGINT NOT NULL,
    token BIGINT NOT NULL
);
CREATE INDEX host_due ON host (due);

CREATE TABLE work (
    id    {id},
    host  TEXT NOT NULL,
    kind  TEXT NOT NULL,
    ref   BIGINT NOT NULL, -- article.id of a page, else feed.id
    due   BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    UNIQUE (kind, ref)
);
CREATE INDEX work_host ON work (host, due);

CREATE TABLE article (
    id              {id},
    title_id        BIGINT NOT NULL REFERENCES title (id),
    status          TEXT NOT NULL,
    listed          BIGINT NOT NULL, -- 2 everywhere, 1 a copy of another title's, 0 nowhere
    section         TEXT NOT NULL,
    address         TEXT NOT NULL,
    headline        TEXT NOT NULL,
    standfirst      TEXT NOT NULL,
    byline          TEXT NOT NULL,
    language        TEXT NOT NULL,
    picture_url     TEXT NOT NULL,
    picture_alt     TEXT NOT NULL,
    picture_caption TEXT NOT NULL,
    picture_credit  TEXT NOT NULL,
    published       BIGINT NOT NULL,
    updated         BIGINT NOT NULL,
    first_seen      BIGINT NOT NULL,
    revised         BIGINT NOT NULL,
    notice          TEXT NOT NULL,
    words           BIGINT NOT NULL,
    copy_of         BIGINT NOT NULL,
    address_print   {bytes} NOT NULL,
    headline_print  {bytes} NOT NULL,
    item_feed       BIGINT NOT NULL, -- the item that says what the article shows
    item_key        {bytes} NOT NULL,
    paged           BOOLEAN NOT NULL -- its body came from its page
);
CREATE INDEX article_list ON article (listed, published, id);
CREATE INDEX article_section ON article (section, listed, published, id);
CREATE INDEX article_title ON article (title_id, published, id) WHERE listed > 0;
CREATE INDEX article_address ON article (title_id, address_print);
CREATE INDEX article_copy ON article (copy_of) WHERE copy_of <> 0;

CREATE TABLE article_body (
    article_id {key} PRIMARY KEY REFERENCES article (id),
    body       TEXT NOT NULL
);

-- What each feed is known to carry. content is zero once it was withdrawn.
CREATE TABLE item (
    feed_id    BIGINT NOT NULL REFERENCES feed (id),
    key        {bytes} NOT NULL,
    content    {bytes} NOT NULL,
    article_id BIGINT NOT NULL,
    PRIMARY KEY (feed_id, key)
) {clustered};

-- Under what a recent article is looked up for being the same as another: its
-- normalised headline within its title, and the bands of its body.
CREATE TABLE clue (
    hash       BIGINT NOT NULL,
    article_id BIGINT NOT NULL,
    seen       BIGINT NOT NULL, -- first_seen of the article
    PRIMARY KEY (hash, article_id)
) {clustered};
CREATE INDEX clue_article ON clue (article_id);

-- The pictures of articles that were taken down, by the digest of their
-- address: they are not shown any more.
CREATE TABLE withheld (
    picture {bytes} PRIMARY KEY
);

-- +goose Down
DROP TABLE withheld;
DROP TABLE clue;
DROP TABLE item;
DROP TABLE article_body;
DROP TABLE article;
DROP TABLE work;
DROP TABLE host;
DROP TABLE subscription;
DROP TABLE feed;
DROP TABLE title;
