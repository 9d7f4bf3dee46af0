"""One plain async function for each thing a person can do. No discord, no SQL and no torch in here."""
