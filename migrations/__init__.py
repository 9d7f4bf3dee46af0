"""The database's history, one file a step; `bot.store` applies what is missing when it opens a database."""
