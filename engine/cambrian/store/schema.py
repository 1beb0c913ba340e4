"""Schema version 1 of `run.db`. Once released it never changes: later versions are steps in `migrations.py`.

Conventions: times are UTC ISO text; JSON columns are text; `individuals.id` is the individual's number + 1,
and every `individual_id` and `parent_id` is such an id. NaN cannot be stored (SQLite makes it NULL): the
state beside it says what happened. Infinities survive in plain number columns.
"""

from __future__ import annotations

APPLICATION_ID = 0x43414D42  # "CAMB": `file run.db` and other programs can tell whose database it is

TABLES = (
    """CREATE TABLE run (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    heartbeat TEXT NOT NULL,
    created TEXT NOT NULL,
    started TEXT,
    finished TEXT,
    seed INTEGER NOT NULL,
    champion INTEGER,  -- number of the individual that was chosen
    versions TEXT NOT NULL,  -- JSON
    experiment TEXT NOT NULL,  -- TOML
    resolved TEXT,  -- JSON
    baselines TEXT,  -- JSON
    stop TEXT CHECK (stop IN ('stop', 'stop-now')),  -- what the user asked for; NULL: nothing
    search TEXT,  -- JSON: the search's figures over all executions; "ended": why, null while it goes on
    repeats TEXT,  -- JSON: numbers of the finalists that train again; NULL until they are chosen
    choice TEXT,  -- JSON: the champion's lanes and values; NULL until it is chosen
    test_looks INTEGER NOT NULL DEFAULT 0,  -- how often the test part was scored, or was about to be
    result TEXT,  -- JSON
    error TEXT,
    used_seconds REAL NOT NULL DEFAULT 0  -- running time over all executions
)""",
    """CREATE TABLE objectives (
    position INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL CHECK (direction IN ('minimize', 'maximize'))
)""",
    """CREATE TABLE generations (
    id INTEGER PRIMARY KEY NOT NULL,  -- the generation's number
    state TEXT NOT NULL CHECK (state IN ('asked', 'complete')),
    started TEXT NOT NULL,
    finished TEXT,
    strategy TEXT  -- JSON; NULL once a later generation holds the state
)""",
    """CREATE TABLE individuals (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = number + 1),
    number INTEGER NOT NULL UNIQUE,
    generation INTEGER NOT NULL REFERENCES generations(id),
    genome TEXT NOT NULL,  -- JSON
    key TEXT NOT NULL,
    species TEXT NOT NULL,
    operator TEXT NOT NULL,
    changed TEXT NOT NULL,  -- JSON: [{"gene", "before", "after"}]
    rung INTEGER,  -- NULL until the generation is complete; -1: reached none
    rank INTEGER
)""",
    """CREATE TABLE parents (
    individual_id INTEGER NOT NULL REFERENCES individuals(id),
    position INTEGER NOT NULL,  -- 0: the better parent
    parent_id INTEGER NOT NULL REFERENCES individuals(id),
    PRIMARY KEY (individual_id, position)
) WITHOUT ROWID""",
    """CREATE TABLE fitness (
    individual_id INTEGER NOT NULL REFERENCES individuals(id),
    objective TEXT NOT NULL REFERENCES objectives(name),
    value REAL,  -- NULL: not a finite number
    PRIMARY KEY (individual_id, objective)
) WITHOUT ROWID""",
    """CREATE TABLE evaluations (
    id INTEGER PRIMARY KEY NOT NULL,
    individual_id INTEGER NOT NULL REFERENCES individuals(id),
    fold INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    error TEXT,
    attempt INTEGER NOT NULL,
    pack TEXT,
    rung INTEGER NOT NULL,
    epochs INTEGER NOT NULL,
    best_epoch INTEGER NOT NULL,
    seconds REAL NOT NULL,
    predicted_bytes INTEGER,
    measured_bytes INTEGER,
    metrics TEXT NOT NULL,  -- JSON
    UNIQUE (individual_id, fold, seed)
)""",
    """CREATE TABLE rungs (
    evaluation_id INTEGER NOT NULL REFERENCES evaluations(id),
    rung INTEGER NOT NULL,
    "values" TEXT NOT NULL,  -- JSON
    epochs INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (evaluation_id, rung)
) WITHOUT ROWID""",
    """CREATE TABLE epochs (
    evaluation_id INTEGER NOT NULL REFERENCES evaluations(id),
    epoch INTEGER NOT NULL,  -- from 1
    train_loss REAL,
    validation_loss REAL,
    learning_rate REAL,
    seconds REAL,
    PRIMARY KEY (evaluation_id, epoch)
)""",
    """CREATE TABLE events (
    id INTEGER PRIMARY KEY NOT NULL,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT NOT NULL  -- JSON
)""",
    """CREATE TABLE workers (
    worker INTEGER PRIMARY KEY NOT NULL,
    pid INTEGER,
    device TEXT NOT NULL,
    state TEXT NOT NULL,
    job TEXT,
    busy_seconds REAL NOT NULL,
    started TEXT NOT NULL,
    updated TEXT NOT NULL
)""",
)

INDICES = (
    "CREATE INDEX individuals_by_generation ON individuals(generation)",
    "CREATE INDEX individuals_by_key ON individuals(key)",
    "CREATE INDEX parents_by_parent ON parents(parent_id)",
)

# SQLite keeps a view word for word; a database whose views differ is a stranger's (connection.py).
VIEWS = {
    "leaderboard": """CREATE VIEW leaderboard AS
SELECT
    row_number() OVER (
        ORDER BY
            individuals.rung DESC,
            CASE objectives.direction WHEN 'minimize' THEN fitness.value ELSE -fitness.value END,
            individuals.number
    ) AS place,
    individuals.number AS individual,
    individuals.generation,
    individuals.rung,
    objectives.name AS objective,
    fitness.value,
    individuals.species,
    individuals.operator,
    individuals.key,
    individuals.genome
FROM individuals
JOIN objectives ON objectives.position = 0
JOIN fitness ON fitness.individual_id = individuals.id AND fitness.objective = objectives.name
WHERE fitness.value IS NOT NULL
ORDER BY place""",
    "best_per_generation": """CREATE VIEW best_per_generation AS
SELECT generation, individual, rung, objective, value, place, species, operator, key, genome
FROM (SELECT *, row_number() OVER (PARTITION BY generation ORDER BY place) AS nth FROM leaderboard)
WHERE nth = 1
ORDER BY generation""",
    # UNION without a depth column visits every ancestor once, however many ways lead to it
    "lineage": """CREATE VIEW lineage AS
WITH RECURSIVE ancestors(id) AS (
    SELECT coalesce(
        (SELECT champion + 1 FROM run),
        (SELECT individual + 1 FROM leaderboard WHERE place = 1)
    )
    UNION
    SELECT parents.parent_id FROM ancestors JOIN parents ON parents.individual_id = ancestors.id
)
SELECT
    individuals.number AS individual,
    individuals.generation,
    individuals.operator,
    individuals.species,
    (
        SELECT group_concat(parent_id - 1, ' ')
        FROM (SELECT parent_id FROM parents WHERE individual_id = individuals.id ORDER BY position)
    ) AS parents,
    individuals.changed,
    (
        SELECT value FROM fitness
        JOIN objectives ON objectives.name = fitness.objective AND objectives.position = 0
        WHERE individual_id = individuals.id
    ) AS value,
    individuals.key
FROM ancestors JOIN individuals ON individuals.id = ancestors.id
ORDER BY individuals.number DESC""",
}
