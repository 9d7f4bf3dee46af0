"""The poet: knows poems; knows nothing of chat, people or databases."""
