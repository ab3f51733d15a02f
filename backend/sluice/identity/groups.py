"""Which groups a user is in; they stand in the tokens, as Cognito's do."""

from sluice.adapters.local.database import Database


class Groups:
    """Names of groups by user. Every write is durable when it returns; a deleted account is in none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: str) -> list[str]:
        """The groups that this user is in, by name."""
        rows = self._database.rows("SELECT name FROM memberships WHERE user_id = ? ORDER BY name", (user_id,))
        return [row["name"] for row in rows]

    def members(self, name: str) -> list[str]:
        """The ids of those who are in this group, by e-mail address."""
        sql = "SELECT id FROM memberships JOIN users ON id = user_id WHERE name = ? ORDER BY email"
        return [row["id"] for row in self._database.rows(sql, (name,))]

    def join(self, user_id: str, name: str) -> None:
        """This account is in the group; fine if it was before. Conflict if there is no such account."""
        sql = "INSERT INTO memberships VALUES (?, ?) ON CONFLICT DO NOTHING"
        self._database.execute(sql, (user_id, name))

    def leave(self, user_id: str, name: str) -> None:
        """They are not in the group; fine if they were not before."""
        self._database.execute("DELETE FROM memberships WHERE user_id = ? AND name = ?", (user_id, name))
